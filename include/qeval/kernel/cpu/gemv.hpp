// y = W x: sixteen outputs at a time, each thread a few stretches of rows.
#pragma once

#include <algorithm>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/panel.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// x: one column, as panel_source::run_column takes it.
template <class Column>
void gemv(panel_source const& w, Column const& x, matrix_view<float> y, thread_pool& pool) {
    index const panels = (w.rows() + 15) / 16;
    pool.for_chunks(panels, std::max<index>(1, panels / (8 * pool.size())), [&](index begin, index end) {
        alignas(64) float out[16];
        for (index p = begin; p < end; ++p) {
            w.run_column(p * 16, x, out);
            std::copy_n(out, std::min<index>(16, w.rows() - p * 16), &y(0, p * 16));
        }
    });
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
