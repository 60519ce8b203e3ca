#include <string>
#include <vector>

#include <qeval/io/json/jsonl.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;

std::vector<std::string> lines(std::string_view text) {
    std::vector<std::string> out;
    qeval::for_each_jsonl_line(text, "d.jsonl", [&](std::size_t n, qeval::json_document const& row) {
        out.push_back(std::to_string(n) + row.root().dump());
    });
    CHECK(qeval::count_jsonl_lines(text) == out.size());
    return out;
}

} // namespace

TEST_CASE("JSONL rows come with their line numbers; blank lines count and are skipped") {
    CHECK(lines("{\"a\":1}\n\n[2]\n") == std::vector<std::string>{"1{\"a\":1}", "3[2]"});
    CHECK(lines("{\"a\":1}") == std::vector<std::string>{"1{\"a\":1}"}); // no newline at the end, but complete
    CHECK(lines("").empty());
}
TEST_CASE("CRLF line ends and a byte order mark are tolerated") {
    CHECK(lines("\xef\xbb\xbf{\"a\":1}\r\n{\"a\":2}\r\n") == std::vector<std::string>{"1{\"a\":1}", "2{\"a\":2}"});
}
TEST_CASE("a line beyond 16 MiB is rejected with its number") {
    std::string const text = "{}\n\"" + std::string(16 << 20, 'x') + "\"\n";
    check_refused([&] { (void)lines(text); }, {"DS01", "d.jsonl line 2", "16777218 bytes", "at most 16777216"});
}
TEST_CASE("a torn last line is rejected with its number, never dropped") {
    check_refused([] { (void)lines("{\"a\":1}\n{\"a\":"); },
                  {"DS02", "d.jsonl line 2", "breaks off", "complete", "incomplete"});
}
TEST_CASE("a broken line in the middle is rejected with its number and byte") {
    check_refused([] { (void)lines("{}\n{\"a\":\n{}\n"); }, {"JS01", "d.jsonl line 2 @ byte 5", "", "JSON"});
    check_refused([] { (void)lines("{}\n[\"\xff\"]\n"); },
                  {"DS07", "d.jsonl line 2 @ byte 2", "not UTF-8", "UTF-8", "encoding"});
}
TEST_CASE("a last line that breaks off is called torn, wherever it does") {
    std::string const line = R"({"a": [true, null, -1.5e3, "\u00e9\n"], "b": "é€"})";
    for (std::size_t size = 1; size < line.size(); ++size) {
        INFO(line.substr(0, size));
        check_refused([&] { (void)lines("{}\n" + line.substr(0, size)); },
                      {"DS02", "d.jsonl line 2", "breaks off", "complete", "incomplete"});
    }
    check_refused([] { (void)lines("{\"a\":1,}"); },
                  {"JS01", "d.jsonl line 1 @ byte 7", "", "JSON"}); // it ends, but is no JSON
}
TEST_CASE("a missing field is rejected with line and field") {
    check_refused(
        [] {
            qeval::for_each_jsonl_line("{\"a\":1}\n{}\n", "d.jsonl", [](std::size_t, qeval::json_document const& d) {
                (void)d.at("a").integer(0, 9);
            });
        },
        {"DS06", "d.jsonl line 2", "no field \"a\"", ""});
}
TEST_CASE("real JSONL data sets are read whole") {
    struct known {
        char const* file;
        std::size_t rows;
    };
    for (known const& k : {known{"gsm8k/test.jsonl", 1319}, known{"mbpp/mbpp.jsonl", 974}}) {
        auto const path = data("datasets/" + std::string(k.file));
        if (!path) return;
        std::size_t rows = 0;
        qeval::for_each_jsonl_row(*path, [&](std::size_t, qeval::json_document const&) { ++rows; });
        CHECK(rows == k.rows);
    }
}
