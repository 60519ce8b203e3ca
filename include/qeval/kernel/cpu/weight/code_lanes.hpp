// Codes of sixteen rows from interleaved stored dwords: the packing's own expression on 32-bit lanes, four codes to a
// lane.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/policy/packing.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/simd/unroll.hpp>
#include <qeval/pack/quad_walk.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Four fields of Bits bits that lie side by side at the low end of a lane -> a byte each: two rounds of shift and mask.
template <int Bits>
QEVAL_INLINE i32x16 spread(i32x16 x) {
    if constexpr (Bits == 8) return x;
    constexpr std::uint32_t pair = (1u << 2 * Bits) - 1u;
    x                            = x & static_cast<int>((1u << 4 * Bits % 32) - 1u);
    x                            = (x | x << (16 - 2 * Bits)) & static_cast<int>(pair * 0x00010001u);
    return (x | x << (8 - Bits)) & lane_mask(Bits, static_cast<i32x16 const*>(nullptr));
}

// The codes of every byte in the opposite order: halves change places, then halves of halves, down to codes.
template <int Bits>
QEVAL_INLINE i32x16 reversed_in_bytes(i32x16 x) {
    each<3>([&](auto round) QEVAL_LAMBDA_INLINE {
        constexpr int width = 4 >> decltype(round)::value;
        if constexpr (width >= Bits) {
            auto const low = i32x16::all(static_cast<int>(0xffu / ((1u << width) + 1u) * 0x01010101u));
            x              = (x >> width & low) | (x & low) << width;
        }
    });
    return x;
}

// Bits of codes [4 (Base + j), 4 (Base + j) + 4) that field F holds, from its interleaved dwords: words.at<F, W>(j) is
// dword W + j of the field. Base is a multiple of 8 / Bits quads; j stays inside the run, or is a constant where runs
// are of 1.
template <class Field, int F, int Base, class Words>
QEVAL_INLINE i32x16 field_quad(Words const& words, int j) {
    if constexpr (Field::run % 4 == 0) {
        constexpr int word = static_cast<int>(Field::byte_of(4 * Base)) / 4;
        return Field::extract(words.template at<F, word>(j), static_cast<int>(4 * Base % Field::tile / Field::run));
    } else {
        static_assert(Field::run == 1);
        if constexpr (Field::bits == 8) return words.template at<F, Base>(j);
        int const bit  = 4 * Field::bits * (Base + j);
        i32x16    lane = words.template at<F, 0>(bit / 32);
        if constexpr (Field::high_first) lane = reversed_in_bytes<Field::bits>(lane);
        return spread<Field::bits>(lane >> bit % 32);
    }
}

// The same, where Base is only known when the kernel runs: words.at<F>(w, j) is dword w + j of the field. Runs are not
// of 1, or are bytes.
template <class Field, int F, class Words>
QEVAL_INLINE i32x16 field_quad(Words const& words, int base, int j) {
    if constexpr (Field::run == 1) {
        static_assert(Field::bits == 8);
        return words.template at<F>(base, j);
    } else {
        return Field::extract(words.template at<F>(static_cast<int>(Field::byte_of(4 * base)) / 4, j),
                              static_cast<int>(4 * base % Field::tile / Field::run));
    }
}

// N weights whose codes lie together, in a packing of fields. Each field's dwords are interleaved by themselves.
template <class Packing, int N>
struct code_lanes {
    static constexpr bool possible = false;
};

template <class... Fields, int N>
struct code_lanes<packing::planes<Fields...>, N> {
    static constexpr int fields = sizeof...(Fields);
    using walk                  = quad_walk<packing::planes<Fields...>, N>;
    // Every field begins on a dword, and four neighbours lie in four neighbouring bytes, or all codes side by side.
    static constexpr bool possible = ((Fields::bytes(N) % 4 == 0 && (Fields::run % 4 == 0 || Fields::run == 1)) && ...);
    // Weights that are handled by one set of constants: the common part of all runs.
    static constexpr int step = [] {
        int common = 0;
        ((common = Fields::run == 1 ? common : std::gcd(common, Fields::run)), ...);
        return common == 0 ? std::gcd(N, 32) : std::gcd(N, common);
    }();
    static constexpr bool constant_steps = ((Fields::run == 1 && Fields::bits < 8) || ...); // j must be a constant, too

    // Whether a kernel is compiled for each step of a tile, and not once for all of them: where that must be, and where
    // it costs a compiler little. Constants instead of variables gain up to a fifth.
    static constexpr bool step_by_step = constant_steps || walk::tile / step <= 2;

    // f(0), ..., f(Times - 1), inside a step.
    template <int Times, class Use>
    static QEVAL_INLINE void repeated(Use const& f) {
        if constexpr (constant_steps) {
            each<Times>(f);
        } else {
            for (int i = 0; i < Times; ++i) f(i);
        }
    }

    // Dword w of field f, wherever the interleaved fields begin.
    struct field_words {
        std::array<std::int32_t const*, std::size_t(fields)> begin;
        template <int F, int W>
        QEVAL_INLINE i32x16 at(int j) const {
            return i32x16::load(begin[std::size_t(F)] + 16 * (W + j));
        }
        template <int F>
        QEVAL_INLINE i32x16 at(int w, int j) const {
            return i32x16::load(begin[std::size_t(F)] + 16 * (w + j));
        }
        [[nodiscard]] QEVAL_INLINE field_words part(int i, int n) const { // i of n equal ones
            field_words own = *this;
            std::size_t f   = 0;
            ((own.begin[f++] += 4 * (Fields::bytes(N) / n) * i), ...);
            return own;
        }
    };
    // The fields of a block, every dword where a kernel that follows the walk wants it.
    struct walked_words {
        std::int32_t const* codes;
        template <int F, int W>
        QEVAL_INLINE i32x16 at(int j) const {
            constexpr auto const& place = walk::place;
            constexpr std::size_t first = std::size_t(first_word[std::size_t(F)] + W);
            constexpr int         pace  = constant_steps ? 0 : even_pace(first);
            return i32x16::load(codes + 16 * (pace != 0 ? place[first] + pace * j : place[first + std::size_t(j)]));
        }
        template <int F>
        QEVAL_INLINE i32x16 at(int w, int j) const {
            constexpr int first = first_word[std::size_t(F)], pace = even_pace<F>();
            return i32x16::load(codes + 16 * (pace != 0 ? walk::place[std::size_t(first + w)] + pace * j
                                                        : walk::place[std::size_t(first + w + j)]));
        }
        // Part i of n of the walk: what is said of the first one holds for it.
        [[nodiscard]] QEVAL_INLINE walked_words part(int i, int n) const {
            return {codes + 16 * (walk::dwords / n) * i};
        }
    };
    // Codes [4 (Base + j), ... + 4): Base a constant multiple of step / 4, j < step / 4.
    template <int Base, class Words>
    static QEVAL_INLINE i32x16 quad(Words const& words, int j) {
        return combine<Base>(words, j, std::make_integer_sequence<int, fields>{});
    }
    template <class Words>
    static QEVAL_INLINE i32x16 quad(Words const& words, int base, int j) {
        return [&]<int... I>(std::integer_sequence<int, I...>) QEVAL_LAMBDA_INLINE {
            return ((field_quad<Fields, I>(words, base, j) << Fields::at) | ...);
        }
        (std::make_integer_sequence<int, fields>{});
    }
    // f(q, codes [4 q, 4 q + 4)) in ascending order.
    template <class Words, class F>
    static QEVAL_INLINE void for_each_quad(Words const& words, F const& f) {
        if constexpr (step_by_step) {
            static_assert(walk::repeats(walk::tiles));
            for (int t = 0; t < walk::tiles; ++t) {
                auto const tile = words.part(t, walk::tiles);
                each<walk::tile / step>([&](auto part) QEVAL_LAMBDA_INLINE {
                    constexpr int base = part * (step / 4);
                    repeated<step / 4>([&](auto j)
                                           QEVAL_LAMBDA_INLINE { f(t * walk::quads + base + j, quad<base>(tile, j)); });
                });
            }
        } else {
            for (int base = 0; base < N / 4; base += step / 4) {
                for (int j = 0; j < step / 4; ++j) f(base + j, quad(words, base, j));
            }
        }
    }

private:
    static constexpr std::array<int, std::size_t(fields)> first_word = [] { // of each field
        std::array<int, std::size_t(fields)> first{};
        index                                offset = 0;
        std::size_t                          f      = 0;
        ((first[f++] = static_cast<int>(offset / 4), offset += Fields::bytes(N)), ...);
        return first;
    }();
    // What the places of dwords first, first + 1, ... of a step grow by, if by the same; else 0.
    static constexpr int even_pace(std::size_t first) {
        constexpr auto const& place = walk::place;
        int const             pace  = step > 4 ? place[first + 1] - place[first] : 1;
        for (std::size_t j = 1; j < std::size_t(step / 4); ++j) {
            if (place[first + j] - place[first + j - 1] != pace) return 0;
        }
        return pace;
    }
    // The pace of all steps of field F, if they have the same; else 0.
    template <int F>
    static constexpr int even_pace() {
        int const dwords = (std::size_t(F) + 1 < first_word.size() ? first_word[std::size_t(F) + 1] : walk::dwords) -
                           first_word[std::size_t(F)];
        int const pace = even_pace(std::size_t(first_word[std::size_t(F)]));
        for (int d = 0; d < dwords; d += step / 4) {
            if (even_pace(std::size_t(first_word[std::size_t(F)] + d)) != pace) return 0;
        }
        return pace;
    }
    template <int Base, class Words, int... I>
    static QEVAL_INLINE i32x16 combine(Words const& words, int j, std::integer_sequence<int, I...>) {
        return ((field_quad<Fields, I, Base>(words, j) << Fields::at) | ...);
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
