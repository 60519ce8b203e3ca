// y = x W^T dealt to threads by rows of W: what all kernels share, and what lets two of them meet in one pass.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/simd/scratch.hpp>
#include <qeval/kernel/linear.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// The product of a matrix with the inputs it was made for, in units of `height` rows, `together` of them to a task.
class row_product {
public:
    row_product(index rows, index height) : rows_(rows), height_(height) {}
    virtual ~row_product() = default;

    [[nodiscard]] index height() const { return height_; }
    [[nodiscard]] index units() const { return (rows_ + height_ - 1) / height_; }
    [[nodiscard]] index together() const { return together_; }
    [[nodiscard]] index row(index unit) const { return std::min(unit * height_, rows_); } // its first one

    // Units [begin, end) -> y [n, row(end) - row(begin)], on the calling thread.
    virtual void run(index begin, index end, matrix_view<float> y) const = 0;
    // What they write of y [n, rows].
    [[nodiscard]] matrix_view<float> outputs(matrix_view<float> const& y, index begin, index end) const {
        return {&y(0, row(begin)), y.rows, row(end) - row(begin), y.stride};
    }

protected:
    // `most` units to a task where there are plenty; fewer otherwise, so that every thread gets several.
    void deal(index most, int threads, int tasks_for_each) {
        together_ = std::clamp<index>(units() / (tasks_for_each * threads), 1, most);
    }

private:
    index rows_, height_, together_ = 1;
};

// y = join(gate's product, up's product), joined while a thread has both in its caches. The two have equal heights and
// rows.
inline void run_gated(row_product const& gate, row_product const& up, gate_function* join, matrix_view<float> y,
                      thread_pool& pool) {
    pool.for_chunks(gate.units(), gate.together(), [&](index begin, index end) {
        thread_local scratch<float> own;
        matrix_view<float> const    mine = gate.outputs(y, begin, end);
        matrix_view<float> const    other(own.room(static_cast<std::size_t>(y.rows * mine.cols)), y.rows, mine.cols);
        gate.run(begin, end, mine);
        up.run(begin, end, other);
        for (index i = 0; i < y.rows; ++i) join(&mine(i, 0), &other(i, 0), mine.cols);
    });
}

// One token, sixteen outputs at a time, each task a stretch of rows: kernel(row0, out) for rows [row0, row0 + 16).
template <class Kernel>
class token_product final : public row_product {
public:
    token_product(index rows, Kernel kernel, int threads) : row_product(rows, 16), kernel_(std::move(kernel)) {
        deal(units(), threads, 8);
    }

    void run(index begin, index end, matrix_view<float> y) const override {
        alignas(64) float out[16];
        for (index u = begin; u < end; ++u) {
            kernel_(u * 16, out);
            std::copy_n(out, row(u + 1) - row(u), &y(0, row(u) - row(begin)));
        }
    }

private:
    Kernel kernel_;
};
template <class Kernel>
[[nodiscard]] std::unique_ptr<row_product> make_token_product(index rows, Kernel kernel, int threads) {
    return std::make_unique<token_product<Kernel>>(rows, std::move(kernel), threads);
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
