// A format -> floats on the device, weight by weight through the oracle: the yardstick for every other device path.
// Compile with -fmad=false: a contracted scale * level + offset is not what decode() says.
#pragma once

#include <algorithm>

#include <cuda_runtime.h>

#include <qeval/core/view.hpp>
#include <qeval/format/explain.hpp>
#include <qeval/kernel/cuda/status.cuh>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cuda {

// out [rows, cols] = w
template <class F>
__global__ void decode_kernel(packed_view<F> w, float* out) {
    index const step = index{gridDim.x} * blockDim.x;
    for (index i = index{blockIdx.x} * blockDim.x + threadIdx.x; i < w.rows * w.cols; i += step) {
        out[i] = w(i / w.cols, i % w.cols);
    }
}

// `w` and `out` lie on the device; returns when the kernel has been queued.
template <class F>
void decode(packed_view<F> const& w, float* out, cudaStream_t stream = nullptr) {
    static_assert(explain_format<F>());
    if constexpr (quant_format<F>) {
        constexpr index threads = 256, most_blocks = 132 * 16; // enough for any device; the loop covers the rest
        index const     blocks = std::min(most_blocks, (w.rows * w.cols + threads - 1) / threads);
        if (blocks == 0) return;
        decode_kernel<F><<<static_cast<unsigned>(blocks), static_cast<unsigned>(threads), 0, stream>>>(w, out);
        check(cudaGetLastError(), "decode_kernel");
    }
}

} // namespace qeval::cuda
