// y = x W^T dealt to threads by rows of W: what all kernels share, and what lets two of them meet in one pass.
#pragma once

#include <algorithm>
#include <memory>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/panel/panel.hpp>
#include <qeval/kernel/cpu/simd/scratch.hpp>
#include <qeval/kernel/linear.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// The product of a matrix with the inputs it was made for, in units of `height` rows, `together` of them to a task.
class row_product {
public:
    row_product(panel_source const& w, index height) : rows_(w.rows()), height_(height) {}
    virtual ~row_product() = default;

    [[nodiscard]] index height() const { return height_; }
    [[nodiscard]] index units() const { return (rows_ + height_ - 1) / height_; }
    [[nodiscard]] index together() const { return together_; }
    [[nodiscard]] index row(index unit) const { return std::min(unit * height_, rows_); } // its first one

    // Units [begin, end) -> y [n, row(end) - row(begin)], on the calling thread.
    virtual void run(index begin, index end, matrix_view<float> y) const = 0;

protected:
    // `most` units to a task where there are plenty; fewer otherwise, so that every thread gets several.
    void deal(index most, int threads, int tasks_for_each) {
        together_ = std::clamp<index>(units() / (tasks_for_each * threads), 1, most);
    }

private:
    index rows_, height_, together_ = 1;
};

// y [n, rows], all units.
inline void run(row_product const& product, matrix_view<float> y, thread_pool& pool) {
    pool.for_chunks(product.units(), product.together(), [&](index begin, index end) {
        index const first = product.row(begin);
        product.run(begin, end, {&y(0, first), y.rows, product.row(end) - first, y.stride});
    });
}

// y = join(gate's product, up's product), joined while a thread has both in its caches. The two have equal heights and
// rows.
inline void run_gated(row_product const& gate, row_product const& up, gate_function* join, matrix_view<float> y,
                      thread_pool& pool) {
    pool.for_chunks(gate.units(), gate.together(), [&](index begin, index end) {
        thread_local scratch<float> own;
        index const                 first = gate.row(begin), width = gate.row(end) - first;
        matrix_view<float> const    mine(&y(0, first), y.rows, width, y.stride);
        matrix_view<float> const    other(own.room(static_cast<std::size_t>(y.rows * width)), y.rows, width);
        gate.run(begin, end, mine);
        up.run(begin, end, other);
        for (index i = 0; i < y.rows; ++i) join(&mine(i, 0), &other(i, 0), width);
    });
}

// One token, sixteen outputs at a time, each task a stretch of rows. x: a pointer or a reference, as
// panel_source::run_token takes it.
template <class Token>
class token_product final : public row_product {
public:
    token_product(panel_source const& w, Token x, int threads) : row_product(w, 16), w_(&w), x_(x) {
        deal(units(), threads, 8);
    }

    void run(index begin, index end, matrix_view<float> y) const override {
        alignas(64) float out[16];
        for (index u = begin; u < end; ++u) {
            w_->run_token(u * 16, x_, out);
            std::copy_n(out, row(u + 1) - row(u), &y(0, row(u) - row(begin)));
        }
    }

private:
    panel_source const* w_;
    Token               x_;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
