#include <random>
#include <string>
#include <vector>

#include <qeval/io/tokenizer/algorithm/sentencepiece_bpe.hpp>
#include <qeval/io/tokenizer/algorithm/word_cutter.hpp>

#include "tests/support/catch.hpp"

using namespace qeval;

namespace {

std::string const space = "\xe2\x96\x81";

std::vector<std::string> cut(word_cutter const& cutter, std::string const& text) {
    std::vector<std::string> out;
    cutter(text, [&](std::string_view part) { out.emplace_back(part); });
    return out;
}

} // namespace

TEST_CASE("a text is cut before spaces that no piece crosses") {
    word_cutter cutter;
    for (auto const& piece : std::vector<std::string>{space, space + space, "a", space + "a", "." + space})
        cutter.learn(piece);
    CHECK(cut(cutter, "a" + space + "b" + space + space + "c") ==
          std::vector<std::string>{"a", space + "b", space + space + "c"});
    CHECK(cut(cutter, "a." + space + "b") == std::vector<std::string>{"a." + space + "b"});
    CHECK(cut(cutter, "\xc3\xa9" + space) == std::vector<std::string>{"\xc3\xa9", space});
    cutter.disable();
    CHECK(cut(cutter, "a" + space + "b").size() == 1);
}

TEST_CASE("without a piece for the space itself nothing is cut") {
    word_cutter cutter;
    cutter.learn(space + "a");
    CHECK(cut(cutter, "b" + space + "a") == std::vector<std::string>{"b" + space + "a"});
}

TEST_CASE("the parts of a cut text give the tokens of the whole") {
    std::mt19937 random(5);
    for (int round = 0; round < 2000; ++round) {
        vocabulary               words("test");
        std::vector<float>       scores;
        std::vector<std::string> letters{space, "a", "b", "."};
        auto const               add = [&](std::string const& text, piece_kind kind) {
            if (words.find(text)) return;
            words.add(static_cast<std::int64_t>(words.size()), text, kind);
            scores.push_back(static_cast<float>(random() % 9));
        };
        add("<unk>", piece_kind::unknown);
        for (auto const& l : letters) add(l, piece_kind::normal);
        for (int n = 0; n < 10; ++n) {
            std::string text;
            for (auto k = 2 + random() % 3; k > 0; --k) text += letters[random() % letters.size()];
            add(text, piece_kind::normal);
        }
        sentencepiece_bpe const model(words, scores, 0);
        std::string             text;
        for (auto k = random() % 40; k > 0; --k)
            text += random() % 8 == 0 ? std::string("\xc3\xa9") : letters[random() % letters.size()];
        std::vector<token> whole;
        std::vector<token> parts;
        bpe_scratch        scratch;
        model.encode(text, whole, scratch);
        model.cutter()(text, [&](std::string_view part) { model.encode(part, parts, scratch); });
        REQUIRE(parts == whole);
    }
}
