// Formats of different tools that hold the same numbers: 4 and 8 bits of ggml under a 16-bit scale for 32 weights, and
// integers in groups. Codes and scales are taken over as they are; nothing is decoded and encoded again.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/half.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/catalog/q4_0.hpp>
#include <qeval/format/catalog/q4_1.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/format/name.hpp>
#include <qeval/kernel/any_packed.hpp>
#include <qeval/pack/packed_matrix.hpp>
#include <qeval/scheme/method/integer_planes.hpp>
#include <qeval/scheme/method/stored_parts.hpp>
#include <qeval/scheme/output/packed_integers.hpp>

namespace qeval {

struct exact_form {
    // The format with the numbers of a matrix in `from`; empty: none.
    std::string (*to)(std::string_view from, index cols);
    // Its bytes. usage_error SC10 where a matrix turns out to have numbers that it does not hold; `name` is the
    // tensor's.
    std::shared_ptr<aligned_bytes> (*make)(any_packed const& from, std::string const& name, thread_pool& pool);
};

namespace detail {

// Blocks of 32 weights in a row: Block is q4_0, q4_1 or q8_0.
template <class Block>
[[nodiscard]] typename Block::block_type const* blocks_of(any_packed const& m) {
    return reinterpret_cast<typename Block::block_type const*>(planes_of(m).planes.front().data());
}
template <class Block>
[[nodiscard]] integer_matrix integers_in_blocks(any_packed const& m, std::string const& name) {
    constexpr int   bits = Block::packing_type::bits;
    constexpr index size = Block::block_size;
    auto const*     from = blocks_of<Block>(m);
    integer_matrix  made{bits, m.rows(), m.cols(), size, name, {}, {}, {}};
    made.codes = [from, cols = m.cols()](index first, index last, std::uint8_t* to) {
        for (index b = first * cols / size; b < last * cols / size; ++b) {
            for (index i = 0; i < size; ++i) // int8 counts from -128 in the middle
                *to++ = static_cast<std::uint8_t>(Block::code(from[b], static_cast<int>(i)) ^ (bits == 8 ? 0x80u : 0u));
        }
    };
    made.scale = [from, groups = m.cols() / size](index r, index g) {
        return value_of(from[r * groups + g].scales[0]);
    };
    return made;
}

[[noreturn]] inline void refuse_inexact(std::string const& name, std::string_view from, std::string_view to,
                                        index different, index all, double largest, double relative) {
    char text[200];
    std::snprintf(text, sizeof text, "residual: %lld of %lld values differ, by up to %.6g, relative RMS %.3g",
                  static_cast<long long>(different), static_cast<long long>(all), largest, relative);
    throw usage_error{{"SC10", name + ", " + std::string(from) + " as " + std::string(to), text,
                       "a format that holds the same numbers",
                       "a scheme without --from-quantized encodes the matrix a second time, and loses by it"}};
}

// Blocks of ggml are symmetric: a zero point must be the middle of the codes.
inline void refuse_zero_points(integer_matrix const& m, std::string const& name, std::string_view to) {
    index other = 0;
    for (index r = 0; r < m.rows && !m.symmetric(); ++r) {
        for (index g = 0; g < m.groups(); ++g) other += m.zero(r, g) == 1 << (m.bits - 1) ? 0 : 1;
    }
    if (other == 0) return;
    throw usage_error{
        {"SC10", name + " as " + std::string(to),
         std::to_string(other) + " of " + std::to_string(m.rows * m.groups()) + " groups with a zero point",
         "groups whose zero point is " + std::to_string(1 << (m.bits - 1)),
         "a scheme without --from-quantized encodes the matrix a second time, and loses by it"}};
}

} // namespace detail

// ggml's blocks -> integers in groups of 32, symmetric.
template <class Block>
inline constexpr exact_form blocks_to_integers{[](std::string_view from, index cols) -> std::string {
                                                   bool const whole = cols % Block::block_size == 0;
                                                   if (!same_name(from, name_of<Block>()) || !whole) return {};
                                                   return "int" + std::to_string(Block::packing_type::bits) +
                                                          (cols == Block::block_size ? ":channel" : ":g32") + ":sym";
                                               },
                                               [](any_packed const& from, std::string const& name, thread_pool& pool) {
                                                   return integer_planes(detail::integers_in_blocks<Block>(from, name),
                                                                         pool);
                                               }};

// Integers whose zero points are the middle of the codes -> ggml's blocks. A group may be longer than a block, whose
// scale is then written several times.
template <class Block>
inline constexpr exact_form integers_to_blocks{
    [](std::string_view from, index cols) -> std::string {
        auto const k     = integer_kind_of(from);
        bool const fits  = k && k->bits == Block::packing_type::bits && k->height == 1;
        bool const whole = fits && cols % Block::block_size == 0 && k->group(cols) % Block::block_size == 0;
        return whole ? std::string(name_of<Block>()) : std::string();
    },
    [](any_packed const& from, std::string const& name, thread_pool& pool) {
        constexpr int   bits = Block::packing_type::bits;
        constexpr index size = Block::block_size;
        auto const      in   = planes_of(from);
        if (in.order) // the columns of a group would lie in several blocks
            throw usage_error{{"SC06", name, "columns sorted by group (act-order)", "columns in their own order", ""}};
        auto const m = integers_in(in, *integer_kind_of(from.format()), from.rows(), from.cols(), name);
        auto const made =
            std::make_shared<aligned_bytes>(static_cast<std::size_t>(packed_bytes<Block>(from.rows(), from.cols())));
        auto* const to = reinterpret_cast<typename Block::block_type*>(made->data());
        pool.for_chunks(m.rows, 16, [&](index first, index last) {
            std::vector<std::uint8_t> codes(static_cast<std::size_t>(m.cols));
            for (index r = first; r < last; ++r) {
                m.codes(r, r + 1, codes.data());
                for (index b = 0; b < m.cols / size; ++b) {
                    auto const group = std::span(codes).subspan(static_cast<std::size_t>(b * size), std::size_t{size});
                    auto&      block = to[r * (m.cols / size) + b];
                    f16        scale = detail::exact_scale<f16>(m, r, b * size / m.group);
                    // A block of zeros, as ggml has it: its scale is none, with the sign that the division by -8 gives.
                    if (std::ranges::all_of(group, [&](std::uint8_t c) { return int{c} == 1 << (bits - 1); }))
                        scale = f16::from(bits == 4 ? -0.0f : 0.0f);
                    block.scales[0] = scale;
                    for (index i = 0; i < size; ++i) {
                        unsigned const code = group[static_cast<std::size_t>(i)] ^ (bits == 8 ? 0x80u : 0u);
                        Block::packing_type::put(block.codes, i, size, code);
                    }
                }
            }
        });
        return made;
    }};

// Q4_1 has minima that are floats: exact only where all of them are whole steps.
inline constexpr exact_form minima_to_zero_points{
    [](std::string_view from, index cols) -> std::string {
        if (!same_name(from, name_of<q4_1>()) || cols % q4_1::block_size != 0) return {};
        return cols == q4_1::block_size ? "int4:channel" : "int4:g32";
    },
    [](any_packed const& from, std::string const& name, thread_pool& pool) {
        auto        m      = detail::integers_in_blocks<q4_1>(from, name);
        auto const* blocks = detail::blocks_of<q4_1>(from);
        m.zero             = [blocks, groups = m.groups()](index r, index g) {
            auto const& b    = blocks[r * groups + g];
            float const d    = value_of(b.scales[0]);
            float const zero = d == 0 ? 0 : std::nearbyint(-value_of(b.offsets[0]) / d);
            return static_cast<int>(std::clamp(zero, 0.0f, 15.0f));
        };
        index                     different = 0;
        double                    largest = 0, squares = 0, all = 0;
        std::vector<float>        values(static_cast<std::size_t>(m.cols));
        std::vector<std::uint8_t> codes(values.size());
        for (index r = 0; r < m.rows; ++r) {
            from.decode(r * m.cols, values);
            m.codes(r, r + 1, codes.data());
            for (index i = 0; i < m.cols; ++i) {
                auto const   at   = static_cast<std::size_t>(i);
                float const  made = m.scale(r, i / 32) * static_cast<float>(int{codes[at]} - m.zero(r, i / 32));
                double const off  = std::fabs(double{made} - double{values[at]});
                different += off > 0 ? 1 : 0;
                largest = std::max(largest, off);
                squares += off * off, all += double{values[at]} * double{values[at]};
            }
        }
        if (different > 0)
            detail::refuse_inexact(name, "Q4_1", "int4:g32", different, m.rows * m.cols, largest,
                                   std::sqrt(squares / all));
        return integer_planes(m, pool);
    }};

inline constexpr exact_form exact_forms[] = {blocks_to_integers<q4_0>, blocks_to_integers<q8_0>,
                                             integers_to_blocks<q4_0>, integers_to_blocks<q8_0>, minima_to_zero_points};

} // namespace qeval
