// What can be known of a block's parameters without a block: their expressions (parameters.hpp) evaluated over ranges
// of integers and numbers of significant bits.
#pragma once

#include <bit>
#include <cstddef>

#include <qeval/core/half.hpp>
#include <qeval/core/minifloat.hpp>
#include <qeval/format/parameters.hpp>

namespace qeval {

// first <= n <= last. Bit operations take no negative numbers.
struct integer_range {
    int first = 0, last = 0;

    [[nodiscard]] static constexpr int ones(int n) {
        return n == 0 ? 0 : int(std::bit_ceil(unsigned(n) + 1u)) - 1;
    } // 2^k - 1 >= n

    friend constexpr integer_range operator&(integer_range a, int mask) { return {0, a.last < mask ? a.last : mask}; }
    friend constexpr integer_range operator|(integer_range a, integer_range b) {
        return {0, ones(a.last > b.last ? a.last : b.last)};
    }
    friend constexpr integer_range operator^(integer_range a, int b) { return {0, ones(a.last > b ? a.last : b)}; }
    friend constexpr integer_range operator<<(integer_range a, int n) { return {a.first << n, a.last << n}; }
    friend constexpr integer_range operator>>(integer_range a, int n) { return {a.first >> n, a.last >> n}; }
    friend constexpr integer_range operator-(integer_range a, int b) { return {a.first - b, a.last - b}; }
    friend constexpr integer_range operator*(integer_range a, integer_range b) {
        int const     p[4] = {a.first * b.first, a.first * b.last, a.last * b.first, a.last * b.last};
        integer_range r{p[0], p[0]};
        for (int x : p) r = {x < r.first ? x : r.first, x > r.last ? x : r.last};
        return r;
    }
    friend constexpr bool operator==(integer_range, integer_range) = default;
};

// A number of so many significant bits.
struct significance {
    int                           bits = 0;
    friend constexpr significance operator*(significance a, significance b) { return {a.bits + b.bits}; }
    friend constexpr significance operator-(significance a) { return a; }
};
constexpr significance significance_of(f32) { return {24}; }
constexpr significance significance_of(f16) { return {11}; }
constexpr significance significance_of(bf16) { return {8}; }
constexpr significance significance_of(e8m0) { return {1}; }
template <class T>
requires(sizeof(T) == 1) constexpr significance significance_of(T) { // other numbers of a byte
    return {8};
}

// The reader of no block in particular.
struct any_block {
    [[nodiscard]] static constexpr integer_range byte(std::size_t, int = 0) { return {0, 255}; }
    template <class T>
    [[nodiscard]] static constexpr significance number(T, std::size_t, int = 0) {
        return significance_of(T{});
    }
    [[nodiscard]] static constexpr significance to_number(integer_range r) {
        unsigned const magnitude = unsigned(-r.first > r.last ? -r.first : r.last);
        return {int(std::bit_width(magnitude))};
    }
};

// Significant bits of the scales of a block format's groups; 24 where nothing is known.
template <class F>
inline constexpr int scale_bits_of = [] {
    if constexpr (has_group_scale<F, any_block>) {
        int most = 0;
        for (int g = 0; g < F::groups; ++g)
            most = most > scale_of<F>(any_block{}, g).bits ? most : scale_of<F>(any_block{}, g).bits;
        return most;
    } else {
        return 24;
    }
}();

// The range that holds all sub-scales of a format.
template <class F>
requires has_sub_scales<F, any_block>
inline constexpr integer_range sub_scales_of = [] {
    integer_range all = F::sub_scale(any_block{}, 0);
    for (int g = 1; g < F::groups; ++g) {
        integer_range const r = F::sub_scale(any_block{}, g);
        all                   = {r.first < all.first ? r.first : all.first, r.last > all.last ? r.last : all.last};
    }
    return all;
}();

} // namespace qeval
