// The blocks of a matrix, as many side by side as the encoder's lane type has lanes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/pack/lanes.hpp>
#include <qeval/pack/number_matrix.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval {

// The lane type that F's encoder runs with.
template <class F>
using lanes_for = std::conditional_t<QEVAL_VECTORS && encodes_lanes<F, lanes<2>>, lanes<2>, float>;

// What importance-weighted encoders know about the whole matrix.
struct column_importance {
    std::span<float const> of_column;       // empty: all weights count alike
    std::vector<float>     row_mean_square; // of the weights
};

namespace detail {

// Blocks [first, last) of a matrix, counted row by row. V decides how many at a time, never what their bytes are.
template <in_blocks F, class V>
class block_encoder {
    using block_type = typename F::block_type;

public:
    block_encoder(number_matrix const& w, column_importance const& importance, block_type* out)
        : w_(w), importance_(importance), out_(out), per_row_(packed_view<F>::blocks_in(w.cols())) {
        if (w.cols() % size != 0) tails_.resize(std::size_t(2 * lane_count<V>));
    }
    void operator()(index first, index last) {
        for (index b = first; b < last; b += lane_count<V>) encode(b, std::min<index>(lane_count<V>, last - b));
    }

private:
    static constexpr index size = F::block_size;

    void encode(index first, index count) {
        bool const       weighs = !importance_.of_column.empty();
        std::byte const* from[lane_count<V>];
        float const*     weights[lane_count<V>];
        block_type*      out[lane_count<V>];
        V                row_mean_square = 0.0f;
        for (int k = 0; k < lane_count<V>; ++k) { // what is left of the lanes repeats the last block and goes nowhere
            index const b = std::min(first + k, first + count - 1), row = b / per_row_, column = b % per_row_ * size;
            from[k] = whole(w_.at(row, column), column, w_.number_bytes(), 2 * k);
            out[k]  = k < count ? out_ + b : &unused_;
            *out[k] = {};
            if (!weighs) continue;
            auto const* const w = reinterpret_cast<std::byte const*>(importance_.of_column.data() + column);
            weights[k]          = reinterpret_cast<float const*>(whole(w, column, sizeof(float), 2 * k + 1));
            set_lane(row_mean_square, k, importance_.row_mean_square[std::size_t(row)]);
        }
        V x[size];
        w_.gather(from, int(size), x);
        block_lanes<block_type, V> const blocks{x, out};
        if constexpr (takes_importance<F>) {
            if (weighs) {
                V weight[size];
                gather_lanes(weights, int(size), weight);
                return F::encode(blocks, importance_lanes<V>{weight, row_mean_square});
            }
        }
        F::encode(blocks);
    }
    // A block's numbers from `column` of a row on: in place or, where the row ends inside the block, padded with zeros.
    std::byte const* whole(std::byte const* from, index column, index number_bytes, int tail) {
        if (column + size <= w_.cols()) return from;
        auto& padded = tails_[std::size_t(tail)];
        padded       = {};
        __builtin_memcpy(padded.data(), from, std::size_t((w_.cols() - column) * number_bytes));
        return padded.data();
    }

    struct alignas(float) numbers : std::array<std::byte, sizeof(float) * std::size_t(size)> {};

    number_matrix            w_;
    column_importance const& importance_;
    block_type*              out_;
    index                    per_row_;
    block_type               unused_{};
    std::vector<numbers>     tails_; // two for each lane, where rows end inside a block
};

// Formats whose encoder takes one block.
template <in_blocks F>
void encode_one_by_one(number_matrix const& w, typename F::block_type* out, index first, index last) {
    constexpr index size    = F::block_size;
    index const     per_row = packed_view<F>::blocks_in(w.cols());
    for (index b = first; b < last;) {
        index const column = b % per_row * size, end = std::min(last, b - b % per_row + per_row); // of this row
        w.visit(w.at(b / per_row, column), [&](auto const* from) {
            for (index left = w.cols() - column; b < end; ++b, from += size, left -= size) {
                std::array<float, std::size_t(size)> x{}; // padded with zeros
                for (index i = 0; i < std::min(size, left); ++i) x[std::size_t(i)] = value_of(from[i]);
                F::encode(std::span<float const, std::size_t(size)>(x), out[b]);
            }
        });
    }
}

inline std::vector<float> row_mean_squares(number_matrix const& w, thread_pool& pool) {
    std::vector<float> all(static_cast<std::size_t>(w.rows()));
    pool.for_chunks(w.rows(), 16, [&](index b, index e) {
        for (index r = b; r < e; ++r) {
            float sum = 0;
            w.visit(w.at(r, 0), [&](auto const* x) {
                for (index c = 0; c < w.cols(); ++c) sum += value_of(x[c]) * value_of(x[c]);
            });
            all[std::size_t(r)] = sum / static_cast<float>(w.cols());
        }
    });
    return all;
}

template <in_blocks F, class V>
void encode_blocks(number_matrix const& w, std::span<float const> importance, typename F::block_type* out,
                   thread_pool& pool) {
    index const blocks = w.rows() * packed_view<F>::blocks_in(w.cols());
    index const chunk = (std::max<index>(1, 16384 / F::block_size) + lane_count<V> - 1) / lane_count<V> * lane_count<V>;
    if constexpr (encodes_lanes<F, V>) {
        column_importance const columns{importance,
                                        importance.empty() ? std::vector<float>() : row_mean_squares(w, pool)};
        pool.for_chunks(blocks, chunk, [&](index b, index e) { block_encoder<F, V>(w, columns, out)(b, e); });
    } else {
        pool.for_chunks(blocks, chunk, [&](index b, index e) { encode_one_by_one<F>(w, out, b, e); });
    }
}

} // namespace detail
} // namespace qeval
