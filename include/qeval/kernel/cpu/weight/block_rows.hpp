// Sixteen blocks side by side: what a block of a format looks like when sixteen rows are interleaved.
// Its parts are interleaved each by itself (pack/interleaved.hpp), so the dwords of a part are aligned with its first
// byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/format/parameters.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/weight/code_lanes.hpp>
#include <qeval/pack/interleaved.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// The reader (format/parameters.hpp) of sixteen blocks: a lane for each.
template <interleavable F>
class block_rows {
    using layout = interleaved_matrix<F>;

public:
    using block_type = typename F::block_type;

    explicit QEVAL_INLINE block_rows(block_parts const& parts) : at_(parts) {}

    [[nodiscard]] QEVAL_INLINE i32x16 byte(std::size_t offset, int i = 0) const {
        auto const [segment, size, at] = find(static_cast<index>(offset) + i);
        index const words = size / 4 * 4, halves = size / 2 * 2;
        if (at < words) return word(segment, at / 4) >> static_cast<int>((at & 3) * 8) & 255;
        if (at < halves)
            return widen(reinterpret_cast<std::uint16_t const*>(segment + 16 * words)) >>
                       static_cast<int>((at & 1) * 8) &
                   255;
        return widen(segment + 16 * halves);
    }
    template <class T>
    [[nodiscard]] QEVAL_INLINE f32x16 number(T, std::size_t offset, int i = 0) const {
        auto const [segment, size, at] = find(static_cast<index>(offset) + index{i} * static_cast<index>(sizeof(T)));
        if constexpr (std::is_same_v<T, f16> || std::is_same_v<T, bf16>) {
            bool const   in_words = at < size / 4 * 4;
            i32x16 const bits     = in_words ? word(segment, at / 4) >> static_cast<int>((at & 3) * 8) & 0xffff
                                             : widen(reinterpret_cast<std::uint16_t const*>(segment + 16 * at));
            if constexpr (std::is_same_v<T, f16>) return from_halves(bits);
            return as_floats(bits << 16);
        } else if constexpr (std::is_same_v<T, f32>) {
            return as_floats(word(segment, at / 4));
        } else { // one byte: by the scalar definition
            static_assert(sizeof(T) == 1);
            alignas(64) std::int32_t code[16];
            alignas(64) float        value[16];
            byte(offset, i).store(code);
            for (int r = 0; r < 16; ++r) value[r] = value_of(bit_cast<T>(static_cast<std::uint8_t>(code[r])));
            return f32x16::load(value);
        }
    }
    [[nodiscard]] static QEVAL_INLINE f32x16 to_number(i32x16 const& n) { return to_float(n); }

    [[nodiscard]] QEVAL_INLINE std::int32_t const* codes() const {
        return reinterpret_cast<std::int32_t const*>(at_.codes);
    }

private:
    struct place {
        std::uint8_t const* segment;
        index               size, at;
    };
    [[nodiscard]] QEVAL_INLINE place find(index offset) const {
        if (offset < layout::head) return {at_.head, layout::head, offset};
        return {at_.tail, layout::tail, offset - layout::head - layout::codes};
    }
    [[nodiscard]] static QEVAL_INLINE i32x16 word(std::uint8_t const* segment, index w) {
        return i32x16::load(reinterpret_cast<std::int32_t const*>(segment) + 16 * w);
    }
    block_parts at_;
};

// Codes and parameters of sixteen blocks can be had as lanes.
template <class F>
concept has_block_rows = interleavable<F> && has_group_scale<F, block_rows<F>> &&
    code_lanes<typename F::packing_type, F::block_size>::possible;

} // namespace QEVAL_ISA
} // namespace qeval::cpu
