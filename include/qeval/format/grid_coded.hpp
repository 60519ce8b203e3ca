// The part that grid code books share: a stored number names a point, whose coordinates are the codes of 4 or 8 weights
// in a row, each completed by a sign bit.
#pragma once

#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/format/affine.hpp>
#include <qeval/format/block_lanes.hpp>
#include <qeval/format/policy/levels.hpp>

namespace qeval {

// code = coordinate | sign << Bits. F adds name, block_type and, with j counting points and k runs of eight weights,
//   point(b, j)   the number of a point
//   signs(b, k)   eight sign bits, the first weight's lowest
//   scale(b, g)   the factor of a group
//   search(b, importance)   encodes a block; importance [256] may be null
template <class F, class Grid, int GroupSize, levels_policy Levels>
struct grid_coded {
    using grid_type   = Grid;
    using levels_type = Levels;

    static constexpr int block_size = 256;
    static constexpr int group_size = GroupSize;
    static constexpr int groups     = block_size / GroupSize;
    static constexpr int sign_bit   = Levels::codes / 2;

    template <class Block>
    QEVAL_HD static constexpr unsigned code(Block const& b, int i) {
        constexpr int  n     = Grid::dimensions;
        unsigned const digit = unsigned(Grid::digits()[n * F::point(b, i / n) + i % n] - '0');
        return digit | (F::signs(b, i / 8) >> i % 8 & 1u) * unsigned(sign_bit);
    }
    QEVAL_HD static constexpr float level(unsigned c) { return Levels::value(c); }
    template <class Block>
    QEVAL_HD static constexpr affine group(Block const& b, int g) {
        return {F::scale(b, g)};
    }
    template <class Block>
    static void encode(block_lanes<Block, float> const& b) {
        F::search(b.x, nullptr, *b.out[0]);
    }
    template <class Block>
    static void encode(block_lanes<Block, float> const& b, importance_lanes<float> const& importance) {
        F::search(b.x, importance.weights, *b.out[0]);
    }
};

// Seven sign bits with an eighth that makes their number even.
QEVAL_HD constexpr unsigned even_signs(unsigned seven) {
    unsigned parity = seven ^ seven >> 4;
    parity ^= parity >> 2;
    return seven | ((parity ^ parity >> 1) & 1u) << 7;
}

// A number of Bytes bytes, lowest first.
template <int Bytes>
QEVAL_HD constexpr std::uint32_t little_endian(std::uint8_t const* at) {
    std::uint32_t n = 0;
    for (int k = Bytes; k-- > 0;) n = n << 8 | at[k];
    return n;
}
// Sets bits of such a number, where they are 0.
template <int Bytes>
constexpr void or_little_endian(std::uint8_t* at, std::uint32_t bits) {
    for (int k = 0; k < Bytes; ++k) at[k] = static_cast<std::uint8_t>(at[k] | (bits >> 8 * k & 255u));
}
// Numbers of four bits, the even ones low.
QEVAL_HD constexpr int nibble(std::uint8_t const* at, int i) { return at[i / 2] >> 4 * (i % 2) & 15; }

constexpr void put_nibble(std::uint8_t* at, int i, int n) {
    or_little_endian<1>(at + i / 2, unsigned(n) << 4 * (i % 2));
}

} // namespace qeval
