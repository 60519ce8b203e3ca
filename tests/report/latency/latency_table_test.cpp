#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/report/latency/latency_csv.hpp>
#include <qeval/report/latency/latency_json.hpp>
#include <qeval/report/latency/latency_table.hpp>

namespace qeval {
namespace {

latency_row row(std::string scheme, latency_load load, double first, double next) {
    latency_row r;
    r.scheme          = std::move(scheme);
    r.kernel          = "integer/int8, exact/lanes";
    r.load            = load;
    double const all  = first + next * static_cast<double>(load.output - 1);
    r.times           = {{first, first, first}, {next, next, next}, {all, all, all}};
    r.bits_per_weight = 4.5;
    r.memory          = {3 << 20, 1 << 20, 2048, 4096, 9 << 20};
    return r;
}
std::vector<std::string> lines_of(std::string const& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
        lines.push_back(text.substr(at, end - at));
    return lines;
}

} // namespace

TEST_CASE("the median of an even number of values, and half the distance of the quartiles") {
    auto const m = median_of({4, 1, 3, 2});
    CHECK(m.median == 2.5);
    CHECK(m.spread == (3.25 - 1.75) / 2);
    CHECK(median_of({7}).median == 7);
    CHECK(median_of({7}).spread == 0);
    CHECK(median_of({}).median == 0);
    CHECK(median_of({1, 1, 1, 1, 100}).median == 1); // one disturbed run does not count
}

TEST_CASE("rates count the tokens of all sequences") {
    auto const r = row("q4_0", {8, 128, 11}, 0.5, 0.25);
    CHECK(r.next_rate() == 32);
    CHECK(r.total_rate() == Approx(88 / 3.0));
    CHECK(r.first_ms().median == 500);
    CHECK(r.next_ms().median == 250);
    CHECK(row("q4_0", {8, 128, 1}, 0.5, 0).next_rate() == 0);
}

TEST_CASE("latency and memory for people") {
    auto lengths = row("q4_0", {8, 128, 11}, 0.5, 0.25);
    CHECK(latency_table({lengths}).markdown() ==
          "| scheme | batch | in | out | first ms | non-first ms | tok/s | kernel |\n"
          "|:---|---:|---:|---:|---:|---:|---:|:---|\n"
          "| q4_0 | 8 | 128 | 11 | 500.00 ±0.00 | 250.00 ±0.00 | 29.3 | integer/int8, exact/lanes |\n");
    CHECK(memory_table({lengths}).markdown() ==
          "| scheme | batch | in | out | bits/w | weights | scales | KV cache | scratch | peak |\n"
          "|:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
          "| q4_0 | 8 | 128 | 11 | 4.500 | 2.00 MiB | 1.00 MiB | 2.00 KiB | 4.00 KiB | 9.00 MiB |\n");
    lengths.load.output    = 1;
    lengths.memory.scales  = std::nullopt;
    lengths.memory.scratch = std::nullopt;
    CHECK_THAT(latency_table({lengths}).markdown(), Catch::Contains("| 1 | 500.00 ±0.00 | - |"));
    CHECK_THAT(memory_table({lengths}).markdown(), Catch::Contains("| 3.00 MiB | - | 2.00 KiB | - | 9.00 MiB |"));
}

TEST_CASE("the batch of a search says how the search ended") {
    auto r     = row("q4_0", {8, 128, 11}, 0.5, 0.25);
    r.limit_ms = 250;
    CHECK_THAT(latency_table({r}).markdown(), Catch::Contains("| q4_0 | 8 |"));
    r.bounded = true;
    CHECK_THAT(latency_table({r}).markdown(), Catch::Contains("| q4_0 | ≥8 |"));
    r.bounded = false, r.limit_ms = 249;
    CHECK_THAT(latency_table({r}).markdown(), Catch::Contains("| q4_0 | 8 (over) |"));
    CHECK(latency_json({r})[0]["largest_batch"].dump() ==
          R"({"limit_ms":249.0,"within_limit":false,"at_bound":false})");
}

TEST_CASE("CSV has MindIE's columns, and averages on the last line of each batch") {
    std::vector<latency_row> const rows{row("q4_0", {2, 128, 3}, 0.5, 0.25), row("q4_0", {2, 256, 3}, 0.75, 0.125),
                                        row("q4_0", {4, 128, 3}, 1, 0.5), row("nf4", {4, 128, 3}, 1, 1)};
    auto const                     lines = lines_of(latency_csv(rows));
    REQUIRE(lines.size() == 5);
    CHECK_THAT(lines[0], Catch::StartsWith("Model,Batchsize,In_seq,Out_seq,Total time(s),Prefill all time(ms),Prefill "
                                           "average time(ms),Non-first token time(ms),"
                                           "Non-first token Throughput(Tokens/s),E2E Throughput(Tokens/s),Non-first "
                                           "token Throughput Average(Tokens/s),E2E Throughput Average(Tokens/s),"));
    CHECK(lines[1] == "q4_0,2,128,3,1.0000,500.000,250.000,250.000,8.00,6.00,,,0.000,0.000,,2097152,1048576,2048,4096,"
                      "9437184,\"integer/int8, exact/lanes\"");
    CHECK_THAT(lines[2], Catch::StartsWith("q4_0,2,256,3,1.0000,750.000,375.000,125.000,16.00,6.00,12.00,6.00,"));
    CHECK_THAT(lines[3], Catch::StartsWith("q4_0,4,128,3,2.0000,1000.000,250.000,500.000,8.00,6.00,8.00,6.00,"));
    CHECK_THAT(lines[4], Catch::StartsWith("nf4,4,128,3,3.0000,1000.000,250.000,1000.000,4.00,4.00,4.00,4.00,"));
    for (auto const& l : lines)
        CHECK(std::count(l.begin(), l.end(), ',') - (l == lines[0] ? 0 : 1) == 20); // one inside the kernel's quotes
}

TEST_CASE("JSON keeps every repetition, and says null for what is not known") {
    auto r           = row("q4_0", {2, 128, 3}, 0.5, 0.25);
    r.memory.scratch = std::nullopt;
    auto const out   = latency_json({r})[0];
    CHECK(out["first_token"].dump() == R"({"median_ms":500.0,"spread_ms":0.0,"seconds":[0.5,0.5,0.5]})");
    CHECK(out["memory"].dump() ==
          R"({"codes":2097152,"scales":1048576,"kv_cache":2048,"scratch":null,"peak":9437184})");
    CHECK_FALSE(out.contains("largest_batch"));
}

} // namespace qeval
