#include <algorithm>
#include <sstream>
#include <string>

#include <tests/report/sample_result.hpp>
#include <tests/support/catch.hpp>

#include <qeval/report/scheme_table.hpp>
#include <qeval/report/summary.hpp>

namespace {

std::size_t widest_line(std::string const& text) {
    std::istringstream in(text);
    std::size_t        w = 0;
    for (std::string line; std::getline(in, line);) w = std::max(w, qeval::display_width(line));
    return w;
}

} // namespace

TEST_CASE("the table of schemes fits a terminal of 100 columns with any number of tasks") {
    for (std::size_t const tasks : {0u, 1u, 2u, 12u}) {
        auto const table = qeval::scheme_table(qeval_test::sample_result({16, tasks, 2, 1, false}));
        CHECK(widest_line(table.terminal(false)) <= 100);
        std::size_t columns = 0;
        for (auto const& part : table.parts()) {
            CHECK(part.columns()[0].title == "scheme");
            CHECK(part.rows().size() == 16);
            columns += part.columns().size() - 1;
        }
        CHECK(columns + 1 == table.columns().size());
    }
}

TEST_CASE("a task's score, flips and p are never parted") {
    auto const table = qeval::scheme_table(qeval_test::sample_result({4, 12, 2, 1, false}));
    CHECK(table.parts().size() > 1);
    for (auto const& part : table.parts()) {
        CHECK(!part.columns()[1].joined);
        for (std::size_t c = 1; c < part.columns().size(); ++c)
            if (part.columns()[c].title == "flips") CHECK(part.columns().at(c + 1).title == "p");
    }
}

TEST_CASE("one task makes one table") {
    CHECK(qeval::scheme_table(qeval_test::sample_result({16, 1, 2, 1, false})).parts().size() == 1);
    CHECK(qeval::scheme_table({}).rows().empty());
}

TEST_CASE("the other tables fit too, sentences going on below") {
    auto const r = qeval_test::sample_result({16, 2, 2, 1, false});
    CHECK(widest_line(qeval::task_table(r, 0).terminal(false)) <= 100);
    CHECK(widest_line(qeval::category_table(r, 0).terminal(false)) <= 100);
    CHECK(widest_line(qeval::protocol_table(r).terminal(false)) <= 100);
    CHECK_THAT(qeval::summary_markdown(r), Catch::Contains("## mmlu"));
}
