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
    static constexpr bool whole     = Size > 0 && Group > 0 && Size % (Group > 0 ? Group : 1) == 0; // [QF22] where it is used
};

// The others keep their parameters in planes. A geometry numbers the groups of the whole matrix and says
//   group_of(r, c, cols)            the group of a weight
//   run_end(r, c, cols)             the first column after c of the same row that belongs to another group
//   for_each_run(g, rows, cols, f)  f(first, last) for the ranges of the flattened matrix that make up group g

// Size consecutive weights of a row; the last group of a row may be shorter.
template <int Size>
struct group {
    static constexpr bool           in_blocks = false;
    static constexpr int            weights   = Size;
    QEVAL_HD static constexpr index per_row(index cols) { return (cols + Size - 1) / Size; }
    QEVAL_HD static constexpr index groups(index rows, index cols) { return rows * per_row(cols); }
    QEVAL_HD static constexpr index group_of(index r, index c, index cols) { return r * per_row(cols) + c / Size; }
    QEVAL_HD static constexpr index run_end(index, index c, index cols) { return smaller(c / Size * Size + Size, cols); }
    template <class F>
    static constexpr void for_each_run(index g, index, index cols, F&& f) {
        index const r = g / per_row(cols), c = g % per_row(cols) * Size;
        f(r * cols + c, r * cols + smaller(c + Size, cols));
    }
    QEVAL_HD static constexpr index smaller(index a, index b) { return a < b ? a : b; } // std::min is not for device code
};

// Size consecutive weights of the flattened matrix: groups may straddle rows (bitsandbytes).
template <int Size>
struct flat {
    static constexpr bool           in_blocks = false;
    static constexpr int            weights   = Size;
    QEVAL_HD static constexpr index groups(index rows, index cols) { return (rows * cols + Size - 1) / Size; }
    QEVAL_HD static constexpr index group_of(index r, index c, index cols) { return (r * cols + c) / Size; }
    QEVAL_HD static constexpr index run_end(index r, index c, index cols) {
        index const left = Size - (r * cols + c) % Size;
        return c + left < cols ? c + left : cols;
    }
    template <class F>
    static constexpr void for_each_run(index g, index rows, index cols, F&& f) {
        f(g * Size, (g + 1) * Size < rows * cols ? (g + 1) * Size : rows * cols);
    }
};

// One group for each row: an output channel.
struct per_row {
    static constexpr bool           in_blocks = false;
    QEVAL_HD static constexpr index groups(index rows, index) { return rows; }
    QEVAL_HD static constexpr index group_of(index r, index, index) { return r; }
    QEVAL_HD static constexpr index run_end(index, index, index cols) { return cols; }
    template <class F>
    static constexpr void for_each_run(index g, index, index cols, F&& f) {
        f(g * cols, (g + 1) * cols);
    }
};

// One group for all.
struct per_tensor {
    static constexpr bool           in_blocks = false;
    QEVAL_HD static constexpr index groups(index, index) { return 1; }
    QEVAL_HD static constexpr index group_of(index, index, index) { return 0; }
    QEVAL_HD static constexpr index run_end(index, index, index cols) { return cols; }
    template <class F>
    static constexpr void for_each_run(index, index rows, index cols, F&& f) {
        f(0, rows * cols);
    }
};

// Rectangles of R rows and C columns (fp8 checkpoints with 128 x 128 scales).
template <int R, int C>
struct tile {
    static constexpr bool           in_blocks = false;
    static constexpr int            weights   = R * C;
    QEVAL_HD static constexpr index per_row(index cols) { return (cols + C - 1) / C; }
    QEVAL_HD static constexpr index groups(index rows, index cols) { return (rows + R - 1) / R * per_row(cols); }
    QEVAL_HD static constexpr index group_of(index r, index c, index cols) { return r / R * per_row(cols) + c / C; }
    QEVAL_HD static constexpr index run_end(index, index c, index cols) { return c / C * C + C < cols ? c / C * C + C : cols; }
    template <class F>
    static constexpr void for_each_run(index g, index rows, index cols, F&& f) {
        index const c = g % per_row(cols) * C;
        for (index r = g / per_row(cols) * R; r < rows && r < (g / per_row(cols) + 1) * R; ++r) {
            f(r * cols + c, r * cols + (c + C < cols ? c + C : cols));
        }
    }
};

template <class G>
concept block_policy = requires {
    { G::in_blocks } -> std::convertible_to<bool>;
};

} // namespace qeval
