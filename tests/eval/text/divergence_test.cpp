// KL divergence and its company against numpy (tests/golden/make_statistics.py).
// Also tests acceptance_windows.hpp, ../result/divergence_result.hpp.
#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include <tests/golden/statistics_golden.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/text/acceptance_windows.hpp>
#include <qeval/eval/text/divergence.hpp>
#include <qeval/eval/text/llamacpp_windows.hpp>
#include <qeval/eval/text/perplexity.hpp>

using namespace qeval_test;
using qeval::index;

namespace {

bool close(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b)); }

constexpr qeval::llamacpp_half_window half{32};

struct pass {
    qeval::text_windows      text;
    std::vector<double>      reference_nll;
    qeval::divergence_values scheme{0};
};
pass divergence_of(double noise, bool backwards = false) {
    scripted_engine reference, scheme;
    scheme.noise        = noise;
    reference.backwards = scheme.backwards = backwards;
    pass p;
    p.text   = qeval::cut_into_windows(reference, half, golden_text(), "text");
    p.scheme = qeval::divergence_values(p.text.positions());
    p.reference_nll.resize(std::size_t(p.text.positions()));
    qeval::reference_logits logits;
    for (index w = 0; w < p.text.count(); w += 5) {
        index const end = std::min(p.text.count(), w + 5);
        logits.read(reference, p.text, w, end, p.reference_nll);
        p.scheme.read(scheme, p.text, w, end, logits);
    }
    return p;
}
void check_table(qeval::percentile_table const& t, double const (&golden)[13]) {
    double const mine[] = {t.max, t.p999, t.p99, t.p95, t.p90, t.p75, t.median, t.p25, t.p10, t.p5, t.p1, t.p01, t.min};
    for (std::size_t i = 0; i < 13; ++i) CHECK(close(mine[i], golden[i], 1e-8));
}
void check_estimate(qeval::estimate const& mine, double value, double error, double tolerance_of_value,
                    double tolerance_of_error) {
    CHECK(close(mine.value, value, tolerance_of_value));
    CHECK(close(mine.error, error, tolerance_of_error));
}

} // namespace

TEST_CASE("divergence from the reference equals numpy's in llama.cpp's definitions") {
    for (std::size_t i = 0; i < 2; ++i) {
        auto const  p = divergence_of(perplexity_cases[i + 1].noise, i == 1);
        auto const  r = p.scheme.result(p.text);
        auto const& d = divergence_cases[i];
        check_estimate(r.kl, d.kl, d.kl_error, 1e-8, 1e-8);
        check_estimate(r.top_agreement, d.same, d.same_error, 1e-12, 1e-9);
        check_estimate(r.delta_p, d.dp, d.dp_error, 1e-8, 1e-8);
        check_estimate(r.delta_p_rms, d.rms, d.rms_error, 1e-8, 1e-8);
        check_table(r.kl_percentiles, kl_percentile_tables[i]);
        check_table(r.delta_p_percentiles, dp_percentile_tables[i]);
        CHECK(r.positions == p.text.positions());

        auto const  c = qeval::change_of(p.scheme.nll(), p.reference_nll);
        auto const& g = change_cases[i];
        check_estimate(c.log_ratio, g.log_ratio, g.log_ratio_error, 1e-9, 1e-9);
        check_estimate(c.ratio, g.ratio, g.ratio_error, 1e-9, 1e-9);
        check_estimate(c.difference, g.difference, g.difference_error, 1e-8, 1e-8);
        CHECK(close(c.correlation, g.correlation, 1e-9));
    }
}

TEST_CASE("a scheme equal to the reference diverges by exactly nothing") {
    auto const p = divergence_of(0);
    auto const r = p.scheme.result(p.text);
    CHECK(r.kl.value == 0);
    CHECK(r.kl_percentiles.max == 0);
    CHECK(r.top_agreement.value == 1);
    CHECK(r.delta_p_rms.value == 0);
    auto const c = qeval::change_of(p.scheme.nll(), p.reference_nll);
    CHECK(c.ratio.value == 1);
    CHECK(c.difference.error < 1e-6);
}

TEST_CASE("another vocabulary than the reference's is refused") {
    scripted_engine reference, scheme;
    scheme.size                   = 49;
    auto const               text = qeval::cut_into_windows(reference, half, golden_text(), "text");
    std::vector<double>      nll(std::size_t(text.positions()));
    qeval::reference_logits  logits;
    qeval::divergence_values values(text.positions());
    logits.read(reference, text, 0, 1, nll);
    CHECK_THROWS_WITH(values.read(scheme, text, 0, 1, logits), Catch::Contains("EV03"));
}

TEST_CASE("the logit check compares the end token, even where the reference writes nothing else") {
    struct brief_engine : scripted_engine { // writes less from prompt to prompt: two tokens and the end, one, none
        std::vector<qeval::generation> generate(std::span<qeval::generate_request const> requests) override {
            std::vector<qeval::generation> texts(requests.size());
            for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = {std::vector<token>(2 - i, 7), "", "eos", 9};
            return texts;
        }
    } engine;
    auto const text = qeval::cut_into_windows(engine, qeval::kl_acceptance{{}, 32}, golden_text(), "text", 3);
    REQUIRE(text.count() == 3);
    CHECK(text.positions() == 3 + 2 + 1);
    for (index w = 0; w < 3; ++w) {
        CHECK(text.window(w).scored() == 3 - w);
        CHECK(text.at(w).back() == 9);
    }
}
