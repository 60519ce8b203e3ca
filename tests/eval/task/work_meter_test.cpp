#include <optional>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/task/work_meter.hpp>

TEST_CASE("a measurement has the tokens and the time between its beginning and its end, in the process's name") {
    double                      clock = 7;
    qeval_test::scripted_engine engine;
    engine.clock    = &clock;
    engine.computed = 100;
    qeval::work_meter const                 meter{[&] { return clock; }, "pid 5"};
    auto const                              call = meter.begin(engine);
    std::vector<qeval::score_request> const asked{{std::vector<qeval::token>{1, 2, 3}, {4}}};
    (void)engine.log_likelihoods(asked);
    auto const took = call.done();
    CHECK(took.computed == 4);
    CHECK(took.seconds == Approx(0.004));
    CHECK(took.process == "pid 5");
}

TEST_CASE("the tokens of an engine that does not count them are unknown") {
    struct uncounted final : qeval_test::scripted_engine {
        [[nodiscard]] std::optional<qeval::index> tokens_computed() const override { return {}; }
    };
    uncounted               engine;
    qeval::work_meter const meter;
    CHECK(meter.begin(engine).done().computed == -1);
}
