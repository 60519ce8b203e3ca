// Weights that are stored as numbers, sixteen rows at a time: sixteen bytes of each row are transposed in registers,
// and a lane then holds a row's number.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/weight/interleave.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Of stored f32, f16 or bf16.
template <dense_format F>
class stored_numbers {
    using number = std::remove_cvref_t<decltype(*std::declval<packed_view<F>>().row(0))>;

public:
    static constexpr int depth = 16 / sizeof(number); // numbers in sixteen bytes

    // Rows [row0, row0 + 16) of a matrix.
    [[nodiscard]] static rows16 rows_of(packed_view<F> const& m, index row0) {
        return rows16::of(m.row(row0), m.cols * index{sizeof(number)}, m.rows - row0);
    }
    // Numbers [k, k + n) of every row, n <= depth: word[n * sizeof(number) / 4, rounded up][16].
    static QEVAL_INLINE void load(rows16 const& rows, index k, index n, std::int32_t* word) {
        transpose_quad(rows.row, k * index{sizeof(number)}, n * index{sizeof(number)}, word);
    }
    // Number j of those loaded.
    static QEVAL_INLINE f32x16 value(std::int32_t const* word, int j) {
        if constexpr (std::is_same_v<number, f32>) {
            return as_floats(i32x16::load(word + 16 * j));
        } else {
            i32x16 const two = i32x16::load(word + j / 2 * 16);
            if constexpr (std::is_same_v<number, bf16>)
                return as_floats(j % 2 == 0 ? two << 16 : two & static_cast<int>(0xffff0000u));
            return from_halves(j % 2 == 0 ? two & 0xffff : two >> 16 & 0xffff);
        }
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
