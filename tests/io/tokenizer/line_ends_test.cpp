// Tokenizers whose words end with lines: what follows a line break has the same tokens behind every text.
// Also tests ../text/line_end.hpp.
#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/random.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

#include "tests/io/tokenizer/real_tokenizers.hpp"
#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval_test;

namespace {

// Parts of texts that tokenizers treat in ways of their own: runs of white space, marks before line breaks, numbers,
// scripts without spaces, characters that compose, spellings of special tokens.
constexpr std::string_view parts[] = {"\n",
                                      "\n\n",
                                      "\n \n",
                                      " ",
                                      "  ",
                                      "   ",
                                      "\t",
                                      "\r\n",
                                      "\xc2\xa0",
                                      "A",
                                      "b",
                                      "word",
                                      " the",
                                      "Answer:",
                                      "'s",
                                      "'LL",
                                      "1",
                                      "23",
                                      "456",
                                      "7890",
                                      ".",
                                      "...",
                                      "?!",
                                      "_",
                                      "{",
                                      "\xc3\xa9",
                                      "e\xcc\x81",
                                      "\xe4\xbd\xa0\xe5\xa5\xbd",
                                      "\xed\x95\x9c",
                                      "\xf0\x9f\x98\x80",
                                      "\xe2\x96\x81",
                                      "<s>",
                                      "</s>",
                                      "<|endoftext|>",
                                      "<0x0A>",
                                      "\xc4\x8a",
                                      "-",
                                      "$",
                                      "\xcf\x83",
                                      "\xc4\xb0"};

using further_parts = std::span<qeval::added_token const>;

std::string text_of(qeval::random_stream const& draws, std::uint64_t& at, std::uint64_t most, further_parts further) {
    std::string text;
    for (std::uint64_t n = draws.below(most, at++) + 1; n > 0; --n) {
        auto const one = draws.below(std::size(parts) + std::min<std::size_t>(further.size(), 20), at++);
        if (one < std::size(parts))
            text += parts[one];
        else
            text += further[draws.below(further.size(), at++)].content;
    }
    return text;
}
// A text that ends with a letter or digit, and one that begins with a line break.
std::pair<std::string, std::string> two_texts(qeval::random_stream const& draws, std::uint64_t& at,
                                              further_parts further = {}) {
    constexpr std::string_view ends = "Az09";
    std::string const          u    = text_of(draws, at, 12, further) + ends[draws.below(ends.size(), at++)];
    return {u, "\n" + text_of(draws, at, 12, further)};
}
// Places of a text, in order and apart.
std::vector<qeval::text_range> marks_of(std::string const& text, qeval::random_stream const& draws, std::uint64_t& at) {
    std::vector<qeval::text_range> marks;
    for (std::size_t from = draws.below(8, at++); from < text.size(); from += draws.below(8, at++)) {
        marks.push_back({from, std::min(text.size(), from + 1 + draws.below(30, at++))});
        from = marks.back().end + 1;
    }
    return marks;
}

} // namespace

TEST_CASE("where words end with lines, what follows a line end has the same tokens behind every text") {
    std::size_t known = 0;
    for (auto const& path : real_tokenizers()) {
        INFO(path);
        if (!std::filesystem::exists(path)) continue;
        auto const words = qeval::load_tokenizer(path);
        CHECK(words.ends_words_with_lines()); // all of these
        if (!words.ends_words_with_lines()) continue;
        ++known;
        qeval::random_stream const draws(11);
        std::size_t                wrong = 0;
        for (std::uint64_t at = 0, trial = 0; trial < 3000; ++trial) {
            auto const [u, v] = two_texts(draws, at);
            auto       joined = words.encode(u);
            auto const alone = words.encode("A"), behind = words.encode("A" + v);
            joined.insert(joined.end(), behind.begin() + std::ptrdiff_t(alone.size()), behind.end());
            wrong += joined != words.encode(u + v);
        }
        CHECK(wrong == 0);
    }
    CHECK(known > 0);
}

TEST_CASE("where marked words end with lines, so do those of texts whose special tokens are tokens") {
    std::size_t known = 0, found = 0;
    for (auto const& path : real_tokenizers()) {
        INFO(path);
        if (!std::filesystem::exists(path)) continue;
        auto const words = qeval::load_tokenizer(path);
        if (!words.ends_marked_words_with_lines()) continue;
        ++known;
        qeval::random_stream const draws(13);
        std::size_t                wrong = 0;
        for (std::uint64_t at = 0, trial = 0; trial < 3000; ++trial) {
            auto const [u, v] = two_texts(draws, at, words.parts().added);
            auto marks        = marks_of(u, draws, at);
            auto behind       = marks_of(v, draws, at);
            auto joined       = words.encode_marked(u, marks);
            for (auto const& r : behind) marks.push_back({u.size() + r.begin, u.size() + r.end});
            for (auto& r : behind) ++r.begin, ++r.end;
            auto const anchor = words.encode("A"), next = words.encode_marked("A" + v, behind);
            joined.insert(joined.end(), next.begin() + std::ptrdiff_t(anchor.size()), next.end());
            auto const whole = words.encode_marked(u + v, marks);
            wrong += joined != whole;
            found += whole != words.encode(u + v);
        }
        CHECK(wrong == 0);
    }
    CHECK(known > 0);
    CHECK(found > 100 * known); // special tokens were met
}

// Each pattern alone, behind no other step: what the table claims of it.
TEST_CASE("patterns that cut at line ends leave no piece with both sides, and all known ones treat the sides apart") {
    std::size_t known = 0;
    for (auto const& rule : qeval::bpe_pattern_rules) {
        for (auto const pattern : rule.patterns) {
            if (pattern.empty()) continue;
            INFO(pattern);
            qeval::pretokenizer alone;
            alone.steps.push_back(qeval::split_step{
                std::make_shared<qeval::regex const>(pattern, "test", qeval::regex_syntax::oniguruma)});
            auto const pieces = [&](std::string_view text) {
                auto const               cut = alone(text, true);
                std::vector<std::string> all;
                for (std::size_t i = 0; i < cut.ranges.size(); ++i) all.emplace_back(cut[i]);
                return all;
            };
            auto const rule_of = qeval::at_line_end(pattern);
            if (rule_of == qeval::line_end_rule::unknown) continue;
            ++known;
            qeval::random_stream const draws(12);
            std::size_t                wrong = 0;
            for (std::uint64_t at = 0, trial = 0; trial < 3000; ++trial) {
                auto const [u, v] = two_texts(draws, at);
                auto       apart  = pieces(u);
                auto const right = pieces(v), whole = pieces(u + v);
                auto       joined = apart; // the last of u and the first of v as one piece
                joined.back() += right.front();
                joined.insert(joined.end(), right.begin() + 1, right.end());
                apart.insert(apart.end(), right.begin(), right.end());
                wrong += whole != apart && (rule_of == qeval::line_end_rule::cuts || whole != joined);
            }
            CHECK(wrong == 0);
        }
    }
    CHECK(known > 20);
    CHECK(qeval::at_line_end(R"(\w+\n?)") == qeval::line_end_rule::unknown);
}

TEST_CASE("a tokenizer whose words may reach over a line end does not say that they end there") {
    auto const made = [](std::string const& pre_tokenizer, std::string const& vocabulary, std::string const& merges,
                         std::string const& added = "[]") {
        auto const json = R"({"added_tokens": )" + added + R"(, "pre_tokenizer": )" + pre_tokenizer +
                          R"(, "model": {"type": "BPE", "unk_token": "?", "vocab": )" + vocabulary + R"(, "merges": )" +
                          merges + "}}";
        return qeval::tokenizer(qeval::read_tokenizer_json(json, "test"));
    };
    auto const with  = [&](auto const&... what) { return made(what...).ends_words_with_lines(); };
    auto const split = [](std::string const& regex, std::string const& behavior = "Isolated") {
        return R"({"type": "Split", "pattern": {"Regex": ")" + regex + R"("}, "behavior": ")" + behavior +
               R"(", "invert": false})";
    };
    std::string const plain  = R"({"?": 0, "a": 1, "\n": 2, "b": 3})";
    auto const        marked = [&](std::string const& added_tokens) {
        return made("null", plain, "[]", added_tokens).ends_marked_words_with_lines();
    };
    CHECK(with("null", plain, "[]"));
    CHECK(with(split(R"([\\r\\n])"), plain, "[]"));
    CHECK(with(split(R"([\\r\\n])"), R"({"?": 0, "a": 1, "b": 2})", "[]")); // cut before anything is unknown
    CHECK(!with(split(R"(\\w+)"), plain, "[]"));                            // a pattern that nobody has looked at
    CHECK(!with(split(R"([\\r\\n])", "MergedWithPrevious"), plain, "[]"));
    CHECK(!with("null", R"({"?": 0, "a": 1, "b": 2})", "[]")); // a and a line break may be one unknown token
    CHECK(!with("null", R"({"?": 0, "a": 1, "\n": 2, "a\n": 3})", R"(["a \n"])"));
    auto const added = [](std::string const& content, bool special = false) {
        return R"([{"id": 9, "content": ")" + content + R"(", "special": )" + (special ? "true" : "false") +
               R"(, "normalized": false, "rstrip": true}])";
    };
    CHECK(!with("null", plain, "[]", added(R"(ab)")));
    CHECK(with("null", plain, "[]", added(R"(ab)", true)));
    CHECK(!with("null", plain, "[]", added(R"(a\nb>)", true)));
    CHECK(with("null", plain, "[]", added(R"(<b>)")));
    CHECK(with("null", plain, "[]", added(R"(\n\n)")));
    CHECK(marked(added(R"(<b>)", true)));
    CHECK(!marked(added(R"(ab)", true))); // with it a text may end in a token
    CHECK(!marked(added(R"(a\nb>)", true)));
    CHECK(!marked(R"([{"id": 9, "content": "<b>", "special": true, "normalized": true}])"));
}
