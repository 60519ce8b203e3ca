// Also tests ../vocabulary/vocabulary.hpp.
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <qeval/io/tokenizer/algorithm/sentencepiece_bpe.hpp>

#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

struct piece {
    std::string text;
    float       score = 0;
    piece_kind  kind  = piece_kind::normal;
};

struct built {
    vocabulary        words{"test"};
    sentencepiece_bpe model;
};

built build(std::vector<piece> const& pieces, token unknown) {
    built              b;
    std::vector<float> scores;
    for (auto const& p : pieces) {
        b.words.add(static_cast<std::int64_t>(scores.size()), p.text, p.kind);
        scores.push_back(p.score);
    }
    b.model = sentencepiece_bpe(b.words, scores, unknown);
    return b;
}

std::vector<token> encoded(sentencepiece_bpe const& model, std::string_view text, bool escaped = false) {
    std::vector<token> out;
    bpe_scratch        scratch;
    scratch.escaped = escaped;
    model.encode(text, out, scratch);
    return out;
}

// The definition, on one-byte characters: join the neighbours whose joined text scores highest until none is a piece.
std::vector<std::string> joined_naively(std::string const& text, std::map<std::string, float> const& scores) {
    std::vector<std::string> parts;
    for (char const c : text) parts.emplace_back(1, c);
    for (;;) {
        auto        best = scores.end();
        std::size_t at   = 0;
        for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
            auto const it = scores.find(parts[i] + parts[i + 1]);
            if (it != scores.end() && (best == scores.end() || it->second > best->second)) {
                best = it;
                at   = i;
            }
        }
        if (best == scores.end()) return parts;
        parts[at] = best->first;
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
}

std::vector<piece> with_bytes(std::vector<piece> pieces) {
    for (unsigned b = 0; b < 256; ++b)
        pieces.push_back({byte_piece(static_cast<unsigned char>(b)), 0, piece_kind::byte});
    return pieces;
}

} // namespace

TEST_CASE("joining by score gives what the definition gives, equal and signed-zero scores included") {
    std::mt19937 random(3);
    for (int round = 0; round < 2000; ++round) {
        std::vector<piece>           pieces{{"<unk>", 0, piece_kind::unknown}};
        std::map<std::string, float> scores;
        for (char c = 'a'; c <= 'c'; ++c) {
            pieces.push_back({std::string(1, c), -100});
            scores[pieces.back().text] = -100;
        }
        for (int n = 0; n < 15; ++n) {
            std::string text;
            for (auto k = 2 + random() % 4; k > 0; --k) text += static_cast<char>('a' + random() % 3);
            float const choices[] = {0.0F, -0.0F, -1.5F, 2.5F, -1e30F, 7.0F};
            float const score     = choices[random() % 6];
            if (scores.emplace(text, score).second) pieces.push_back({text, score});
        }
        auto const  b = build(pieces, 0);
        std::string text;
        for (auto k = random() % 40; k > 0; --k) text += static_cast<char>('a' + random() % 3);
        std::vector<token> want;
        for (auto const& part : joined_naively(text, scores)) want.push_back(*b.words.find(part));
        REQUIRE(encoded(b.model, text) == want);
    }
}

TEST_CASE("an unknown character becomes its bytes, or one unknown token for a run of them") {
    auto const bytes = build(with_bytes({{"<unk>", 0, piece_kind::unknown}, {"a"}}), 0);
    CHECK(encoded(bytes.model, "a\xc3\xa9") == std::vector<token>{1, 2 + 0xc3, 2 + 0xa9});
    CHECK(encoded(bytes.model,
                  escape_bytes("\xff"
                               "a"),
                  true) == std::vector<token>{2 + 0xff, 1});
    auto const unknown = build({{"<unk>", 0, piece_kind::unknown}, {"a"}}, 0);
    CHECK(encoded(unknown.model, "\xc3\xa9xya\xe4\xb8\x96") == std::vector<token>{0, 1, 0});
    CHECK(encoded(unknown.model, "").empty());
}

TEST_CASE("an unused piece helps joining but is taken apart in the result") {
    auto const b = build(
        {{"<unk>", 0, piece_kind::unknown}, {"a"}, {"b"}, {"c"}, {"ab", 3, piece_kind::unused}, {"abc", 2}, {"ba", 1}},
        0);
    CHECK(encoded(b.model, "abc") == std::vector<token>{5});
    CHECK(encoded(b.model, "aba") == std::vector<token>{1, 2, 1});
}

TEST_CASE("control, unknown and byte pieces never come from text") {
    auto const b = build(with_bytes({{"<unk>", 9, piece_kind::unknown},
                                     {"s", 9, piece_kind::control},
                                     {"<"},
                                     {"0"},
                                     {"x"},
                                     {"A"},
                                     {">"},
                                     {"<0"}}),
                         0);
    for (token const id : encoded(b.model, "s<0x0A>s"))
        CHECK((id == 2 || id == 7 || (id >= 3 && id <= 6) || id == 8 + 's'));
}

TEST_CASE("TK08: byte pieces that are not all there, or are misspelt, are refused") {
    CHECK(error_id([] { build({{"<unk>", 0, piece_kind::unknown}, {"<0x00>", 0, piece_kind::byte}}, 0); }) == "TK08");
    CHECK(error_id([] { build({{"a"}}, -1); }) == "TK08"); // neither bytes nor an unknown piece
    auto pieces        = with_bytes({{"a"}});
    pieces.back().text = "<0xZZ>";
    CHECK_THAT(error_text([&] { build(pieces, -1); }), Catch::StartsWith("error[TK08] test, piece \"<0xZZ>\""));
}

TEST_CASE("scores that are no numbers are refused") {
    CHECK(error_id([] { build({{"a", std::nanf("")}}, 0); }) == "TK09");
    CHECK(error_id([] { build({{"a", std::numeric_limits<float>::infinity()}}, 0); }) == "TK09");
}
