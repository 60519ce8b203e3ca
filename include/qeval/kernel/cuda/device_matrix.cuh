// A matrix in a format, on the device: the bytes of the file, not yet in an order of the tensor cores.
#pragma once

#include <array>
#include <cstddef>

#include <qeval/core/view.hpp>
#include <qeval/kernel/cuda/buffer.cuh>
#include <qeval/kernel/cuda/status.cuh>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval::cuda {

template <class F>
class device_matrix {
public:
    explicit device_matrix(packed_matrix<F> const& m) : rows_(m.rows()), cols_(m.cols()) {
        if constexpr (in_blocks<F>) {
            part_[0] = buffer<std::byte>(m.stored());
        } else {
            for (std::size_t p = 0; p < part_.size(); ++p) part_[p] = buffer<std::byte>(m.plane(p));
        }
    }
    // Device pointers: for kernels, not for the host.
    [[nodiscard]] packed_view<F> view() const {
        if constexpr (in_blocks<F>) {
            return {reinterpret_cast<typename F::block_type const*>(part_[0].data()), rows_, cols_};
        } else {
            std::array<std::byte const*, parts> plane{};
            for (std::size_t p = 0; p < parts; ++p) plane[p] = part_[p].data();
            return packed_view<F>::bind(plane, rows_, cols_);
        }
    }
    [[nodiscard]] index rows() const { return rows_; }
    [[nodiscard]] index cols() const { return cols_; }

private:
    static constexpr std::size_t parts = [] {
        if constexpr (in_blocks<F>) {
            return 1;
        } else {
            return packed_view<F>::plane_count;
        }
    }();
    index                                rows_, cols_;
    std::array<buffer<std::byte>, parts> part_;
};

template <class F>
device_matrix<F> upload(packed_matrix<F> const& m) {
    return device_matrix<F>(m);
}

} // namespace qeval::cuda
