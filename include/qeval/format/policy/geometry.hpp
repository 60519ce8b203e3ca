// Axis "block": which weights share parameters, and whether these lie beside the codes or in planes of their own.
#pragma once

#include <concepts>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>

namespace qeval {

// One struct for every Size weights of a row, holding Size / Group groups: ggml, MX. The last block of a row is padded
// with zeros, which are stored and counted.
template <int Size, int Group = Size>
struct block {
    static constexpr int  size = Size, group = Group;
    static constexpr bool in_blocks = true;
    static constexpr bool whole     = Size > 0 && Group > 0 &&
                                  Size % (Group > 0 ? Group : 1) == 0; // [QF22] where it is used
};

// The others keep their parameters in planes, and are values: sizes belong to the tensor, so that one format with one
// set of kernels serves every group size. Template arguments are the sizes where nobody names others, as "nf4:128"
// does.
//   groups(rows, cols)              how many there are
//   group_of(r, c, cols)            the group of a weight
//   run_end(r, c, cols)             the first column after c of the same row that belongs to another group
//   for_each_run(g, rows, cols, f)  f(first, last) for the ranges of the flattened matrix that make up group g
//   lines_up(unit, cols)            groups begin on the same columns of every row, multiples of unit
//   begins_on(unit, cols)           groups begin on multiples of unit in the flattened matrix
//   weights()                       in a group; 0 where the shape of the matrix decides

// Rectangles of `height` rows and `width` columns, 0 for all; smaller at the ends of rows and columns.
template <int Height, int Width>
struct rectangles {
    static constexpr bool in_blocks = false;
    index                 height = Height, width = Width;

    QEVAL_HD constexpr index across(index cols) const { return width == 0 ? 1 : (cols + width - 1) / width; }
    QEVAL_HD constexpr index groups(index rows, index cols) const {
        return (height == 0 ? 1 : (rows + height - 1) / height) * across(cols);
    }
    QEVAL_HD constexpr index group_of(index r, index c, index cols) const {
        index const down = height == 0 ? 0 : height == 1 ? r : r / height;
        return width == 0 ? down : down * across(cols) + c / width;
    }
    QEVAL_HD constexpr index run_end(index, index c, index cols) const {
        return width == 0 || cols - c / width * width < width ? cols : c / width * width + width;
    }
    template <class F>
    constexpr void for_each_run(index g, index rows, index cols, F&& f) const {
        index const top = g / across(cols) * height, left = g % across(cols) * width;
        index const bottom = height == 0 || rows - top < height ? rows : top + height, right = run_end(0, left, cols);
        if (width == 0) {
            f(top * cols, bottom * cols);
        } else {
            for (index r = top; r < bottom; ++r) f(r * cols + left, r * cols + right);
        }
    }
    [[nodiscard]] constexpr bool lines_up(index unit, index cols) const {
        return width == 0 || width >= cols || width % unit == 0;
    }
    [[nodiscard]] constexpr bool begins_on(index unit, index cols) const {
        return cols % unit == 0 && lines_up(unit, cols);
    }
    [[nodiscard]] constexpr index weights() const { return height * width; }
    friend constexpr bool         operator==(rectangles, rectangles) = default;
};

// Size consecutive weights of a row (AWQ, GPTQ); R rows by C columns (fp8 checkpoints); one group for each row, an
// output channel; one for all.
template <int Size>
using group = rectangles<1, Size>;
template <int R, int C>
using tile       = rectangles<R, C>;
using per_row    = rectangles<1, 0>;
using per_tensor = rectangles<0, 0>;

// One group for each row, whatever a name asks for.
struct whole_rows : per_row {};

// `size` consecutive weights of the flattened matrix: groups may straddle rows (bitsandbytes).
template <int Size>
struct flat {
    static constexpr bool in_blocks = false;
    index                 size      = Size;

    QEVAL_HD constexpr index groups(index rows, index cols) const { return (rows * cols + size - 1) / size; }
    QEVAL_HD constexpr index group_of(index r, index c, index cols) const { return (r * cols + c) / size; }
    QEVAL_HD constexpr index run_end(index r, index c, index cols) const {
        index const left = size - (r * cols + c) % size;
        return c + left < cols ? c + left : cols;
    }
    template <class F>
    constexpr void for_each_run(index g, index rows, index cols, F&& f) const {
        f(g * size, (g + 1) * size < rows * cols ? (g + 1) * size : rows * cols);
    }
    [[nodiscard]] constexpr bool lines_up(index unit, index cols) const {
        return cols == 0 || size % cols == 0 || (cols % size == 0 && size % unit == 0);
    }
    [[nodiscard]] constexpr bool  begins_on(index unit, index) const { return size % unit == 0; }
    [[nodiscard]] constexpr index weights() const { return size; }
    friend constexpr bool         operator==(flat, flat) = default;
};

template <class G>
concept block_policy = requires {
    { G::in_blocks } -> std::convertible_to<bool>;
};

} // namespace qeval
