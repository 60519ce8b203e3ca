// The whole evaluation on scripted engines.
// Also tests engine_rows.hpp, evaluation_options.hpp, task_work.hpp, text_task_work.hpp, result/result.hpp,
// result/table.hpp, text/text_work.hpp, text/perplexity_task.hpp.
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <tests/eval/scripted_tasks.hpp>
#include <tests/golden/statistics_golden.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/scripted_rows.hpp>

#include <qeval/eval/evaluation.hpp>

using namespace qeval_test;

namespace {

std::map<std::string, double> const noises{{"ref", 0}, {"same", 0}, {"q8", 0.1}, {"q2", 1.0}};

struct trial {
    qeval::evaluation_result result;
    std::vector<std::string> built;
    int                      most_alive = 0;
    std::vector<std::string> events;
};
trial run(qeval::evaluation_options options, std::function<void(qeval::evaluation_progress const&)> watch = {}) {
    trial         t;
    scripted_rows rows(noises);
    options.reference  = "ref";
    options.schemes    = {"q8", "ref", "same", "q2"};
    options.statistics = {99, 500, 0.05, 0.8};
    options.progress   = [&](qeval::evaluation_progress const& p) {
        t.events.push_back(std::string(p.scheme) + "/" + std::string(p.task) + "/" + std::to_string(p.done));
        if (watch) watch(p);
    };
    auto const tasks = scripted_tasks(40);
    t.result         = qeval::evaluate(tasks, options, rows);
    t.built          = rows.opened;
    t.most_alive     = rows.most_alive;
    return t;
}
// Everything that must not depend on how the run went.
std::vector<double> numbers(qeval::evaluation_scores const& scores) {
    std::vector<double> v;
    auto const          task = [&](qeval::task_scores const& s) {
        for (auto const& m : s.metrics) {
            v.insert(v.end(), {m.score.value, m.score.error});
            if (m.against_reference) {
                auto const& c = *m.against_reference;
                v.insert(v.end(), {c.difference.value, c.bootstrap.low, c.bootstrap.high, c.p, c.p_holm});
            }
        }
        for (auto const& o : s.outcomes) v.insert(v.end(), o.values.begin(), o.values.end());
    };
    for (auto const& s : scores.schemes) {
        for (auto const& t : s.texts) {
            task(t.task);
            v.push_back(t.perplexity.perplexity.value);
            if (t.change) v.insert(v.end(), {t.change->ratio.value, t.change->ratio.error});
            if (t.divergence)
                v.insert(v.end(), {t.divergence->kl.value, t.divergence->kl.error, t.divergence->kl_percentiles.p99});
        }
        for (auto const& t : s.tasks) task(t);
    }
    for (double& x : v) x = x == x ? x : -12345; // NaN of an undefined error
    return v;
}

} // namespace

TEST_CASE("an evaluation gives each scheme its row, the reference first, with the golden perplexity and divergence") {
    auto const  t = run({});
    auto const& s = t.result.scores.schemes;
    REQUIRE(s.size() == 4);
    CHECK(s[0].scheme == "ref");
    CHECK(s[1].scheme == "q8");
    CHECK(s[3].scheme == "q2");
    CHECK(t.built == std::vector<std::string>{"ref", "q8", "same", "q2"});
    CHECK(t.most_alive == 1);
    std::size_t const golden[] = {0, 1, 0, 2}; // of each row, among the cases of noise 0, 0.1 and 1
    for (std::size_t row = 0; row < 4; ++row) {
        REQUIRE(s[row].texts.size() == 2);
        REQUIRE(s[row].tasks.size() == 3);
        auto const& g = perplexity_cases[golden[row]];
        CHECK(s[row].texts[0].perplexity.perplexity.value == Approx(g.half_window).epsilon(1e-9));
        CHECK(s[row].texts[1].perplexity.perplexity.value == Approx(g.gptq).epsilon(1e-9));
        CHECK(s[row].texts[0].divergence.has_value() == (row > 0));
        CHECK(!s[row].texts[1].divergence);
        CHECK(s[row].texts[1].change.has_value() == (row > 0));
        CHECK(s[row].tasks[0].metrics[0].against_reference.has_value() == (row > 0));
        CHECK(s[row].bits_per_weight == noises.at(s[row].scheme));
        CHECK(t.result.run.schemes[row].kernel == "table");
        CHECK(t.result.run.schemes[row].tasks.size() == 5);
    }
    CHECK(s[1].texts[0].divergence->kl.value == Approx(divergence_cases[0].kl).epsilon(1e-8));
    CHECK(s[3].texts[0].divergence->kl.value == Approx(divergence_cases[1].kl).epsilon(1e-8));
    CHECK(s[3].texts[0].change->difference.value == Approx(change_cases[1].difference).epsilon(1e-8));
    CHECK(t.result.scores.statistics.seed == 99);
}

TEST_CASE("a scheme that computes what the reference does is equal on every item") {
    auto const  t    = run({});
    auto const& same = t.result.scores.schemes[2];
    CHECK(same.texts[0].divergence->kl.value == 0);
    for (auto const& task : same.tasks) {
        for (auto const& m : task.metrics) {
            CHECK(m.against_reference->p == 1);
            CHECK(m.against_reference->sentence == "equal to ref on all 40 items");
        }
    }
}

TEST_CASE("scores are the same with kept logits, with all engines alive, and for any batch") {
    auto const                base = run({});
    qeval::evaluation_options together;
    together.reference_bytes = 1000;
    auto const beside        = run(together);
    CHECK(beside.most_alive == 4);
    CHECK(numbers(beside.result.scores) == numbers(base.result.scores));
    qeval::evaluation_options small;
    small.batch_tokens = 1;
    small.batch_items  = 3;
    CHECK(numbers(run(small).result.scores) == numbers(base.result.scores));
    CHECK(numbers(base.result.scores).size() > 500);
}

TEST_CASE("p-values are corrected over every comparison of the table") {
    auto const          t = run({});
    std::vector<double> p, holm;
    for (std::size_t row = 1; row < 4; ++row) {
        auto const& s = t.result.scores.schemes[row];
        for (auto const& x : s.texts) {
            p.push_back(x.task.metrics[0].against_reference->p);
            holm.push_back(x.task.metrics[0].against_reference->p_holm);
        }
        for (auto const& x : s.tasks) {
            for (auto const& m : x.metrics) {
                p.push_back(m.against_reference->p);
                holm.push_back(m.against_reference->p_holm);
            }
        }
    }
    CHECK(p.size() == 3 * 7);
    CHECK(qeval::holm_adjusted(p) == holm);
    CHECK(holm != p);
}

TEST_CASE("progress names scheme and task, counts to the total and gives the running score") {
    double     last = 0;
    auto const t    = run({}, [&](qeval::evaluation_progress const& p) {
        CHECK(p.done <= p.total);
        CHECK(p.rate() >= 0);
        if (p.scheme == "q8" && p.task == "perplexity:llamacpp") last = p.score;
    });
    CHECK(last == Approx(perplexity_cases[1].half_window));
    auto const seen = [&](std::string const& e) { return std::count(t.events.begin(), t.events.end(), e) == 1; };
    CHECK(seen("q8//0")); // its engine is being built
    CHECK(seen("q8/perplexity:llamacpp/12"));
    CHECK(seen("q8/multiple_choice/32"));
    CHECK(seen("q8/multiple_choice/40"));
    CHECK(seen("q2/functions/40"));
}

TEST_CASE("every question is reported once, after the answers before it, with the score up to it") {
    qeval::evaluation_options                  options;
    std::map<std::string, std::vector<double>> scores; // by scheme and task
    std::map<std::string, std::vector<bool>>   right;
    options.answered = [&](qeval::answered_question const& q) {
        std::string const key = std::string(q.scheme) + "/" + std::string(q.task);
        CHECK(q.item == static_cast<qeval::index>(scores[key].size()));
        CHECK(q.total == 40);
        scores[key].push_back(q.score);
        right[key].push_back(q.outcome->correct);
    };
    auto const t = run(options);
    CHECK(scores.size() == 4 * 3);
    for (auto const& s : t.result.scores.schemes) {
        for (auto const& task : s.tasks) {
            auto const& of = scores[s.scheme + "/" + task.task];
            REQUIRE(of.size() == 40);
            CHECK(of.back() == Approx(task.metrics[0].score.value));
            if (task.metrics[0].metric.kind != qeval::metric_kind::proportion) continue;
            double sum = 0;
            for (std::size_t i = 0; i < 40; ++i) {
                sum += right[s.scheme + "/" + task.task][i];
                CHECK(of[i] == Approx(sum / static_cast<double>(i + 1)));
            }
        }
    }
}

TEST_CASE("a progress callback that throws stops the run") {
    CHECK_THROWS_AS(run({},
                        [](qeval::evaluation_progress const& p) {
                            if (p.done > 0) throw std::runtime_error("stop");
                        }),
                    std::runtime_error);
}

TEST_CASE("a text task on an engine without logits is a usage error") {
    struct deaf_engine final : scripted_engine {
        [[nodiscard]] qeval::logit_source* logits() override { return nullptr; }
    };
    struct deaf_rows final : scripted_rows {
        using scripted_rows::scripted_rows;
        [[nodiscard]] std::unique_ptr<qeval::any_engine> open(std::string const&) override {
            return std::make_unique<deaf_engine>();
        }
    };
    qeval::evaluation_options o;
    deaf_rows                 rows({{"source", 0}});
    auto const                tasks = scripted_tasks(40);
    CHECK_THROWS_WITH(qeval::evaluate(tasks, o, rows), Catch::Contains("EV08"));
    auto const items = std::span(tasks).subspan(2);
    CHECK(qeval::evaluate(items, o, rows).scores.schemes[0].tasks.size() == 3);
}
