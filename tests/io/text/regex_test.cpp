// Also tests regex_dialect.hpp, oniguruma_sets.hpp.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <tests/golden/every_code_point.hpp>
#include <tests/golden/oniguruma_golden.hpp>

#include <qeval/io/file/sha256.hpp>
#include <qeval/io/text/regex.hpp>
#include <qeval/io/tokenizer/rule/bpe_patterns.hpp>

#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

using ranges = std::vector<std::pair<std::size_t, std::size_t>>;

ranges matches(regex const& r, std::string_view text) {
    ranges      out;
    regex::scan scan(r);
    scan(text, [&](std::size_t begin, std::size_t end) { out.emplace_back(begin, end); });
    return out;
}

} // namespace

TEST_CASE("matches are leftmost, do not overlap, and are counted in bytes") {
    CHECK(matches(regex("a+", "test"), "baaxa") == ranges{{1, 3}, {4, 5}});
    CHECK(matches(regex("\xc3\xa9|x", "test"), "a\xc3\xa9xx\xc3\xa9") == ranges{{1, 3}, {3, 4}, {4, 5}, {5, 7}});
    CHECK(matches(regex("q", "test"), "").empty());
    CHECK(matches(regex("(?<=a)b", "test"), "abb") == ranges{{1, 2}});
}

TEST_CASE("character classes follow Unicode") {
    CHECK(matches(regex(R"(\p{L}+)", "test"), "\xc3\xa9\xe4\xb8\x96 1") == ranges{{0, 5}});
    CHECK(matches(regex("(?i:k)", "test"), "\xe2\x84\xaa") == ranges{{0, 3}}); // the kelvin sign
}

TEST_CASE("a literal pattern has no special characters") {
    CHECK(matches(regex(".*(", "test", regex_syntax::literal), "a.*(b.*(") == ranges{{1, 4}, {5, 8}});
}

TEST_CASE("text far longer than one window of starts is scanned without a gap") {
    std::string text(300'000, ' ');
    ranges      expected;
    for (std::size_t at = 0; at < text.size(); at += 997) {
        text.replace(at, 2, "\xc3\xa9");
        expected.emplace_back(at, at + 2);
    }
    CHECK(matches(regex("\xc3\xa9", "test"), text) == expected);
}

TEST_CASE("a pattern whose cost is quadratic stops with TK01 instead of running for hours") {
    regex const       r(R"(\s+$)", "pattern.json");
    std::string const text  = std::string(1'000'000, ' ') + "a";
    auto const        start = std::chrono::steady_clock::now();
    auto const        scan  = [&] {
        regex::scan one(r, std::chrono::milliseconds(1));
        one(text, [](std::size_t, std::size_t) {});
    };
    CHECK_THAT(error_text(scan), Catch::StartsWith("error[TK01] pattern.json: found no end after"));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}

TEST_CASE("exponential patterns stop at the match limit") {
    CHECK(error_id([] { matches(regex("(a+)+$", "test"), std::string(64, 'a') + "!"); }) == "TK01");
    CHECK(error_id([] { matches(regex("(a|aa)+$", "test"), std::string(64, 'a') + "!"); }) == "TK01");
    CHECK(error_id([] { matches(regex(R"((x+x+)+[yz])", "test"), std::string(200, 'x')); }) == "TK01");
}

TEST_CASE("recursion without end is refused or stops") {
    auto const id = error_id([] { matches(regex("(?R)?a(?R)?b", "test"), std::string(100, 'a')); });
    CHECK((id.empty() || id == "TK01" || id == "TK02"));
    CHECK(error_id([] { matches(regex("(?R)", "test"), "aaa"); }) == "TK01");
}

TEST_CASE("a match of nothing is an error, since a loop over it would not end") {
    CHECK(error_id([] { matches(regex("a*", "test"), "b"); }) == "TK02");
    CHECK(error_id([] { matches(regex("(?=b)", "test"), "ab"); }) == "TK02");
    CHECK(matches(regex("a*", "test"), "aa") == ranges{{0, 2}});
}

TEST_CASE("an invalid pattern is refused with its place and offset") {
    auto const text = error_text([] { regex("a(b", "file.json, field"); });
    CHECK_THAT(
        text, Catch::StartsWith("error[TK02] file.json, field: found \"a(b\", at byte 3: missing closing parenthesis"));
    CHECK(error_id([] { regex(R"(a\Cb)", "test"); }) == "TK02"); // \C would split a character
    CHECK(error_id([] { regex(std::string(70000, 'a'), "test"); }) == "TK02");
    CHECK(error_id([] { regex(std::string(300, '(') + "a" + std::string(300, ')'), "test"); }) == "TK02");
}

TEST_CASE("the built-in patterns take linear time on a million spaces") {
    for (auto const& rule : bpe_pattern_rules) {
        for (auto const pattern : rule.patterns) {
            if (pattern.empty()) continue;
            INFO(rule.names << ": " << pattern);
            regex const r(pattern, "test", regex_syntax::oniguruma);
            for (std::string const tail : {"", "a", "\n"}) {
                auto const text = std::string(1'000'000, ' ') + tail;
                CHECK(error_id([&] {
                          regex::scan scan(r, std::chrono::seconds(20)); // quadratic time would be minutes
                          scan(text, [](std::size_t, std::size_t) {});
                      }).empty());
            }
        }
    }
}

TEST_CASE("constructs that Oniguruma reads differently are translated or refused") {
    auto const translated = [](std::string_view p) {
        return oniguruma_pattern(p, [](std::string_view name) { return name == "Han"; });
    };
    auto const pcre2 = [&](std::string_view p) { return translated(p).pcre2(); };
    CHECK(pcre2(R"(a\.b|[^a-z\]]{2,3})") == R"(a\.b|[^a-z\]]{2,3})");
    CHECK(pcre2(R"(\h\H)") == "[0-9a-fA-F][^0-9a-fA-F]");
    CHECK(pcre2(R"([\h_])") == "[0-9a-fA-F_]");
    CHECK(pcre2(R"(\u00e9{,4})") == R"(\x{00e9}{0,4})");
    CHECK(pcre2("[]a]") == "[]a]");
    CHECK(pcre2("[[:alpha:]-]") == R"([\p{Alphabetic}-])");
    CHECK(pcre2(R"(\p{^Han}\P{Lu}\p{Emoji})") == R"(\p{^sc:Han}\P{Lu}\p{Emoji})");
    CHECK(pcre2("(?i:a)(?!b)(?<n>c)") == "(?i:a)(?!b)(?<n>c)");
    for (std::string_view const p :
         {"[a[bc]]", "[a&&b]", "(?m:a)", "(?i-m:a)", "(*UCP)a", R"(a\Kb)", R"([\W])", R"(\u12)", "[[:alpha",
          "[[:^alpha:]]", "[[:graph:]]", R"(\pL)", R"(\p{L)", R"(\X)", R"(\V)", R"(\Q.\E)"}) {
        INFO(p);
        CHECK_THROWS_AS(translated(p), regex_dialect_error);
    }
}

TEST_CASE("every class of code points matches what Oniguruma matches, over all of Unicode") {
    std::string const text = every_code_point();
    for (auto const& golden : oniguruma_classes) {
        INFO(golden.pattern);
        std::string found;
        std::size_t count = 0;
        for (auto const& [begin, end] : matches(regex(golden.pattern, "test", regex_syntax::oniguruma), text)) {
            found += std::to_string(begin) + " " + std::to_string(end) + "\n";
            ++count;
        }
        CHECK(count == golden.matches);
        CHECK(sha256_hex(found) == golden.sha256);
    }
}
