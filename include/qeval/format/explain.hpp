// Prose for formats that are not complete: one mistake, one error, saying what to write. Ids are listed in
// docs/errors.md.
#pragma once

#include <qeval/format/concepts.hpp>

namespace qeval {

namespace detail {
template <class>
inline constexpr bool never = false;
}

// Every entry point that takes a format runs this first and does its work under `if constexpr (quant_format<F>)`.
template <class F>
consteval bool explain_format() {
    using detail::never;
    if constexpr (requires { typename F::unfinished_format; }) {
        return true; // an axis of format<...> is wrong, and has been named
    } else if constexpr (!in_blocks<F> && !in_planes<F>) {
        static_assert(never<F>,
                      "qeval: [QF01] a quant format needs 'struct block_type': the bytes of one block, as in the file");
    } else if constexpr (!named<F>) {
        static_assert(never<F>, "qeval: [QF02] a quant format needs 'static constexpr auto name', a string: its name "
                                "in tables and on the command line");
    } else if constexpr (!sized<F>) {
        static_assert(
            never<F>,
            "qeval: [QF03] a quant format needs 'static constexpr int block_size': the weights in one block_type");
    } else if constexpr (!short_blocks<F>) {
        static_assert(never<F>,
                      "qeval: [QF23] a block holds at most 1024 weights, because encoders keep it on the stack; "
                      "longer groups are stored in planes: 'group<4096>' or 'per_row'");
    } else if constexpr (!plain_cell<F>) {
        static_assert(never<F>, "qeval: [QF04] block_type must be trivially copyable and free of padding (it is "
                                "written to disk byte for byte; use q::f32 in place of float)");
    } else if constexpr (partly_grouped<F> && !has_code<F>) {
        static_assert(never<F>, "qeval: [QF05] a format with 'level' or 'group' needs 'static constexpr unsigned "
                                "code(block_type const&, int i)' too, or none of the three and 'decode'");
    } else if constexpr (partly_grouped<F> && !has_level<F>) {
        static_assert(never<F>, "qeval: [QF05] a format with 'code' or 'group' needs 'static constexpr float "
                                "level(unsigned code)' too, or none of the three and 'decode'");
    } else if constexpr (partly_grouped<F> && !has_group<F>) {
        static_assert(never<F>, "qeval: [QF05] a format with 'code' or 'level' needs 'static constexpr qeval::affine "
                                "group(block_type const&, int g)' too, or none of the three and 'decode'");
    } else if constexpr (!decodes<F>) {
        static_assert(never<F>,
                      "qeval: [QF06] a quant format needs 'static constexpr float decode(block_type const&, int i)'");
    } else if constexpr (!encodes<F>) {
        static_assert(
            never<F>,
            "qeval: [QF07] a quant format needs 'static void encode(std::span<float const, block_size>, block_type&)'");
    }
    return true;
}

} // namespace qeval
