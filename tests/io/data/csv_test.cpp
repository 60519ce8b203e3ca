#include <string>
#include <vector>

#include <qeval/io/data/csv.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;
using fields = std::vector<std::string>;

std::vector<fields> rows(std::string_view text) {
    std::vector<fields> out;
    for (auto const& row : qeval::parse_csv(text, "q.csv")) out.push_back(row.fields);
    return out;
}

} // namespace

TEST_CASE("CSV fields in quotes hold commas, line breaks and doubled quotes") {
    CHECK(rows("a,\"b,c\",\"d\ne\",\"f\"\"g\"\n") == std::vector<fields>{{"a", "b,c", "d\ne", "f\"g"}});
    CHECK(rows("\"\",x,\n") == std::vector<fields>{{"", "x", ""}});
    CHECK(rows("\"a\r\nb\",c\r\n") == std::vector<fields>{{"a\r\nb", "c"}});
}
TEST_CASE("CSV text outside quotes keeps its spaces and quote marks, as the field's readers have it") {
    CHECK(rows(" a , b\"c ,\"d\" e\n") == std::vector<fields>{{" a ", " b\"c ", "d e"}});
}
TEST_CASE("CSV tolerates CRLF, a byte order mark, blank lines and a missing last line break") {
    CHECK(rows("\xef\xbb\xbf"
               "a,b\r\n\r\n\nc,d") == std::vector<fields>{{"a", "b"}, {"c", "d"}});
    CHECK(rows("").empty());
    CHECK(rows(",\n") == std::vector<fields>{{"", ""}});
}
TEST_CASE("a CSV row knows the line where it begins") {
    auto const all = qeval::parse_csv("a\n\n\"b\nc\"\nd\n", "q.csv");
    REQUIRE(all.size() == 3);
    CHECK(all[0].line == 1);
    CHECK(all[1].line == 3);
    CHECK(all[2].line == 5);
}
TEST_CASE("a CSV quote that is never closed is refused with the line of the quote") {
    check_refused([] { (void)rows("a,b\nc,\"d\ne,f\n"); },
                  {"DS04", "q.csv line 2", "never closed", "closing quote", ""});
}
TEST_CASE("a CSV quote that is closed by the next row's opening one is refused with the line of the first") {
    check_refused([] { (void)rows("a,b\nc,\"d\n\"e,f\",g\n"); },
                  {"DS04", "q.csv line 2", "in line 3", "a comma or a line break", "lost"});
}
TEST_CASE("a CSV row of more fields than any data set has is refused before it takes memory") {
    CHECK(rows(std::string(999, ',')).front().size() == 1000);
    check_refused([] { (void)rows("a\n" + std::string(1000, ',')); },
                  {"DS01", "q.csv line 2", "more fields than 1000", "", "line breaks"});
}
TEST_CASE("a CSV that is not UTF-8 is refused with its byte") {
    check_refused([] { (void)rows("a,b\xff\n"); }, {"DS07", "q.csv @ byte 3, line 1", "not UTF-8", "UTF-8", ""});
}
TEST_CASE("a CSV field beyond 16 MiB is refused") {
    check_refused([] { (void)rows("a," + std::string((16 << 20) + 1, 'x') + "\n"); },
                  {"DS01", "q.csv line 1", "16777217 bytes", "", ""});
}
