// Axis "packing": which bits of which byte a code occupies.
#pragma once

#include <concepts>
#include <cstdint>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>

namespace qeval::packing {

// `Bits` bits of every code, bit `At` of the code upwards. Weights are dealt to bytes in runs: the first Run weights
// take the low Bits of Run consecutive bytes, the next Run weights the next Bits of the same bytes, until the bytes are
// full.
//
//   field<4, 16>: byte j = weight j | weight j+16 << 4          (ggml Q4_0)
//   field<4, 1>:  byte j = weight 2j | weight 2j+1 << 4          (GPTQ)
//   field<2, 32>: byte j = weights j, j+32, j+64, j+96           (ggml Q2_K)
template <int Bits, int Run, int At = 0, bool HighFirst = false>
struct field {
    static constexpr int  bits = Bits, run = Run, at = At, per_byte = 8 / Bits, tile = Run * per_byte;
    static constexpr bool high_first = HighFirst;
    static constexpr bool whole      = bits * per_byte == 8; // 1, 2, 4 or 8 bits: [QF21] where it is used

    QEVAL_HD static constexpr index bytes(index n) { return (n + tile - 1) / tile * Run; }
    QEVAL_HD static constexpr index byte_of(index i) { return i / tile * Run + i % Run; }
    QEVAL_HD static constexpr int   shift_of(index i) { return shift(static_cast<int>(i % tile / Run)); }
    QEVAL_HD static constexpr int   shift(int slot) { return Bits * (HighFirst ? per_byte - 1 - slot : slot); }

    // The codes' bits of run number `slot`, from whole bytes: one expression for int, word and SIMD lanes.
    template <class V>
    QEVAL_HD static constexpr V extract(V bytes, int slot) {
        return extract_bits(bytes, shift(slot), Bits);
    }
};

// Several fields one after the other in memory, e.g. high bits, then nibbles.
template <class... Fields>
struct planes {
    static constexpr int  bits  = (Fields::bits + ...);
    static constexpr bool whole = (Fields::whole && ...);
    static constexpr int  unit  = [] { // after this many weights every field ends on a byte, where runs are of 1
        int most = 1;
        ((most = Fields::per_byte > most ? Fields::per_byte : most), ...);
        return most;
    }();
    static constexpr double stored_bits = bits;

    template <int>
    using for_block = planes;

    QEVAL_HD static constexpr index bytes(index n) { return (Fields::bytes(n) + ...); }

    // Code of weight i of n that lie together.
    QEVAL_HD static constexpr unsigned code(std::uint8_t const* codes, index i, index n) {
        unsigned c = 0;
        index    o = 0;
        ((c |=
          static_cast<unsigned>(extract_bits(int{codes[o + Fields::byte_of(i)]}, Fields::shift_of(i), Fields::bits))
          << Fields::at,
          o += Fields::bytes(n)),
         ...);
        return c;
    }
    // Adds the code of weight i; the bytes start out as zero.
    QEVAL_HD static constexpr void put(std::uint8_t* codes, index i, index n, unsigned c) {
        index o = 0;
        ((codes[o + Fields::byte_of(i)] = static_cast<std::uint8_t>(
              codes[o + Fields::byte_of(i)] |
              ((c >> Fields::at) & unsigned(lane_mask(Fields::bits, static_cast<int const*>(nullptr))))
                  << Fields::shift_of(i)),
          o += Fields::bytes(n)),
         ...);
    }
    // The bytes of weights first .. first + count - 1 of n that lie together; they begin on a byte in every field, and
    // end on one or are the last. B is a byte, or one byte of many lanes.
    template <class B>
    static constexpr void lay(B const* codes, index first, index count, index n, B* to) {
        index at = 0;
        ((lay_field<Fields>(codes, count, to + at + Fields::byte_of(first)), at += Fields::bytes(n)), ...);
    }
    // Calls f(Field{}, byte offset) for every field.
    template <class F>
    QEVAL_HD static constexpr void for_each_field(index n, F&& f) {
        index o = 0;
        ((f(Fields{}, o), o += Fields::bytes(n)), ...);
    }

private:
    template <class Field, class B>
    static constexpr void lay_field(B const* codes, index count, B* to) {
        for (index j = 0; j < Field::bytes(count); ++j) {
            B sum{};
            for (int slot = 0; slot < Field::per_byte; ++slot) {
                index const i = j / Field::run * Field::tile + slot * Field::run + j % Field::run;
                if (i < count) sum = B(sum | B(extract_bits(codes[i], Field::at, Field::bits) << Field::shift(slot)));
            }
            to[j] = sum;
        }
    }
};

// One byte a code.
using bytes = planes<field<8, 1>>;
// Two codes a byte, neighbours together; the first one low (GPTQ) or high (bitsandbytes).
using nibbles            = planes<field<4, 1>>;
using nibbles_high_first = planes<field<4, 1, 0, true>>;

// Codes of Bits bits, neighbours together: what fills no byte by itself goes into a plane of its own before the rest,
// so that any word of a plane holds whole codes (3 bits: a plane of high bits, then one of two bits).
namespace detail {
template <int Bits>
struct neighbours;
template <int Bits>
requires(8 % Bits == 0) struct neighbours<Bits> {
    using type = planes<field<Bits, 1>>;
};
template <>
struct neighbours<3> {
    using type = planes<field<1, 1, 2>, field<2, 1>>;
};
template <>
struct neighbours<5> {
    using type = planes<field<1, 1, 4>, field<4, 1>>;
};
template <>
struct neighbours<6> {
    using type = planes<field<2, 1, 4>, field<4, 1>>;
};
} // namespace detail
template <int Bits>
using neighbours = typename detail::neighbours<Bits>::type;

// Five codes 0 .. 2 a byte, neighbours together: byte j = sum of weight 5j + k times 3^k. 1.6 bits where two would hold
// them. Division by a constant is a multiplication and a shift; both are exact for bytes.
struct trits {
    static constexpr int    bits = 2, unit = 5, run = 1, at = 0, per_byte = 5, tile = 5;
    static constexpr bool   whole       = true;
    static constexpr double stored_bits = 1.6;

    template <int>
    using for_block = trits;

    QEVAL_HD static constexpr index bytes(index n) { return (n + 4) / 5; }
    QEVAL_HD static constexpr index byte_of(index i) { return i / 5; }
    QEVAL_HD static constexpr int   power(int k) { return k == 0 ? 1 : k == 1 ? 3 : k == 2 ? 9 : k == 3 ? 27 : 81; }
    template <class V>
    QEVAL_HD static constexpr V extract(V five, int slot) { // b / 3^k is b * ceil(2^16 / 3^k) / 2^16 for b < 243
        int const above = static_cast<int>(five) * ((65536 + power(slot) - 1) / power(slot)) >> 16;
        return V(above - 3 * (above * 171 >> 9));
    }
    QEVAL_HD static constexpr unsigned code(std::uint8_t const* codes, index i, index) {
        return static_cast<unsigned>(extract(int{codes[i / 5]}, static_cast<int>(i % 5)));
    }
    template <class B>
    static constexpr void lay(B const* codes, index first, index count, index, B* to) {
        for (index j = 0; j < bytes(count); ++j) {
            int sum = 0;
            for (int k = 4; k >= 0; --k) sum = 3 * sum + (5 * j + k < count ? static_cast<int>(codes[5 * j + k]) : 0);
            to[first / 5 + j] = B(sum);
        }
    }
    QEVAL_HD static constexpr void put(std::uint8_t* codes, index i, index, unsigned c) {
        codes[i / 5] = static_cast<std::uint8_t>(codes[i / 5] + static_cast<int>(c) * power(static_cast<int>(i % 5)));
    }
    template <class F>
    QEVAL_HD static constexpr void for_each_field(index, F&& f) {
        f(trits{}, 0);
    }
};

// Two codes a byte, the halves of a block together: byte j = weight j | weight j + n/2 << 4.
struct split_nibbles {
    static constexpr int  bits  = 4;
    static constexpr bool whole = true;
    template <int N>
    using for_block = planes<field<4, N / 2>>;
};

} // namespace qeval::packing

namespace qeval {

// A packing policy is a family over the number of weights that lie together.
template <class P>
concept packing_policy = requires {
    { P::bits } -> std::convertible_to<int>;
    { P::whole } -> std::convertible_to<bool>; // no code straddles two bytes
    typename P::template for_block<32>;
};

} // namespace qeval
