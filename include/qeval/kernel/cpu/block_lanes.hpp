// Sixteen blocks side by side: what a block of a format looks like when sixteen rows are interleaved.
//
// A block has up to three segments: what lies before its codes, the codes, and what lies after them. Each is interleaved by
// itself (interleave.hpp), so its dwords are aligned with its first byte and it takes exactly sixteen times its size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/format/parameters.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/kernel/cpu/code_lanes.hpp>
#include <qeval/kernel/cpu/interleave.hpp>
#include <qeval/kernel/cpu/simd.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Bytes of the segments of a block.
template <class F>
struct block_segments {
    using block_type = typename F::block_type;
    static constexpr index head = offsetof(block_type, codes), codes = sizeof(block_type::codes),
                           tail = static_cast<index>(sizeof(block_type)) - head - codes;
};

// The reader (format/parameters.hpp) of sixteen blocks: a lane for each. The segments may lie anywhere.
template <class F>
class block_lanes {
    using segments = block_segments<F>;

public:
    using block_type = typename F::block_type;

    QEVAL_INLINE block_lanes(std::uint8_t const* head, std::uint8_t const* codes, std::uint8_t const* tail)
        : head_(head), codes_(codes), tail_(tail) {}
    // The three segments one after the other.
    explicit QEVAL_INLINE block_lanes(std::uint8_t const* at)
        : block_lanes(at, at + 16 * segments::head, at + 16 * (segments::head + segments::codes)) {}
    // Block b of sixteen rows of blocks, interleaved into `room`, 16 x sizeof(block) bytes.
    QEVAL_INLINE block_lanes(rows16 const& rows, index b, std::uint8_t* room) : block_lanes(static_cast<std::uint8_t const*>(room)) {
        index const first = b * static_cast<index>(sizeof(block_type));
        interleave_segment(rows, first, segments::head, room);
        interleave_segment(rows, first + segments::head, segments::codes, room + 16 * segments::head);
        interleave_segment(rows, first + segments::head + segments::codes, segments::tail, room + 16 * (segments::head + segments::codes));
    }

    [[nodiscard]] QEVAL_INLINE i32x16 byte(std::size_t offset, int i = 0) const {
        auto const [segment, size, at] = find(static_cast<index>(offset) + i);
        index const words = size / 4 * 4, halves = size / 2 * 2;
        if (at < words) return word(segment, at / 4) >> static_cast<int>(at % 4 * 8) & 255;
        if (at < halves) return widen(reinterpret_cast<std::uint16_t const*>(segment + 16 * words)) >> static_cast<int>(at % 2 * 8) & 255;
        return widen(segment + 16 * halves);
    }
    template <class T>
    [[nodiscard]] QEVAL_INLINE f32x16 number(T, std::size_t offset, int i = 0) const {
        auto const [segment, size, at] = find(static_cast<index>(offset) + index{i} * static_cast<index>(sizeof(T)));
        if constexpr (std::is_same_v<T, f16> || std::is_same_v<T, bf16>) {
            bool const   in_words = at < size / 4 * 4;
            i32x16 const bits     = in_words ? word(segment, at / 4) >> static_cast<int>(at % 4 * 8) & 0xffff
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

    [[nodiscard]] QEVAL_INLINE std::int32_t const* codes() const { return reinterpret_cast<std::int32_t const*>(codes_); }

private:
    struct place {
        std::uint8_t const* segment;
        index               size, at;
    };
    [[nodiscard]] QEVAL_INLINE place find(index offset) const {
        if (offset < segments::head) return {head_, segments::head, offset};
        return {tail_, segments::tail, offset - segments::head - segments::codes};
    }
    [[nodiscard]] static QEVAL_INLINE i32x16 word(std::uint8_t const* segment, index w) {
        return i32x16::load(reinterpret_cast<std::int32_t const*>(segment) + 16 * w);
    }
    std::uint8_t const *head_, *codes_, *tail_;
};

// Codes and parameters of sixteen blocks can be had as lanes.
template <class F>
concept has_block_lanes = in_blocks<F> && has_lanes<F> && requires(typename F::block_type const& b) { b.codes; }
                          && has_group_scale<F, block_lanes<F>>
                          && code_lanes<typename F::packing_type, F::block_size>::possible;

} // namespace QEVAL_ISA
} // namespace qeval::cpu
