// softmax(cap(scale q K^T)) V for rows of one key head. Order of operations, whatever is computed beside it:
//   score(t)  one chain of multiply-adds over the head, ascending, from q scaled first; then the cap, where there is
//   one sum       of e^(score - max) in 16 partial sums by t mod 16, then that of the sink, where there is one out
//   within each page of 16 positions one ascending chain over t; pages added in ascending order
// A tile of queries only shares the loads.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/tuning/cpu.hpp>
#include <qeval/model/cpu/kv_cache.hpp>
#include <qeval/model/cpu/math.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

struct query {
    float const* q     = nullptr; // [head_size]
    float*       out   = nullptr; // [value_size]
    index        first = 0;       // sees positions [first, last)
    index        last  = 0;
    float        sink  = -std::numeric_limits<float>::infinity(); // the score of nothing, whose value is 0
};

class head_attention {
public:
    static constexpr int   widest    = 6; // queries in a tile
    static constexpr index positions = kv_cache::page_positions;
    static_assert(positions == 16);

    // scale and soft_cap: as in attention_shape, the scale not 0.
    head_attention(kv_cache const& cache, index layer, index head, index first, index last, float scale, float soft_cap)
        : head_size_(cache.shape().head_size),
          value_size_(cache.shape().value_width()),
          padded_(cache.padded_value()),
          scale_(scale),
          soft_cap_(soft_cap),
          first_page_(first / positions),
          last_page_((last + positions - 1) / positions),
          kv_(cache, layer, head, first_page_, last_page_),
          scaled_(std::size_t(widest * head_size_)),
          scores_(std::size_t(widest * stride())),
          totals_(std::size_t(widest * padded_)) {}

    void run(std::span<query const> queries) {
        while (!queries.empty()) {
            std::size_t const n = queries.size();
            if (n >= 6)
                queries = tile<6>(queries);
            else if (n >= 3)
                queries = tile<3>(queries);
            else
                queries = tile<1>(queries);
        }
    }

private:
    [[nodiscard]] index stride() const { return (last_page_ - first_page_) * positions; }

    template <int Q>
    std::span<query const> tile(std::span<query const> all) {
        auto const queries = all.first(Q);
        index      lo = queries[0].first, hi = queries[0].last;
        for (query const& q : queries) {
            lo = std::min(lo, q.first), hi = std::max(hi, q.last);
            float* const to = scaled_.data() + (&q - queries.data()) * head_size_;
            for (index i = 0; i < head_size_; ++i) to[i] = q.q[i] * scale_;
        }
        index const   p0 = lo / positions, p1 = (hi + positions - 1) / positions;
        index         p    = p0;
        constexpr int wide = Q == 1 ? 4 : tuning::attention_pages;
        for (; p + wide <= p1; p += wide) score_pages<Q, wide>(p);
        for (; p < p1; ++p) score_pages<Q, 1>(p);
        float sums[Q];
        for (int i = 0; i < Q; ++i) sums[i] = softmax(queries[std::size_t(i)], scores_at(i, p0), p0, p1);
        std::fill_n(totals_.begin(), Q * padded_, 0.0f);
        for (p = p0; p < p1; ++p) {
            index           d    = 0;
            constexpr index many = tuning::attention_pages;
            for (; d + many * positions <= padded_; d += many * positions) weigh_page<Q, many>(queries, p, d);
            for (; d < padded_; d += positions) weigh_page<Q, 1>(queries, p, d);
        }
        for (int i = 0; i < Q; ++i) {
            float const* const total = totals_.data() + i * padded_;
            for (index k = 0; k < value_size_; ++k) queries[std::size_t(i)].out[k] = total[k] / sums[i];
        }
        return all.subspan(Q);
    }

    [[nodiscard]] float* scores_at(int query, index page) { // [positions from `page` on]
        return scores_.data() + query * stride() + (page - first_page_) * positions;
    }

    // Scores of Q queries at the positions of P pages.
    template <int Q, int P>
    QEVAL_FLATTEN void score_pages(index page) {
        float const* keys[P];
        for (int j = 0; j < P; ++j) keys[j] = kv_.keys(page + j);
        f32x16 acc[Q][P];
        QEVAL_UNROLL
        for (int i = 0; i < Q; ++i) {
            QEVAL_UNROLL
            for (int j = 0; j < P; ++j) acc[i][j] = f32x16::all(0.0f);
        }
        float const* const q = scaled_.data();
        for (index k = 0; k < head_size_; ++k) {
            f32x16 key[P];
            QEVAL_UNROLL
            for (int j = 0; j < P; ++j) key[j] = f32x16::load(keys[j] + k * positions);
            QEVAL_UNROLL
            for (int i = 0; i < Q; ++i) {
                f32x16 const b = f32x16::all(q[i * head_size_ + k]);
                QEVAL_UNROLL
                for (int j = 0; j < P; ++j) acc[i][j] = multiply_add(b, key[j], acc[i][j]);
            }
        }
        QEVAL_UNROLL
        for (int i = 0; i < Q; ++i) {
            QEVAL_UNROLL
            for (int j = 0; j < P; ++j) acc[i][j].store(scores_at(i, page + j));
        }
    }

    // Scores become weights, zero outside of what the query sees; returns their sum.
    [[nodiscard]] float softmax(query const& q, float* scores, index p0, index p1) const {
        constexpr float nothing = -std::numeric_limits<float>::infinity();
        index const     n       = (p1 - p0) * positions;
        if (soft_cap_ > 0) soft_cap_values(scores, n, soft_cap_);
        for (index t = 0; t < q.first - p0 * positions; ++t) scores[t] = nothing;
        for (index t = q.last - p0 * positions; t < n; ++t) scores[t] = nothing;
        float const most = largest(scores, n), top = q.sink > most ? q.sink : most;
        float const sum = exp_and_sum(scores, n, top);
        return q.sink > nothing ? sum + exp_value(q.sink - top) : sum;
    }

    // Adds a page's weighted values, V vectors of them from element d on, to the totals of Q queries.
    template <int Q, int V>
    QEVAL_FLATTEN void weigh_page(std::span<query const> queries, index page, index d) {
        float const* const values = kv_.values(page) + d;
        index              from[Q], to[Q];
        index              begin = 0, end = positions; // what all of them see
        for (int i = 0; i < Q; ++i) {
            from[i] = std::max<index>(0, queries[std::size_t(i)].first - page * positions);
            to[i]   = std::min<index>(positions, queries[std::size_t(i)].last - page * positions);
            begin   = std::max(begin, from[i]);
            end     = std::min(end, to[i]);
        }
        if (begin > 0) end = begin = 0; // a window starts in this page: each query walks alone
        float const* weight[Q];
        for (int i = 0; i < Q; ++i) weight[i] = scores_at(i, page);
        f32x16 acc[Q][V];
        QEVAL_UNROLL
        for (int i = 0; i < Q; ++i) {
            QEVAL_UNROLL
            for (int j = 0; j < V; ++j) acc[i][j] = f32x16::all(0.0f);
        }
        for (index t = 0; t < end; ++t) {
            f32x16 value[V];
            QEVAL_UNROLL
            for (int j = 0; j < V; ++j) value[j] = f32x16::load(values + t * padded_ + j * positions);
            QEVAL_UNROLL
            for (int i = 0; i < Q; ++i) {
                f32x16 const w = f32x16::all(weight[i][t]);
                QEVAL_UNROLL
                for (int j = 0; j < V; ++j) acc[i][j] = multiply_add(w, value[j], acc[i][j]);
            }
        }
        QEVAL_UNROLL
        for (int i = 0; i < Q; ++i) {
            for (index t = std::max(from[i], end); t < to[i]; ++t) {
                f32x16 const w = f32x16::all(weight[i][t]);
                QEVAL_UNROLL
                for (int j = 0; j < V; ++j) {
                    acc[i][j] = multiply_add(w, f32x16::load(values + t * padded_ + j * positions), acc[i][j]);
                }
            }
            float* const total = totals_.data() + i * padded_ + d;
            QEVAL_UNROLL
            for (int j = 0; j < V; ++j) {
                (f32x16::load(total + j * positions) + acc[i][j]).store(total + j * positions);
            }
        }
    }

    index               head_size_, value_size_, padded_;
    float               scale_, soft_cap_;
    index               first_page_, last_page_;
    kv_cache::head_view kv_;
    std::vector<float>  scaled_; // [widest, head_size]
    std::vector<float>  scores_; // [widest, positions]
    std::vector<float>  totals_; // [widest, padded]
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
