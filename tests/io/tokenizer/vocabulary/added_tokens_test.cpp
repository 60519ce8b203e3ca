#include <string>
#include <vector>

#include <qeval/io/tokenizer/vocabulary/added_tokens.hpp>

#include "tests/support/catch.hpp"

using namespace qeval;

namespace {

// Parts as "text" or "[id:text]", one after the other.
std::string split(added_token_set const& set, std::string const& text, bool specials = true) {
    std::string out;
    std::size_t at = 0;
    set.split(
        text, [&](std::size_t, std::size_t) { return specials; },
        [&](std::size_t begin, std::size_t end, token id) {
            CHECK(begin == at);
            CHECK(begin < end);
            auto const part = text.substr(begin, end - begin);
            out += id < 0 ? part : "[" + std::to_string(id) + ":" + part + "]";
            at = end;
        });
    CHECK(at == text.size());
    return out;
}

added_token make(std::string content, token id) {
    added_token t;
    t.content = std::move(content);
    t.id      = id;
    return t;
}

} // namespace

TEST_CASE("the longest added token at the leftmost place counts") {
    added_token_set const set({make("ab", 1), make("abc", 2), make("b", 3), make("cde", 4)});
    CHECK(split(set, "xabcde") == "x[2:abc]de");
    CHECK(split(set, "ababx") == "[1:ab][1:ab]x");
    CHECK(split(set, "") == "");
    CHECK(split(added_token_set(), "abc") == "abc");
}

TEST_CASE("special tokens are text unless asked for, and hide what is inside them") {
    auto end    = make("<end>", 1);
    end.special = true;
    added_token_set const set({end, make("end", 2)});
    CHECK(split(set, "a<end>end") == "a[1:<end>][2:end]");
    CHECK(split(set, "a<end>end", false) == "a<end>[2:end]");
}

TEST_CASE("stripping tokens swallow white space of any kind, once") {
    auto left    = make("<l>", 1);
    left.lstrip  = true;
    auto right   = make("<r>", 2);
    right.rstrip = true;
    added_token_set const set({left, right});
    CHECK(split(set, "a \xe3\x80\x80\n<l> b") == "a[1: \xe3\x80\x80\n<l>] b");
    CHECK(split(set, "a <r> \xc2\xa0"
                     "b") == "a [2:<r> \xc2\xa0]b");
    CHECK(split(set, "<r>  <l>") == "[2:<r>  ][1:<l>]");
    CHECK(split(set, "<l>") == "[1:<l>]");
}

TEST_CASE("single-word tokens stand between characters that make no words") {
    auto word        = make("cat", 1);
    word.single_word = true;
    added_token_set const set({word});
    CHECK(split(set, "cat cats, scat (cat) \xc3\xa9"
                     "cat cat") == "[1:cat] cats, scat ([1:cat]) \xc3\xa9"
                                   "cat [1:cat]");
    CHECK(split(set, "cat_ cat-") == "cat_ [1:cat]-");
}
