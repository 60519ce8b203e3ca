// The parameters of a block's groups, written over stored bytes: one expression serves a single block and sixteen
// blocks side by side.
//
// A block format may offer, for every reader b of its block_type,
//   group_scale(b, g)                           or super_scale(b) and sub_scale(b, g), an integer: their product
//   group_offset(b, g)                          where groups have one
// A reader gives byte(o, i), byte i of an array at offset o of the block (0 .. 255); number(T{}, o, i), the value of T
// number i there; and to_number(n), an integer as a number. Formats without these functions are asked block by block,
// through group().
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <qeval/core/bits.hpp>
#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/format/affine.hpp>

namespace qeval {

// The reader of a single block.
template <class Block>
class one_block {
public:
    QEVAL_HD constexpr explicit one_block(Block const& b) : block_(b) {}

    [[nodiscard]] QEVAL_HD constexpr int byte(std::size_t offset, int i = 0) const {
        offset += static_cast<std::size_t>(i);
        if (__builtin_is_constant_evaluated()) return bit_cast<bytes<sizeof(Block)>>(block_).at[offset];
        return reinterpret_cast<std::uint8_t const*>(&block_)[offset];
    }
    template <class T>
    [[nodiscard]] QEVAL_HD constexpr float number(T, std::size_t offset,
                                                  int i = 0) const { // element i of an array of T
        bytes<sizeof(T)> stored{};
        offset += sizeof(T) * static_cast<std::size_t>(i);
        for (std::size_t k = 0; k < sizeof(T); ++k) stored.at[k] = static_cast<std::uint8_t>(byte(offset + k));
        return value_of(bit_cast<T>(stored));
    }
    [[nodiscard]] QEVAL_HD static constexpr float to_number(int n) { return static_cast<float>(n); }

private:
    template <std::size_t N>
    struct bytes {
        std::uint8_t at[N];
    };
    Block const& block_;
};

template <class F, class Reader>
concept has_sub_scales = requires(Reader const& b) {
    F::super_scale(b), F::sub_scale(b, 0);
};
template <class F, class Reader>
concept has_group_scale = has_sub_scales<F, Reader> || requires(Reader const& b) {
    F::group_scale(b, 0);
};

template <class F, class Reader>
QEVAL_HD constexpr auto scale_of(Reader const& b, int g) {
    if constexpr (has_sub_scales<F, Reader>) {
        return F::super_scale(b) * b.to_number(F::sub_scale(b, g));
    } else {
        return F::group_scale(b, g);
    }
}
// What group() of such a format is.
template <class F, class Block>
QEVAL_HD constexpr affine group_of(Block const& block, int g) {
    one_block<Block> const b(block);
    affine                 a{scale_of<F>(b, g)};
    if constexpr (requires { F::group_offset(b, g); }) a.offset = F::group_offset(b, g);
    return a;
}

} // namespace qeval
