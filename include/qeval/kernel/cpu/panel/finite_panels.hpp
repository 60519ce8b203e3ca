// Whether a matrix is free of NaN and infinity, by the panels of its kernels: they have the bits of decode(), and take
// a tenth of its time.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/panel/panel.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// 0 * x is 0 for every finite x, and NaN for all others; a sum keeps it.
[[nodiscard]] inline bool all_finite(panel_source const& weights, thread_pool& pool) {
    constexpr index   step = 512; // depths of a panel, which stays in the first cache
    std::atomic<bool> finite{true};
    pool.for_chunks((weights.rows() + 15) / 16, 4, [&](index first, index last) {
        alignas(64) float panel[step * 16];
        for (index row0 = first * 16; row0 < last * 16 && finite.load(std::memory_order_relaxed); row0 += 16) {
            f32x16 sum = f32x16::all(0);
            for (index k0 = 0; k0 < weights.cols(); k0 += step) {
                index const n = std::min(step, (weights.cols() - k0 + 3) / 4 * 4);
                weights.floats(row0, k0, n, panel, 16);
                for (index k = 0; k < n; ++k) sum = multiply_add(f32x16::load(panel + k * 16), f32x16::all(0), sum);
            }
            alignas(64) float lanes[16];
            sum.store(lanes);
            index const inside = std::min<index>(16, weights.rows() - row0); // rows behind it are arbitrary
            if (std::any_of(lanes, lanes + inside, [](float lane) { return std::isnan(lane); })) finite = false;
        }
    });
    return finite;
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
