// Where grid code books keep signs and scales, beside the points: two layouts that serve several formats each.
#pragma once

#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/format/grid_coded.hpp>
#include <qeval/format/policy/levels.hpp>
#include <qeval/format/policy/packing.hpp>

namespace qeval {

// A block of F has { low[], bits 0-7 of each point; high[], HighBits further ones; sign_bits[32], all the signs;
// scales[], of four bits }.
template <class F, class Grid, int GroupSize, levels_policy Levels, int HighBits>
struct grid_with_all_signs : grid_coded<F, Grid, GroupSize, Levels> {
    static constexpr int points = 256 / Grid::dimensions;
    using high                  = packing::planes<packing::field<HighBits, 1, 8>>;

    QEVAL_HD static constexpr int point(auto const& b, int j) { return int(b.low[j] | high::code(b.high, j, points)); }
    QEVAL_HD static constexpr unsigned signs(auto const& b, int k) { return b.sign_bits[k]; }

    static void put_point(auto& b, int j, int p) {
        b.low[j] = std::uint8_t(p & 255), high::put(b.high, j, points, unsigned(p));
    }
    static void put_signs(auto& b, int k, unsigned s) { b.sign_bits[k] = std::uint8_t(s); }
    static void put_scale(auto& b, int g, int s) { put_nibble(b.scales, g, s); }
};

// A group of 32 weights has one u32 { 4 x 7 sign bits, s at bit 28 }, which begins at F::word_at(b, g), under the
// factor d * (s + 1/2) * F::step.
template <class F, class Grid, levels_policy Levels>
struct grid_with_even_signs : grid_coded<F, Grid, 32, Levels> {
    QEVAL_HD static constexpr std::uint32_t word(auto const& b, int g) { return little_endian<4>(F::word_at(b, g)); }

    QEVAL_HD static constexpr unsigned signs(auto const& b, int k) {
        return even_signs(word(b, k / 4) >> 7 * (k % 4) & 127u);
    }
    QEVAL_HD static constexpr float scale(auto const& b, int g) {
        return b.d.to_float() * (0.5f + float(word(b, g) >> 28)) * F::step;
    }
    static void put_signs(auto& b, int k, unsigned s) { or_little_endian<4>(F::word_at(b, k / 4), s << 7 * (k % 4)); }
    static void put_scale(auto& b, int g, int s) { or_little_endian<4>(F::word_at(b, g), unsigned(s) << 28); }
};

} // namespace qeval
