// A format -> floats, weight by weight through the oracle: exact, portable, and the yardstick for vector decoders.
#pragma once

#include <span>

#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval {

// out[i] = weight (r, first + i)
template <class F>
void decode_row(packed_view<F> const& m, index r, index first, std::span<float> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = m(r, first + static_cast<index>(i));
}

// out [rows, cols] = m
template <class F>
void unpack(packed_view<F> const& m, matrix_view<float> out, thread_pool& pool) {
    pool.for_chunks(m.rows, 16, [&](index b, index e) {
        for (index r = b; r < e; ++r) decode_row(m, r, 0, out.row(r));
    });
}

} // namespace qeval
