#include <cmath>
#include <limits>
#include <vector>

#include <qeval/core/random.hpp>
#include <qeval/model/cpu/attention.hpp>

#include "tests/support/catch.hpp"

namespace qeval {
namespace {

struct problem {
    index              head_size, length;
    kv_format const*   format;
    std::vector<float> q, k, v; // [length, head_size]
    cpu::kv_cache      cache;
    float              scale, cap = 0, sink = -std::numeric_limits<float>::infinity();

    problem(index hd, index n, kv_format const* f = nullptr)
        : head_size(hd),
          length(n),
          format(f),
          q(values(n * hd, 1, 3)),
          k(values(n * hd, 2, 1)),
          v(values(n * hd, 3, 1)),
          cache({1, 1, hd, n}, f),
          scale(1.0f / std::sqrt(float(hd))) {
        cache.reserve(n);
        cache.open(0, n);
        for (index p = 0; p < n; ++p) cache.store(0, 0, p, row(k, p), row(v, p));
        cache.advance(n);
    }
    static std::vector<float> values(index n, std::uint64_t seed, double scale) {
        random_stream const r(seed);
        std::vector<float>  x(static_cast<std::size_t>(n));
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = float(scale * (2 * r.uniform(i) - 1));
        return x;
    }
    std::span<float const> row(std::vector<float> const& x, index p) const {
        return std::span(x).subspan(std::size_t(p * head_size), std::size_t(head_size));
    }
    index first(index p, index window) const { return window > 0 ? std::max<index>(0, p + 1 - window) : 0; }

    // Rows [begin, end) in calls of `tile` queries.
    std::vector<float> run(index begin, index end, index window, std::size_t tile) const {
        std::vector<float>      out(q.size(), -7.0f);
        std::vector<cpu::query> queries;
        for (index p = begin; p < end; ++p)
            queries.push_back({row(q, p).data(), out.data() + p * head_size, first(p, window), p + 1, sink});
        cpu::head_attention a(cache, 0, 0, first(begin, window), end, scale, cap);
        for (std::size_t i = 0; i < queries.size(); i += tile) {
            a.run(std::span<cpu::query const>(queries).subspan(i, std::min(tile, queries.size() - i)));
        }
        return out;
    }
    // The definition, in double.
    std::vector<double> exact(index p, index window) const {
        std::vector<double> weight, out(std::size_t(head_size), 0.0);
        double              sum = 0;
        for (index t = first(p, window); t <= p; ++t) {
            double s = 0;
            for (std::size_t i = 0; i < std::size_t(head_size); ++i) s += double(row(q, p)[i]) * stored(row(k, t)[i]);
            s *= double(scale);
            weight.push_back(std::exp(cap > 0 ? double(cap) * std::tanh(s / double(cap)) : s));
            sum += weight.back();
        }
        sum += std::exp(double(sink));
        for (index t = first(p, window); t <= p; ++t) {
            for (std::size_t i = 0; i < out.size(); ++i) {
                out[i] += weight[std::size_t(t - first(p, window))] / sum * stored(row(v, t)[i]);
            }
        }
        return out;
    }
    double stored(float x) const {
        if (!format || format->name() == "f32") return double(x);
        return format->name() == "f16" ? double(f16::from(x).to_float()) : double(bf16::from(x).to_float());
    }
};

} // namespace

TEST_CASE("attention equals its definition in double, for every head size, length and window") {
    kv_format const* const format = GENERATE(static_cast<kv_format const*>(nullptr), &kv_format_for<kv_plain<f16>>(),
                                             &kv_format_for<kv_plain<bf16>>());
    for (index const hd : {2, 8, 16, 24, 64, 80}) {
        problem const p(hd, 75, format);
        for (index const window : {0, 1, 5, 16, 40, 1000}) {
            auto const out   = p.run(0, p.length, window, 1000);
            double     worst = 0;
            for (index t = 0; t < p.length; ++t) {
                auto const e = p.exact(t, window);
                for (std::size_t i = 0; i < e.size(); ++i)
                    worst = std::max(worst, std::abs(double(out[std::size_t(t * hd) + i]) - e[i]));
            }
            CHECK(worst < 1e-6); // values of size 1
        }
    }
}

TEST_CASE("a scale, a soft cap and a score of nothing are those of the definition") {
    problem p(24, 75);
    p.scale = 0.7f, p.cap = 0.5f, p.sink = 0.4f;
    for (index const window : {0, 5}) {
        auto const out = p.run(0, p.length, window, 1000);
        for (index t = 0; t < p.length; ++t) {
            auto const e = p.exact(t, window);
            for (std::size_t i = 0; i < e.size(); ++i)
                CHECK(double(out[std::size_t(t * 24) + i]) == Approx(e[i]).epsilon(0).margin(1e-6));
        }
    }
}

TEST_CASE("a query's result does not depend, in any bit, on which queries are computed beside it") {
    for (index const hd : {8, 64, 72}) {
        problem const p(hd, 131);
        for (index const window : {0, 23}) {
            auto const together = p.run(0, p.length, window, 1000);
            for (std::size_t const tile : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 13u})
                CHECK(p.run(0, p.length, window, tile) == together);
            for (index t = 0; t < p.length; t += 7) {
                auto const alone = p.run(t, t + 1, window, 1);
                CHECK(std::equal(p.row(alone, t).begin(), p.row(alone, t).end(), p.row(together, t).begin()));
            }
        }
    }
}

TEST_CASE("later and earlier positions of a cache cannot reach a query, even if they hold NaN") {
    problem                  p(16, 60);
    auto const               before = p.run(10, 40, 12, 1000);
    std::vector<float> const nan(16, std::nanf(""));
    p.cache.store(0, 0, 40, nan, nan);
    CHECK(p.run(10, 40, 12, 1000) == before);
    for (index t = 0; t < 15; ++t) p.cache.store(0, 0, t, nan, nan);
    auto const after = p.run(26, 40, 12, 1000);
    CHECK(std::equal(p.row(after, 26).begin(), p.row(after, 39).end(), p.row(before, 26).begin()));
    CHECK(std::isnan(p.run(25, 26, 12, 1000)[25 * 16])); // position 14 is seen
}

} // namespace qeval
