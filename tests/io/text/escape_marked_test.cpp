// Marks keep to the characters that they were put on, wherever escaping moves these.
#include <string>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/io/text/escape_marked.hpp>

TEST_CASE("a text escaped in parts is the text escaped whole, and marks are on the same characters") {
    std::string const text = "\xff<a>\xc3<b>\xe4\xb8\x96\x80";
    for (auto const& marks : {std::vector<qeval::text_range>{}, {{1, 4}}, {{1, 4}, {5, 8}}, {{0, text.size()}}}) {
        std::string escaped;
        auto const  moved = qeval::escape_marked(text, marks, escaped);
        CHECK(escaped == qeval::escape_bytes(text));
        REQUIRE(moved.size() == marks.size());
        for (std::size_t i = 0; i < marks.size(); ++i) {
            auto const was = text.substr(marks[i].begin, marks[i].end - marks[i].begin);
            CHECK(escaped.substr(moved[i].begin, moved[i].end - moved[i].begin) == qeval::escape_bytes(was));
        }
    }
}
