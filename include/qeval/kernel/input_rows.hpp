// The rows that the input of a linear is made of: stored, or made one at a time where a kernel packs or quantizes them,
// so that a normalised activation never goes through memory.
#pragma once

#include <span>

#include <qeval/core/view.hpp>

namespace qeval {

class input_rows {
public:
    using maker = void(void const* how, index row, std::span<float> out);

    input_rows(matrix_view<float const> x) : rows(x.rows), cols(x.cols), stored_(x) {}
    input_rows(matrix_view<float> x) : input_rows(matrix_view<float const>(x)) {}
    input_rows(float const* x, index n, index width) : input_rows(matrix_view<float const>(x, n, width)) {}
    // [n, width], row i from make(how, i, out); any thread may ask for any row, more than once.
    input_rows(index n, index width, maker* make, void const* how) : rows(n), cols(width), make_(make), how_(how) {}

    // Rows [first, first + count): where they lie, or made in what room(floats) gives.
    template <class Room>
    [[nodiscard]] matrix_view<float const> slice(index first, index count, Room&& room) const {
        if (make_ == nullptr) return stored_.slice(first, count);
        float* const             to = room(count * cols);
        matrix_view<float> const made(to, count, cols);
        for (index i = 0; i < count; ++i) make_(how_, first + i, made.row(i));
        return made;
    }

    index rows, cols;

private:
    matrix_view<float const> stored_;
    maker*                   make_ = nullptr;
    void const*              how_  = nullptr;
};

} // namespace qeval
