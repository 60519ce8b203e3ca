#include <tests/report/sample_result.hpp>
#include <tests/support/catch.hpp>

#include <qeval/io/data/csv.hpp>
#include <qeval/report/results_csv.hpp>

TEST_CASE("results.csv has a line for each scheme, task and metric, and reads back") {
    auto const r    = qeval_test::sample_result({6, 2, 1, 1, true});
    auto const rows = qeval::parse_csv(qeval::results_csv(r.scores), "results.csv");
    REQUIRE(rows.size() == 1 + 6 * 4 + 5 * 3); // the reference has no divergence
    for (auto const& row : rows) CHECK(row.fields.size() == 18);
    CHECK(rows[0].fields[0] == "scheme");
    CHECK(rows[5].fields[0] == "<script>alert(1)</script>");
    bool odd = false;
    for (auto const& row : rows) odd = odd || row.fields[0] == "a,b\r\n\"c\"";
    CHECK(odd);
    auto const& mmlu = rows[3].fields;
    CHECK(mmlu[3] == "mmlu");
    CHECK(mmlu[4] == "acc");
    CHECK(mmlu[5] == "400");
    CHECK(std::stod(mmlu[6]) == r.scores.schemes[0].tasks[0].metrics[0].score.value);
    CHECK(std::stod(mmlu[8]) == r.scores.schemes[0].tasks[0].metrics[0].wilson.low);
    CHECK(mmlu[12].empty()); // compared with nothing
    for (std::size_t const c : {14u, 15u, 16u}) CHECK(mmlu[c] == "0");
    auto failed = r;
    qeval_test::fail_items(failed, 1, 0, 57);
    auto const  after   = qeval::parse_csv(qeval::results_csv(failed.scores), "results.csv");
    std::size_t changed = 0;
    for (std::size_t i = 1; i < after.size(); ++i) changed += after[i].fields != rows[i].fields;
    CHECK(changed == 1);
    CHECK(rows[0].fields[14] == "failed");
}

TEST_CASE("a field of CSV is quoted only where it must be") {
    CHECK(qeval::csv_field("nf4:dq@f16") == "nf4:dq@f16");
    CHECK(qeval::csv_field("a,b") == "\"a,b\"");
    CHECK(qeval::csv_field("say \"x\"") == "\"say \"\"x\"\"\"");
    CHECK(qeval::csv_field("") == "");
}
