// CUDA status codes as exceptions.
#pragma once

#include <string>

#include <cuda_runtime_api.h>

#include <qeval/core/error.hpp>

namespace qeval::cuda {

inline void check(cudaError_t status, char const* what) {
    if (status == cudaSuccess) return;
    throw environment_error({"CU01", what,
                             std::string(cudaGetErrorName(status)) + " (" + cudaGetErrorString(status) + ")",
                             "cudaSuccess", status == cudaErrorMemoryAllocation ? "the device is out of memory" : ""});
}

// Why there is no device to work on; empty when there is one. Other failures throw.
inline std::string why_no_device() {
    int               count  = 0;
    cudaError_t const status = cudaGetDeviceCount(&count);
    if (status == cudaErrorNoDevice || status == cudaErrorInsufficientDriver) {
        static_cast<void>(cudaGetLastError()); // not sticky
        return cudaGetErrorString(status);
    }
    check(status, "cudaGetDeviceCount");
    return count > 0 ? "" : "no CUDA device";
}

} // namespace qeval::cuda
