#include <qeval/engine/continuation.hpp>

#include "tests/support/catch.hpp"

namespace qeval {
namespace {

// Token t is word t with a space before it; a text's first space is dropped, as SentencePiece does.
struct words {
    [[nodiscard]] static std::string decode(std::span<token const> ids) {
        static char const* const word[] = {" once", " upon", "ab", " a", " time"};
        std::string              text;
        for (token const t : ids) text += word[t];
        return text.empty() || text[0] != ' ' ? text : text.substr(1);
    }
};
// A decoder that joins what stands next to each other, so that a prompt's text is no prefix.
struct folding {
    [[nodiscard]] static std::string decode(std::span<token const> ids) {
        return std::string(ids.size() > 1 ? "<>" : "?") + char('0' + ids.back());
    }
};

} // namespace

TEST_CASE("a continuation keeps the space that begins it") {
    std::vector<token> const prompt{0, 1}, tokens{3, 4};
    CHECK(continuation_text(words{}, prompt, tokens) == " a time");
    CHECK(continuation_text(words{}, std::vector<token>{}, tokens) == "a time");
    CHECK(continuation_text(words{}, prompt, std::vector<token>{2}) == "ab");
    CHECK(continuation_text(words{}, prompt, std::vector<token>{}).empty());
    CHECK(continuation_text(folding{}, prompt, std::vector<token>{7}) == "?7");
}

TEST_CASE("the first stop text in the text ends it, the order of the list aside") {
    CHECK(find_stop("one\n\ntwo", {"two", "\n\n"}) == 3);
    CHECK(find_stop("one", {"two", ""}) == std::string::npos);
    CHECK(find_stop("one", {}) == std::string::npos);
    CHECK(find_stop("one", {"one"}) == 0);
}

} // namespace qeval
