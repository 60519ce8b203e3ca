#include <string>

#include <tests/report/sample_result.hpp>
#include <tests/support/catch.hpp>

#include <qeval/report/published/published_layouts.hpp>
#include <qeval/report/summary.hpp>

namespace {

qeval::evaluation_result evaluated() {
    auto r = qeval_test::sample_result({3, 2, 1, 2, false});
    r.scores.origin.insert(r.scores.origin.begin(), {"model", "Mistral-7B-v0.1"});
    r.scores.schemes[1].origin                    = {{"recipe", "r"},
                                                     {"quant type", "NF4"},
                                                     {"compute dtype", "F16"},
                                                     {"double quant", "False"},
                                                     {"group size", "64"}};
    r.scores.schemes[1].tasks[0].metrics[0].score = {0.5904, 0.0126};
    auto& code                                    = r.scores.schemes[1].tasks[1];
    code.metrics                                  = {code.metrics[0], code.metrics[0]};
    code.metrics[0].metric                        = {"pass@1", qeval::metric_kind::mean, true};
    code.metrics[1].metric                        = {"pass@10", qeval::metric_kind::mean, true};
    code.metrics[0].score                         = {0.232, 0.03};
    code.metrics[1].score                         = {0.664, 0.03};
    for (std::size_t i : {0, 2}) r.scores.schemes[i].tasks[1].metrics = code.metrics;
    r.scores.schemes[1].weight_bytes = std::uint64_t{15} << 30;
    r.run.schemes[1].peak_bytes      = std::uint64_t{16} << 30;
    return r;
}
qeval::latency_row latency(qeval::index batch) {
    qeval::latency_row r;
    r.scheme = "q8_0";
    r.load   = {batch, 128, 128};
    r.times  = {{0.0693}, {0.0152}, {2}};
    return r;
}
std::string line_of(std::string const& table, std::string const& scheme) {
    auto const at = table.find("| " + scheme + " |");
    return at == table.npos ? table : table.substr(at, table.find('\n', at) - at);
}

} // namespace

TEST_CASE("an exam's table has the columns of the published one, and a row for each scheme") {
    auto const table = qeval::exam_layout(evaluated(), 0).markdown();
    CHECK(table.starts_with(
        "| Scheme | Quant Type | Compute Dtype | Double Quant | Group Size | Avg (%) | Total Time (s) |\n"));
    CHECK(line_of(table, "q8_0") == "| q8_0 | NF4 | F16 | False | 64 | 59.0 ±1.3 | 1.10 |");
    CHECK(line_of(table, "q6_k").find("N/A | N/A") != std::string::npos); // nothing is known of it
    auto const categories = qeval::exam_category_layout(evaluated(), 0).markdown();
    CHECK(categories.starts_with("| Precision | Avg (%) | STEM (%) | humanities (%) | Total Time (s) |\n"));
    CHECK(line_of(categories, "q8_0") == "| q8_0 | 59.0 ±1.3 | 61.0 ±3.0 | 70.0 ±3.0 | 1.10 |");
}

TEST_CASE("a table of code has pass@k beside memory") {
    auto const r     = evaluated();
    auto const table = qeval::code_layout(r, 1).markdown();
    CHECK(
        table.starts_with("| Model | Quantization | humaneval pass@1 | humaneval pass@10 | Weights | Peak Memory |\n"));
    CHECK(table.find("| Mistral-7B-v0.1 | q8_0 | 23.2 ±3.0% | 66.4 ±3.0% | 15.00 GiB | 16.00 GiB |") !=
          std::string::npos);
    CHECK(qeval::is_code(r.scores.schemes[1].tasks[1]));
    CHECK_FALSE(qeval::is_code(r.scores.schemes[1].tasks[0]));
}

TEST_CASE("a table of latency has a row for each scheme and batch") {
    auto const table = qeval::latency_layout(evaluated(), {latency(1), latency(8)}).markdown();
    CHECK(table.starts_with("| Scheme | Quant Type | Compute Dtype | Batch Size | Input (tokens) | Output (tokens) | "
                            "First Token (ms) | Non-first Token (ms) |\n"));
    CHECK(table.find("| q8_0 | NF4 | F16 | 1 | 128 | 128 | 69.30 ±0.00 | 15.20 ±0.00 |") != std::string::npos);
    CHECK(table.find("| q8_0 | NF4 | F16 | 8 | 128 | 128 | 69.30 ±0.00 | 15.20 ±0.00 |") != std::string::npos);
}

TEST_CASE("summary.md has every layout that its evaluation has results for, and no other") {
    auto const whole = qeval::summary_markdown(evaluated(), {{}, {latency(1)}});
    for (char const* column :
         {"| Double Quant |", "| Precision |", "| humaneval pass@10 |", "| Non-first Token (ms) |", "| KV cache |"})
        CHECK(whole.find(column) != whole.npos);
    CHECK(whole.find("| tok/s | first ms | next ms | kernel |") != whole.npos);
    auto none = evaluated();
    for (auto& s : none.scores.schemes) s.tasks.clear();
    auto const texts = qeval::summary_markdown(none);
    for (char const* column : {"| Double Quant |", "| Precision |", "pass@", "Token (ms)", "| KV cache |"})
        CHECK(texts.find(column) == texts.npos);
}
