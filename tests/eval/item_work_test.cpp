// Items in the course of an evaluation: asked alike of every scheme, and none of them before all can be asked.
#include <memory>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/evaluation.hpp>
#include <qeval/eval/task/erased_task.hpp>

using namespace qeval_test;

namespace {

struct rows final : qeval::engine_rows {
    qeval::index calls = 0, contexts[2] = {64, 64};
    int          sizes[2] = {50, 50}; // of the vocabularies: other sizes make other tokens
    int          opened   = 0;

    [[nodiscard]] std::unique_ptr<qeval::any_engine> open(std::string const&) override {
        auto e       = std::make_unique<scripted_engine>();
        e->all_calls = &calls;
        e->size      = sizes[opened];
        e->context   = contexts[opened++];
        return e;
    }
    [[nodiscard]] qeval::provenance origin() override { return {}; }
};
qeval::cloze some_items() {
    qeval::cloze task;
    for (int i = 0; i < 20; ++i) task.items.push_back({std::to_string(i), std::string(std::size_t(3 * i), 'q'), " x"});
    return task;
}
qeval::evaluation_scores run(rows& engines, qeval::cloze const& task) {
    qeval::evaluation_options options;
    options.schemes    = {"other"};
    options.statistics = {99, 50, 0.05, 0.8};
    return qeval::evaluate(qeval::any_tasks_of(task), options, engines).scores;
}

} // namespace

TEST_CASE("an item that cannot be asked stops a run before any engine was asked anything") {
    rows engines;
    auto task = some_items();
    task.items.push_back({"bad", "q", ""});
    CHECK_THROWS_WITH(run(engines, task), Catch::Contains("EV04") && Catch::Contains("bad"));
    CHECK(engines.calls == 0);
}

TEST_CASE("an engine that makes other tokens of a question than the reference's is refused") {
    rows engines;
    engines.sizes[1] = 51;
    CHECK_THROWS_WITH(run(engines, some_items()), Catch::Contains("EV15") && Catch::Contains("the scheme other"));
}

TEST_CASE("questions are made for the reference's context, whatever another engine's is") {
    rows same, longer;
    same.contexts[0] = longer.contexts[0] = 30; // most items are cut for it
    same.contexts[1] = 30, longer.contexts[1] = 64;
    auto const a = run(same, some_items()), b = run(longer, some_items());
    REQUIRE(a.schemes.size() == 2);
    CHECK(a.schemes[1].tasks[0].truncated > 5);
    for (std::size_t i = 0; i < 20; ++i)
        CHECK(a.schemes[1].tasks[0].outcomes[i].log_likelihoods == b.schemes[1].tasks[0].outcomes[i].log_likelihoods);
}
