// The logarithm of softmax over a row of float logits, in double, in an order fixed by the row alone.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <qeval/core/token.hpp>

namespace qeval {

// exp(y) for y <= 0, relative error < 1e-11; below -708 the value there, 3e-308. Own code for two reasons: a loop over
// it vectorises, and its value does not change with the C library. y = k ln 2 + r, |r| <= ln 2 / 2, exp(r) by its
// Taylor polynomial (remainder r^10 / 10! < 7e-12), 2^k by exponent bits. NaN stays NaN.
[[nodiscard]] inline double exp_nonpositive(double y) {
    constexpr double magic = 0x1.8p52; // adding it rounds to an integer and leaves that integer in the low bits
    double const     x     = y < -708.0 ? -708.0 : y;
    double const     t     = x * 0x1.71547652b82fep0 + magic; // x / ln 2
    double const     k     = t - magic;
    double const     r     = (x - k * 0x1.62e42fefa0000p-1) - k * 0x1.cf79abc9e3b3ap-40;
    double           p     = 1.0 / 362880;
    p                      = p * r + 1.0 / 40320;
    p                      = p * r + 1.0 / 5040;
    p                      = p * r + 1.0 / 720;
    p                      = p * r + 1.0 / 120;
    p                      = p * r + 1.0 / 24;
    p                      = p * r + 1.0 / 6;
    p                      = p * r + 0.5;
    p                      = p * r + 1.0;
    p                      = p * r + 1.0;
    double const power     = std::bit_cast<double>((std::bit_cast<std::uint64_t>(t) + 1023u) << 52);
    return p * power;
}

// Sum of term(i) over [0, n): lane j of 16 takes i = j, j + 16, ...; the lanes are added as a tree.
template <class Term>
[[nodiscard]] double lane_sum(std::size_t n, Term const& term) {
    constexpr std::size_t lanes      = 16;
    double                sum[lanes] = {};
    std::size_t           i          = 0;
    for (; i + lanes <= n; i += lanes) {
        for (std::size_t j = 0; j < lanes; ++j) sum[j] += term(i + j);
    }
    for (std::size_t j = 0; i + j < n; ++j) sum[j] += term(i + j);
    for (std::size_t width = lanes / 2; width > 0; width /= 2) {
        for (std::size_t j = 0; j < width; ++j) sum[j] += sum[j + width];
    }
    return sum[0];
}

// The value that `better` prefers, by the same lanes (one running extreme would wait for each comparison). Not defined
// with NaN.
template <class Better>
[[nodiscard]] float lane_extreme(std::span<float const> x, Better const& better) {
    constexpr std::size_t lanes = 16;
    float                 best[lanes];
    for (float& b : best) b = x[0];
    std::size_t i = 0;
    for (; i + lanes <= x.size(); i += lanes) {
        for (std::size_t j = 0; j < lanes; ++j) best[j] = better(x[i + j], best[j]) ? x[i + j] : best[j];
    }
    for (std::size_t j = 0; i + j < x.size(); ++j) best[j] = better(x[i + j], best[j]) ? x[i + j] : best[j];
    float top = best[0];
    for (float b : best) top = better(b, top) ? b : top;
    return top;
}
[[nodiscard]] inline float lane_max(std::span<float const> x) {
    return lane_extreme(x, [](float a, float b) { return a > b; });
}
[[nodiscard]] inline float lane_min(std::span<float const> x) {
    return lane_extreme(x, [](float a, float b) { return a < b; });
}

// What turns a row's logits into log-probabilities: log p_i = logits[i] - log_sum_exp. NaN if a logit is NaN or +inf;
// a logit of -inf is a forbidden token of probability 0.
struct softmax_norm {
    double log_sum_exp = 0;
    token  top         = 0; // the most likely token, the lowest id among equals
};

[[nodiscard]] inline softmax_norm normalise(std::span<float const> logits) {
    if (logits.empty()) return {std::nan(""), 0};
    float const  top = lane_max(logits);
    double const max = static_cast<double>(top);
    double const sum =
        lane_sum(logits.size(), [&](std::size_t i) { return exp_nonpositive(static_cast<double>(logits[i]) - max); });
    std::size_t at = 0; // absent only if the row holds NaN
    while (at < logits.size() && logits[at] != top) ++at;
    return {max + std::log(sum), at < logits.size() ? static_cast<token>(at) : 0};
}

// KL(p || q) = sum_i p_i (log p_i - log q_i) in nats, terms with p_i = 0 being 0. No clamp and no 16-bit storage of p.
// Rounding can leave -1e-12 where the truth is 0; that is cut.
[[nodiscard]] inline double kl_divergence(std::span<float const> p, softmax_norm p_norm, std::span<float const> q,
                                          softmax_norm q_norm) {
    auto const term = [&](std::size_t i) {
        double const log_p = static_cast<double>(p[i]) - p_norm.log_sum_exp;
        double const log_q = static_cast<double>(q[i]) - q_norm.log_sum_exp;
        return exp_nonpositive(log_p) * (log_p - log_q);
    };
    auto const guarded = [&](std::size_t i) { // 0 * inf, in a loop of its own: the comparison keeps it from SIMD
        return static_cast<double>(p[i]) - p_norm.log_sum_exp < -708.0 ? 0.0 : term(i);
    };
    bool const   finite = std::isfinite(lane_min(p)) && std::isfinite(lane_min(q));
    double const sum    = finite ? lane_sum(p.size(), term) : lane_sum(p.size(), guarded);
    return sum < 0 ? 0 : sum;
}

} // namespace qeval
