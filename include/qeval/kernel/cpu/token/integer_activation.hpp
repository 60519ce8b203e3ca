// Activations on the integer path: int8 with a scale, in the order in which register tiles read them. Numerics:
// int8_row in kernel/reference.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/simd/scratch.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/token/token_tiles.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/kernel/tuning/cpu.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// What shares one scale: so many depths of a token, or the whole token.
enum class activation_group { token = 0, depths_32 = 32, depths_256 = 256 };

// The group that an activation format's integer_group means; 0: the whole token.
constexpr activation_group group_of(int depths) {
    for (auto const g : {activation_group::depths_32, activation_group::depths_256}) {
        if (static_cast<int>(g) == depths) return g;
    }
    return activation_group::token;
}
constexpr std::string_view kind_of(activation_group g) {
    return g == activation_group::token ? "int8/token" : g == activation_group::depths_256 ? "int8/256" : "int8/32";
}
constexpr index size_of(activation_group g, index cols) {
    return g == activation_group::token ? cols : static_cast<index>(g);
}

// A depth of 32 of a tile of C tokens.
template <int C>
struct integer_inputs {
    std::int32_t words[8][C]; // four int8 each
    float        scale[C];
    float        sum[3][C]; // scale times the sum of all 32, of the first 16, of the last 16
};

// x [n, cols]: for each chunk of k, for each tile of C tokens, [k / 32] integer_inputs<C>. k is padded with zeros to
// a multiple of 32.
class integer_activation final : public activation {
public:
    integer_activation(input_rows const& x, activation_group group, thread_pool& pool)
        : activation(kind_of(group)),
          blocks_((x.cols + 31) / 32),
          inputs_(room<integer_inputs<1>>(blocks_ * x.rows)),
          sums_{room<std::int32_t>(blocks_ * x.rows), room<std::int32_t>(2 * blocks_ * x.rows)} {
        rows = x.rows, cols = x.cols;
        pool.for_chunks(x.rows, tuning::pack_tokens, [&](index first, index last) {
            for_each_tile<tuning::integer_tokens>(last - first, [&](index c, auto width) {
                thread_local scratch<float> made;
                for (int i = 0; i < width;
                     ++i) { // one row after the other: it is still in the first cache when it is quantized
                    auto const row =
                        x.slice(first + c + i, 1, [](index n) { return made.room(static_cast<std::size_t>(n)); });
                    place<decltype(width)::value>(row.row(0), size_of(group, cols), first + c, i);
                }
            });
        });
    }
    [[nodiscard]] index blocks() const { return blocks_; }

    // Tile of tokens [c, c + C) in the chunk of `blocks` blocks that starts at block b0.
    template <int C>
    [[nodiscard]] integer_inputs<C> const* tile(index b0, index blocks, index c) const {
        return reinterpret_cast<integer_inputs<C> const*>(inputs_.get() + b0 * rows + c * blocks);
    }
    // Sums of 32 / groups values each: for the same tile, [block][groups][C].
    [[nodiscard]] std::span<std::int32_t const> sums(int groups) const {
        return {sums_[groups - 1].get(), static_cast<std::size_t>(groups * blocks_ * rows)};
    }

private:
    template <int C>
    void place(std::span<float const> row, index group, index c, int i) {
        alignas(64) float padded[32];
        for (index g = 0; g < cols; g += group) {
            index const end = std::min(cols, g + group);
            float       top = 0;
            for (index k = g; k < end; k += 32) top = std::max(top, largest_magnitude(in_full(row, k, end, padded)));
            float const inverse = top > 0 ? 127.0f / top : 0.0f;
            for (index k = g; k < end; k += 32) {
                float const* const in = in_full(row, k, end, padded);
                index const        b = k / 32, b0 = b / tuning::chunk_blocks * tuning::chunk_blocks;
                index const        chunk = std::min(tuning::chunk_blocks, blocks_ - b0);
                index const        at    = b0 * rows + c * chunk + (b - b0) * C; // in inputs_, of the tile
                auto* const        out   = reinterpret_cast<integer_inputs<C>*>(inputs_.get() + at);
                std::int32_t       words[8], half[2];
                round_to_bytes(in, inverse, words);
                for (int h = 0; h < 2; ++h) half[h] = sum_of_bytes(words + 4 * h);
                float const scale = top / 127.0f;
                for (int w = 0; w < 8; ++w) out->words[w][i] = words[w];
                out->scale[i]  = scale;
                out->sum[0][i] = scale * static_cast<float>(half[0] + half[1]);
                for (int h = 0; h < 2; ++h) {
                    out->sum[1 + h][i]                                     = scale * static_cast<float>(half[h]);
                    sums_[1][static_cast<std::size_t>(2 * at + h * C + i)] = half[h];
                }
                sums_[0][static_cast<std::size_t>(at + i)] = half[0] + half[1];
            }
        }
    }
    // Depths [k, k + 32) of a row that counts up to `end`; zeros beyond.
    static float const* in_full(std::span<float const> row, index k, index end, float* padded) {
        if (k + 32 <= end) return row.data() + k;
        std::fill_n(padded, 32, 0.0f);
        std::copy(row.data() + k, row.data() + end, padded);
        return padded;
    }

    template <class T>
    static std::unique_ptr<T[]> room(index n) { // every entry will be written
        return std::make_unique_for_overwrite<T[]>(static_cast<std::size_t>(n));
    }

    index                                blocks_;
    std::unique_ptr<integer_inputs<1>[]> inputs_;
    std::unique_ptr<std::int32_t[]>      sums_[2];
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
