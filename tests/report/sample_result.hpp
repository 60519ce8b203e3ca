// Evaluations that no model made, for tests of reports: as many schemes and tasks as asked, names as hostile as asked.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <qeval/eval/result/result.hpp>
#include <qeval/eval/statistics/intervals.hpp>

namespace qeval_test {

struct sample_shape {
    std::size_t schemes = 4, tasks = 2, layers = 4, items = 3;
    bool        hostile = false;
};

inline std::string sample_name(std::size_t i, bool hostile) {
    static char const* const plain[] = {"source", "q8_0", "q6_k", "q5_k_m",     "q4_k_m", "q4_0", "q3_k_m", "q2_k",
                                        "nf4",    "int4", "fp4",  "nf4:dq@f16", "mxfp4",  "w8a8", "fp8",    "int4:g32"};
    static char const* const odd[]   = {
          "<script>alert(1)</script>", "a\"b' onload='x", "&amp;", "a,b\r\n\"c\"",
          "a name that is much longer than any column of a table would like it to be/../.."};
    std::string name = hostile && i > 0 && i < 6 ? odd[i - 1] : plain[i % 16];
    if (i >= 16) name += "~" + std::to_string(i / 16);
    return name;
}

inline qeval::comparison sample_comparison(double difference, double p) {
    qeval::comparison c;
    c.n          = 400;
    c.difference = {difference, 0.01};
    c.better     = 7;
    c.worse      = 21;
    c.p          = p / 4;
    c.p_holm     = p;
    c.sentence   = p < 0.05 ? "worse than source: -3.5 points at n=400 (p = 0.0001)"
                            : "not distinguishable from source at n=400; would need about 9,100 items";
    return c;
}

inline qeval::evaluation_result sample_result(sample_shape const& shape) {
    using namespace qeval;
    evaluation_result r;
    r.scores.reference = "source";
    r.scores.origin    = {{"architecture", "llama"},
                          {"weights sha256", std::string(64, 'a')},
                          {"tokenizer sha256", std::string(64, 'b')}};
    r.run.started      = "2026-03-04T05:06:07Z";
    r.run.seconds      = 12.5;
    r.run.threads      = 2;
    r.run.peak_bytes   = 123'456'789;
    r.run.host         = {{"processor", "a machine"}};
    for (std::size_t i = 0; i < shape.schemes; ++i) {
        double const bits = i == 0 ? 16 : 2.2 + std::fmod(static_cast<double>(i) * 2.63, 6.5),
                     loss = i == 0 ? 0 : 0.6 * std::exp2(2 - bits);
        scheme_scores s;
        s.scheme          = sample_name(i, shape.hostile);
        s.bits_per_weight = bits;
        s.weight_bytes    = static_cast<std::uint64_t>(bits * 655'360);
        if (i == 3) s.notes = {"model.layers.0.mlp.down_proj.weight: 300 columns are no multiple of 256; q5_0 instead"};
        text_scores t;
        t.task.task              = "perplexity:llamacpp";
        t.task.items             = 12;
        t.perplexity.protocol    = "llama.cpp half-window, n_ctx = 512";
        t.perplexity.perplexity  = {14.34 + 6 * loss + 0.02 * std::sin(static_cast<double>(i)), 0.4};
        t.perplexity.text_sha256 = std::string(64, 'c');
        metric_scores m;
        m.metric = {"perplexity", metric_kind::exp_of_mean, false};
        m.score  = t.perplexity.perplexity;
        if (i > 0) {
            m.against_reference = sample_comparison(loss, loss > 0.2 ? 0.001 : 0.9);
            divergence_result d;
            d.kl             = {0.3 * loss + 1e-4, 1e-5};
            d.top_agreement  = {1 - 0.4 * loss, 0.002};
            d.delta_p_rms    = {0.1 * loss, 0.001};
            auto&        p   = d.kl_percentiles;
            double const mid = 0.1 * loss + 2e-5;
            p                = {100 * mid, 60 * mid,  20 * mid,   8 * mid,    5 * mid, 2 * mid, mid,
                                0.4 * mid, 0.1 * mid, 0.04 * mid, 0.01 * mid, 0,       0};
            t.divergence     = d;
        }
        t.task.metrics = {m};
        s.texts        = {t};
        for (std::size_t k = 0; k < shape.tasks; ++k) {
            task_scores task;
            task.task        = k == 0   ? "mmlu"
                               : k == 1 ? (shape.hostile ? "<b>&\"task\"" : "humaneval")
                                        : "multiple_choice_" + std::to_string(k);
            task.protocol    = "a rule, in words";
            task.data_sha256 = std::string(64, 'd');
            task.items       = 400;
            metric_scores a;
            a.metric = {k == 1 && !shape.hostile ? "pass@1" : "acc", metric_kind::proportion, true};
            a.score  = {0.658 - 0.3 * loss + 0.01 * std::cos(static_cast<double>(i + k)), 0.0237};
            a.wilson = {a.score.value - 0.046, a.score.value + 0.046};
            if (i > 0) a.against_reference = sample_comparison(-loss, loss > 0.2 ? 0.0001 : 0.4);
            task.metrics = {a};
            if (k == 0) {
                task.shots      = 5;
                task.categories = {{"STEM", 200, {0.61, 0.03}}, {"humanities", 200, {0.70, 0.03}}};
                task.subjects   = {{"anatomy", 200, {0.61, 0.03}}, {"world_religions", 200, {0.70, 0.03}}};
            }
            for (std::size_t n = 0; n < shape.items; ++n) {
                item_outcome o;
                o.id      = "item/" + std::to_string(n);
                o.correct = n % 2 == 0;
                o.values  = {o.correct ? 1.0 : 0.0};
                if (k == 1) {
                    o.answer = "    return \"<p>\"\n";
                } else {
                    o.group           = n % 2 == 0 ? "anatomy" : "world_religions";
                    o.chosen          = static_cast<qeval::index>(n % 4);
                    o.target          = 0;
                    o.log_likelihoods = {-1.5, -2.25, -3, -4};
                }
                task.outcomes.push_back(std::move(o));
            }
            s.tasks.push_back(std::move(task));
        }
        if (i > 0) {
            for (std::size_t layer = 0; layer < shape.layers; ++layer) {
                for (char const* part : {"self_attn.q_proj", "mlp.down_proj"}) {
                    double const e = std::exp2(-bits) * (1 + 0.6 * std::sin(static_cast<double>(layer)));
                    s.tensors.push_back({"model.layers." + std::to_string(layer) + "." + part + ".weight", "q4_k", e,
                                         static_cast<qeval::index>(layer)});
                }
            }
            s.tensors.push_back({"lm_head.weight", "f16", i % 3 == 0 ? 0.0 : 0.4 * std::exp2(-bits)});
        }
        s.origin = {{"recipe", "a recipe"}};
        r.scores.schemes.push_back(std::move(s));
        scheme_run run;
        run.scheme       = r.scores.schemes.back().scheme;
        run.kernel       = i == 0 ? "exact/numbers" : "exact/lanes";
        run.seconds      = 1.5;
        run.load_seconds = 0.25;
        run.peak_bytes   = 50'000'000;
        run.tasks        = {{"perplexity:llamacpp", 6144, 0, 6144, 0.9, {"p"}}, {"mmlu", 90000, 0, 9000, 1.1, {"p"}}};
        if (shape.tasks > 1) run.tasks.push_back({r.scores.schemes.back().tasks[1].task, 5000, 800, 5500, 4, {"p"}});
        run.processes = {{"p", 0.25, 50'000'000, 2}};
        r.run.schemes.push_back(std::move(run));
    }
    return r;
}

// Lets items of a task fail under a scheme.
inline void fail_items(qeval::evaluation_result& r, std::size_t scheme, std::size_t task, qeval::index failed) {
    auto& t    = r.scores.schemes[scheme].tasks[task];
    t.failed   = failed;
    t.failures = {{"too long", failed}};
}

} // namespace qeval_test
