// Comparisons where items failed: what the reference failed is no baseline.
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/failing_rows.hpp>

#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/evaluation.hpp>
#include <qeval/eval/store/item_store.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/erased_task.hpp>
#include <qeval/eval/text/acceptance_windows.hpp>
#include <qeval/eval/text/llamacpp_windows.hpp>
#include <qeval/eval/text/perplexity_task.hpp>
#include <qeval/eval/written/completion.hpp>

using namespace qeval_test;

namespace {

using half_window = qeval::perplexity_task<qeval::llamacpp_half_window>;

constexpr std::size_t items = 30; // item i has a prompt of i + 2 tokens

qeval::any_tasks all_tasks() {
    half_window text;
    text.how.ctx = 32;
    text.text    = golden_text();
    qeval::cloze      word;
    qeval::completion function;
    for (std::size_t i = 0; i < items; ++i) {
        word.items.push_back({"c" + std::to_string(i), std::string(i + 1, 'q'), " x"});
        function.items.push_back({"f" + std::to_string(i), std::string(i + 1, 'q'), "f", "GH", ""});
    }
    return qeval::any_tasks_of(text, word, function);
}
qeval::evaluation_result run(std::map<std::string, failing_row> const& rows, double max_failed = 0,
                             qeval::outcome_memory* memory = nullptr, qeval::shard_number shard = {},
                             qeval::index* calls = nullptr) {
    qeval::evaluation_options o;
    o.reference             = "ref";
    o.schemes               = {"scheme"};
    o.statistics            = {99, 200, 0.05, 0.8};
    o.statistics.max_failed = max_failed;
    o.memory                = memory;
    o.shard                 = shard;
    failing_rows engines(rows);
    auto         r = qeval::evaluate(all_tasks(), o, engines);
    if (calls != nullptr) *calls = engines.calls;
    return r;
}
std::map<std::string, failing_row> rows(std::size_t reference, std::size_t scheme) {
    return {{"ref", {reference, false, 0}}, {"scheme", {scheme, false, 1.5}}};
}
std::map<std::string, failing_row> const poisoned_reference{{"ref", {1000, true, 0}}, {"scheme", {1000, false, 0.5}}};

} // namespace

TEST_CASE("a reference that failed items is no baseline: no flips, no p, and its name in the reason") {
    for (std::size_t const longest : {std::size_t(0), items - 2, items}) { // all items fail, some, and one
        auto const  r       = run(rows(longest, 1000));
        auto const& ref     = r.scores.schemes[0].tasks;
        auto const& scheme  = r.scores.schemes[1].tasks;
        auto const  missing = qeval::index(items + 1 - std::max<std::size_t>(longest, 1));
        for (std::size_t t = 0; t < 2; ++t) {
            CHECK(ref[t].failed == missing);
            CHECK(ref[t].failures == decltype(ref[t].failures){{"too long", missing}});
            CHECK(scheme[t].failed == 0);
            for (auto const& m : scheme[t].metrics) CHECK(!m.against_reference);
            CHECK(scheme[t].not_compared ==
                  "not compared with ref, which failed " + std::to_string(missing) + " of 30 items");
        }
        CHECK(r.scores.schemes[1].texts[0].divergence); // of what did not fail
        CHECK(r.scores.schemes[1].texts[0].task.not_compared.empty());
    }
}

TEST_CASE(
    "where some of the reference's failures are allowed, the items that it answered are compared, and only they") {
    auto const  r      = run(rows(items - 9, items - 5), 10.0 / 30);
    auto const& scheme = r.scores.schemes[1].tasks;
    for (std::size_t t = 0; t < 2; ++t) {
        auto const& ref = r.scores.schemes[0].tasks[t];
        REQUIRE(ref.failed == 10);
        CHECK(scheme[t].failed == 6);
        CHECK(scheme[t].not_compared.empty());
        for (std::size_t m = 0; m < ref.metrics.size(); ++m) {
            std::vector<double> mine, base;
            for (std::size_t i = 0; i < items - 10; ++i) { // the longer ones are the last ones
                mine.push_back(scheme[t].outcomes[i].values[m]);
                base.push_back(ref.outcomes[i].values[m]);
            }
            auto const  alone = qeval::compare(mine, base, ref.metrics[m].metric, r.scores.statistics);
            auto const& c     = scheme[t].metrics[m].against_reference;
            REQUIRE(c);
            CHECK(c->n == qeval::index(items) - 10);
            CHECK(c->better == alone.better);
            CHECK(c->worse == alone.worse);
            CHECK(c->p == alone.p);
            CHECK_THAT(c->sentence, Catch::EndsWith("; failed: 6; left out, since ref failed: 10"));
        }
    }
    CHECK(run(rows(items - 9, 1000), 9.9 / 30).scores.schemes[1].tasks[0].not_compared != "");
    CHECK(run(rows(0, 1000), 1).scores.schemes[1].tasks[0].not_compared != ""); // none is left to compare
}

TEST_CASE("what only the scheme failed counts as wrong, and the comparison says so") {
    auto const  r = run(rows(1000, 20));
    auto const& t = r.scores.schemes[1].tasks[0];
    CHECK(t.failed == 11);
    REQUIRE(t.metrics[0].against_reference);
    CHECK(t.metrics[0].against_reference->n == qeval::index(items));
    CHECK_THAT(t.metrics[0].against_reference->sentence, Catch::EndsWith("; failed: 11"));
}

TEST_CASE("a text that the reference failed has no perplexity there, no divergence and no change anywhere") {
    auto const  r   = run(poisoned_reference, 1);
    auto const& ref = r.scores.schemes[0].texts[0];
    auto const& s   = r.scores.schemes[1].texts[0];
    CHECK(std::isnan(ref.perplexity.perplexity.value));
    CHECK(ref.task.failed == ref.task.items);
    CHECK(ref.task.failures == decltype(ref.task.failures){{"nonfinite logits", ref.task.items}});
    CHECK(s.task.failed == 0);
    CHECK(std::isfinite(s.perplexity.perplexity.value));
    CHECK(!s.divergence);
    CHECK(!s.change);
    CHECK(!s.task.metrics[0].against_reference);
    CHECK_THAT(s.task.not_compared, Catch::StartsWith("not compared with ref, which failed "));
    auto const whole = run(rows(1000, 1000));
    CHECK(whole.scores.schemes[1].texts[0].divergence);
    CHECK(whole.scores.schemes[1].texts[0].change);
}

TEST_CASE("a logit check whose reference cannot write is failed by the reference, window by window") {
    using check = qeval::perplexity_task<qeval::kl_acceptance>;
    check task;
    task.how.ctx = 32;
    task.text    = golden_text();
    for (bool const fails : {false, true}) {
        qeval::evaluation_options o;
        o.reference = "ref";
        o.schemes   = {"scheme"};
        failing_rows engines({{"ref", {1000, fails, 0}}, {"scheme", {1000, false, 0.5}}});
        auto const   r = qeval::evaluate(qeval::any_tasks_of(task), o, engines);
        CHECK(r.scores.schemes[0].texts[0].task.items == 16);
        CHECK(r.scores.schemes[0].texts[0].task.failed == (fails ? 16 : 0));
        CHECK(r.scores.schemes[1].texts[0].divergence.has_value() != fails);
        CHECK(r.scores.schemes[1].texts[0].task.failed == 0);
    }
}

TEST_CASE("a run that goes on shows the states and reasons of the one that was stopped, and asks nothing again") {
    for (auto const& engines : {rows(20, 10), poisoned_reference}) {
        scratch const     folder;
        qeval::item_store store(folder / "store.sqlite", {{"weights sha256", "a"}});
        qeval::index      first = 0, again = 0;
        auto const        a = run(engines, 0.5, &store, {}, &first), b = run(engines, 0.5, &store, {}, &again);
        CHECK(first > 0);
        CHECK(again == 0);
        for (std::size_t row = 0; row < 2; ++row) {
            REQUIRE(a.run.schemes[row].counts.size() == 3);
            for (std::size_t t = 0; t < 3; ++t) {
                auto const &x = a.run.schemes[row].counts[t].counts, &y = b.run.schemes[row].counts[t].counts;
                CHECK(x.failed == y.failed);
                CHECK(x.truncated == y.truncated);
                CHECK(x.ties == y.ties);
                CHECK(x.failures == y.failures);
            }
            for (std::size_t t = 0; t < 2; ++t)
                for (std::size_t i = 0; i < items; ++i)
                    CHECK(a.scores.schemes[row].tasks[t].outcomes[i].error ==
                          b.scores.schemes[row].tasks[t].outcomes[i].error);
        }
    }
}

TEST_CASE("the shards of a run count what failed in their parts") {
    auto const whole = run(rows(20, 10));
    for (std::size_t row = 0; row < 2; ++row) {
        for (std::size_t t = 0; t < 3; ++t) {
            qeval::index n = 0, failed = 0;
            for (qeval::index const number : {1, 2, 3}) {
                auto const  part = run(rows(20, 10), 0, nullptr, {number, 3});
                auto const& c    = part.run.schemes[row].counts[t].counts;
                n += c.items;
                failed += c.failed;
                CHECK(part.scores.schemes[row].tasks.empty());
            }
            CHECK(n == whole.run.schemes[row].counts[t].counts.items);
            CHECK(failed == whole.run.schemes[row].counts[t].counts.failed);
        }
    }
}
