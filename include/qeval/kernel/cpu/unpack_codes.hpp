// Codes of a stretch of one row, a byte each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// out[i] |= this field's bits of code i, i < n, from the field's bytes; n is a whole number of the field's tiles.
// Runs of eight bytes and more go through the packing's lane expression, eight lanes in a word.
template <class Field>
QEVAL_INLINE void unpack_field(std::uint8_t const* bytes, index n, std::uint8_t* out) {
    for (index t = 0; t < n / Field::tile; ++t) {
        std::uint8_t const* in  = bytes + t * Field::run;
        std::uint8_t*       dst = out + t * Field::tile;
#pragma GCC unroll 8
        for (int slot = 0; slot < Field::per_byte; ++slot) {
            for (int j = 0; j < Field::run; ++j) {
                dst[slot * Field::run + j] = static_cast<std::uint8_t>(dst[slot * Field::run + j]
                                                                       | Field::extract(in[j], slot) << Field::at);
            }
        }
    }
}

// All codes of weights [0, n) that lie together.
template <class Packing>
QEVAL_INLINE void unpack_together(std::uint8_t const* codes, index n, std::uint8_t* out) {
    std::memset(out, 0, static_cast<std::size_t>(n));
    Packing::for_each_field(n, [&](auto field, index offset) { unpack_field<decltype(field)>(codes + offset, n, out); });
}

// Codes of row r, columns [k0, k0 + n) into out; needs room for n plus a block.
template <in_blocks F>
void unpack_codes(packed_view<F> const& m, index r, index k0, index n, std::uint8_t* out) {
    constexpr index size = F::block_size;
    auto const*     row  = m.row(r);
    if (k0 % size == 0) { // the usual case: blocks divide the kernel's chunks
        for (index b = 0; b * size < n; ++b) unpack_together<typename F::packing_type>(row[k0 / size + b].codes, size, out + b * size);
        return;
    }
    std::uint8_t block[size];
    for (index k = k0; k < k0 + n;) {
        unpack_together<typename F::packing_type>(row[k / size].codes, size, block);
        index const take = std::min(size - k % size, k0 + n - k);
        std::memcpy(out + (k - k0), block + k % size, static_cast<std::size_t>(take));
        k += take;
    }
}
template <in_planes F>
void unpack_codes(packed_view<F> const& m, index r, index k0, index n, std::uint8_t* out) {
    using packing             = typename F::packing_type;
    constexpr index in_a_word = 8 / packing::bits;
    index const     first     = r * m.cols + k0;
    index           i         = 0;
    if (first % in_a_word == 0) {
        i = n / in_a_word * in_a_word;
        unpack_together<packing>(m.cell.codes + first / in_a_word, i, out);
    }
    for (; i < n; ++i) out[i] = static_cast<std::uint8_t>(F::code(m.cell, first + i));
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
