// The bytes of a matrix in int2 .. int6 and int8, with zero points or symmetric, made of codes, scales and zero points
// that a file has in another order: see format/catalog/integers.hpp and int8.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/half.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/policy/offset.hpp>
#include <qeval/format/policy/packing.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval {

// w[r, c] = scale[r, g] * (code[r, c] - zero[r, g]), g = c / group, after the columns were put in order.
struct integer_matrix {
    int         bits = 4; // 2 to 8
    index       rows = 0, cols = 0, group = 0;
    std::string place; // of errors: file and tensor

    // codes of rows [first, last), [last - first, cols], 0 .. 2^bits - 1
    std::function<void(index first, index last, std::uint8_t* codes)> codes;
    std::function<float(index r, index g)>                            scale;
    std::function<int(index r, index g)>                              zero; // none: 2^(bits - 1) everywhere
    bool scales_of_32_bits = false; // else the formats of fewer than 8 bits must hold them exactly in 16

    [[nodiscard]] bool  symmetric() const { return !zero; }
    [[nodiscard]] index groups() const { return cols / group; }
    // No format has 7 bits, or scales of 32 bits beside fewer than 8: there codes stand in bytes, and count from as far
    // below the middle as they did.
    [[nodiscard]] int         kept_bits() const { return bits == 7 || scales_of_32_bits ? 8 : bits; }
    [[nodiscard]] int         lift() const { return (1 << (kept_bits() - 1)) - (1 << (bits - 1)); }
    [[nodiscard]] std::string format() const {
        std::string const size = group == cols ? ":channel" : ":g" + std::to_string(group);
        if (symmetric()) return "int" + std::to_string(kept_bits()) + size + ":sym";
        return kept_bits() == 8 ? "int8" + size + ":asym" : "int" + std::to_string(kept_bits()) + size;
    }
};

namespace detail {

constexpr index rows_at_once = 128; // words of a file's row beside each other fill a cache line

template <int Bits>
void lay_codes(integer_matrix const& m, std::span<std::byte> plane, thread_pool& pool) {
    using packing  = packing::neighbours<Bits>;
    auto* const to = reinterpret_cast<std::uint8_t*>(plane.data());
    pool.for_chunks(m.rows, rows_at_once, [&](index first, index last) {
        std::vector<std::uint8_t> codes(static_cast<std::size_t>((last - first) * m.cols));
        m.codes(first, last, codes.data());
        if (Bits == 8) {
            int const sign = m.symmetric() ? 0x80 : 0; // int8:sym has two's complement
            for (auto& c : codes) c = static_cast<std::uint8_t>((c + m.lift()) ^ sign);
        }
        packing::lay(codes.data(), first * m.cols, (last - first) * m.cols, m.rows * m.cols, to);
    });
}

// A scale as the format stores it, with the value that the file has.
template <class Number>
Number exact_scale(integer_matrix const& m, index r, index g) {
    float const  s      = m.scale(r, g);
    Number const stored = store_as<Number>(s);
    if (value_of(stored) == s) return stored;
    throw file_error{{"CF03", m.place + ", scale of row " + std::to_string(r) + ", group " + std::to_string(g),
                      std::to_string(s), "a scale that 16 bits hold exactly",
                      "scales in 32 bits, or too small ones in BF16"}};
}
template <int Bits, class Scale>
std::shared_ptr<aligned_bytes> integer_planes(integer_matrix const& m, thread_pool& pool) {
    using zeros            = typename zero_point<Bits>::field;
    index const groups     = m.rows * m.groups();
    auto const  codes      = static_cast<std::size_t>(packing::neighbours<Bits>::bytes(m.rows * m.cols));
    auto const  scales     = static_cast<std::size_t>(groups) * sizeof(Scale);
    auto const  zero_bytes = m.symmetric() ? 0 : static_cast<std::size_t>(zeros::bytes(groups));
    auto const  made       = std::make_shared<aligned_bytes>(codes + scales + zero_bytes);
    lay_codes<Bits>(m, {made->data(), codes}, pool);
    std::vector<std::uint8_t> all(m.symmetric() ? 0 : static_cast<std::size_t>(groups));
    pool.for_chunks(m.rows, rows_at_once, [&](index first, index last) {
        for (index r = first; r < last; ++r) {
            for (index g = 0; g < m.groups(); ++g) {
                auto const  at = static_cast<std::size_t>(r * m.groups() + g);
                Scale const s  = exact_scale<Scale>(m, r, g);
                std::memcpy(made->data() + codes + at * sizeof s, &s, sizeof s);
                if (!m.symmetric()) all[at] = static_cast<std::uint8_t>(m.zero(r, g) + m.lift());
            }
        }
    });
    if (!m.symmetric()) // a byte holds those of several rows
        zeros::lay(all.data(), 0, groups, groups, reinterpret_cast<std::uint8_t*>(made->data() + codes + scales));
    return made;
}

} // namespace detail

// Planes of integer_matrix::format(), one behind the other.
[[nodiscard]] inline std::shared_ptr<aligned_bytes> integer_planes(integer_matrix const& m, thread_pool& pool) {
    switch (m.kept_bits()) {
    case 2:
        return detail::integer_planes<2, f16>(m, pool);
    case 3:
        return detail::integer_planes<3, f16>(m, pool);
    case 4:
        return detail::integer_planes<4, f16>(m, pool);
    case 5:
        return detail::integer_planes<5, f16>(m, pool);
    case 6:
        return detail::integer_planes<6, f16>(m, pool);
    default:
        return detail::integer_planes<8, float>(m, pool);
    }
}

} // namespace qeval
