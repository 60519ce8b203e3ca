// Memory on the device that belongs to one owner.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include <cuda_runtime_api.h>

#include <qeval/kernel/cuda/status.cuh>

namespace qeval::cuda {

// `size` elements of T, uninitialised; cudaMalloc aligns to 256 bytes.
template <class T>
class buffer {
public:
    buffer() = default;
    explicit buffer(std::size_t size) : size_(size) {
        if (size > 0) check(cudaMalloc(reinterpret_cast<void**>(&data_), size * sizeof(T)), "cudaMalloc");
    }
    explicit buffer(std::span<T const> values) : buffer(values.size()) {
        if (size_ > 0)
            check(cudaMemcpy(data_, values.data(), size_ * sizeof(T), cudaMemcpyHostToDevice),
                  "cudaMemcpy to the device");
    }
    buffer(buffer&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    buffer& operator=(buffer&& other) noexcept {
        std::swap(data_, other.data_), std::swap(size_, other.size_);
        return *this;
    }
    ~buffer() { cudaFree(data_); } // a failure here has been reported by an earlier call, or the process ends

    [[nodiscard]] T*          data() { return data_; }
    [[nodiscard]] T const*    data() const { return data_; }
    [[nodiscard]] std::size_t size() const { return size_; }

    void download(std::span<T> out) const {
        if (size_ > 0)
            check(cudaMemcpy(out.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost), "cudaMemcpy to the host");
    }

private:
    T*          data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace qeval::cuda
