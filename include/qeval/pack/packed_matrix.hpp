// Owning storage for a matrix in a format.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include <qeval/core/huge_pages.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval {

// Zeroed bytes whose start is aligned for any vector load; on huge pages where there are enough of them.
class aligned_bytes {
public:
    static constexpr std::size_t alignment = 64;

    aligned_bytes() = default;
    explicit aligned_bytes(std::size_t size) : data_(allocate(size), release{size}), size_(size) {
        advise_huge_pages(data_.get(), size);
        std::fill_n(data_.get(), size, std::byte{0});
    }
    [[nodiscard]] std::byte*                 data() { return data_.get(); }
    [[nodiscard]] std::byte const*           data() const { return data_.get(); }
    [[nodiscard]] std::size_t                size() const { return size_; }
    [[nodiscard]] std::span<std::byte const> span() const { return {data(), size_}; }

private:
    [[nodiscard]] static std::align_val_t alignment_of(std::size_t size) {
        return std::align_val_t{size < 2 * huge_page ? alignment : huge_page};
    }
    [[nodiscard]] static std::byte* allocate(std::size_t size) {
        return static_cast<std::byte*>(::operator new[](size, alignment_of(size)));
    }
    // A matrix in the file's order is freed once it is in the kernels'. The holes that those would leave fit no other
    // matrix, and made a model take half as much again.
    struct release {
        std::size_t size;
        void        operator()(std::byte* p) const {
                   if (size >= 2 * huge_page) return_pages(p, size);
            ::operator delete[](p, alignment_of(size));
        }
    };
    std::unique_ptr<std::byte[], release> data_{nullptr, release{0}};
    std::size_t                           size_ = 0;
};

// Movable, not copyable: weights are large. Of its own bytes, all planes in one allocation, each of them aligned; or of
// bytes that others keep, too, as they lie in a file.
template <class F>
class packed_matrix {
public:
    packed_matrix() = default;
    packed_matrix(index rows, index cols, geometry_of<F> geometry = {})
        : rows_(rows),
          cols_(cols),
          geometry_(geometry),
          bytes_(allocation(rows, cols, geometry)),
          data_(bytes_.data()) {}
    // `stored` are the bytes of a file, packed_bytes<F> of them, for which can_share() holds; `memory` keeps them
    // valid.
    packed_matrix(std::span<std::byte const> stored, std::shared_ptr<void const> memory, index rows, index cols,
                  geometry_of<F> geometry = {})
        : rows_(rows), cols_(cols), geometry_(geometry), shared_(std::move(memory)), data_(stored.data()) {}

    // Whether every number in these bytes lies where its type may.
    [[nodiscard]] static bool can_share(std::byte const* stored, [[maybe_unused]] index rows,
                                        [[maybe_unused]] index cols, [[maybe_unused]] geometry_of<F> geometry = {}) {
        auto const fits = [](std::byte const* p, std::size_t alignment) {
            return reinterpret_cast<std::uintptr_t>(p) % alignment == 0;
        };
        if constexpr (in_blocks<F>) {
            return fits(stored, alignof(cell_of<F>));
        } else {
            bool all = true;
            for (auto const& p : packed_view<F>::planes(rows, cols, geometry)) {
                all = all && fits(stored, static_cast<std::size_t>(p.element_bytes));
                stored += p.element_bytes * p.count;
            }
            return all;
        }
    }

    [[nodiscard]] index          rows() const { return rows_; }
    [[nodiscard]] index          cols() const { return cols_; }
    [[nodiscard]] geometry_of<F> geometry() const { return geometry_; }

    [[nodiscard]] index bytes() const {
        return packed_bytes<F>(rows_, cols_, geometry_);
    } // stored, without alignment gaps

    [[nodiscard]] packed_view<F> view() const {
        if constexpr (in_blocks<F>) {
            return {reinterpret_cast<typename F::block_type const*>(data_), rows_, cols_};
        } else {
            std::array<std::byte const*, std::size_t(packed_view<F>::plane_count)> base{};
            for (std::size_t p = 0; p < base.size(); ++p) base[p] = data_ + plane_offset(p);
            return packed_view<F>::bind(base, rows_, cols_, geometry_);
        }
    }
    [[nodiscard]] float operator()(index r, index c) const { return view()(r, c); }

    [[nodiscard]] cell_of<F>* blocks() // of its own, to be written
        requires in_blocks<F> {
        return reinterpret_cast<cell_of<F>*>(bytes_.data());
    }
    // The bytes of one plane: its own ones to be written, any to be stored.
    [[nodiscard]] std::span<std::byte> plane(std::size_t p) requires in_planes<F> {
        auto const shape = packed_view<F>::planes(rows_, cols_, geometry_)[p];
        return {bytes_.data() + plane_offset(p), static_cast<std::size_t>(shape.element_bytes * shape.count)};
    }
    [[nodiscard]] std::span<std::byte const> plane(std::size_t p) const requires in_planes<F> {
        auto const shape = packed_view<F>::planes(rows_, cols_, geometry_)[p];
        return {data_ + plane_offset(p), static_cast<std::size_t>(shape.element_bytes * shape.count)};
    }
    // All stored bytes of a block format, in file order.
    [[nodiscard]] std::span<std::byte const> stored() const requires in_blocks<F> {
        return {data_, static_cast<std::size_t>(bytes())};
    }
    [[nodiscard]] bool shares() const { return shared_ != nullptr; }

private:
    [[nodiscard]] static std::size_t round_up(index n) {
        return (static_cast<std::size_t>(n) + aligned_bytes::alignment - 1) / aligned_bytes::alignment *
               aligned_bytes::alignment;
    }
    [[nodiscard]] static std::size_t allocation(index rows, index cols, geometry_of<F> geometry) {
        if constexpr (in_blocks<F>) {
            return static_cast<std::size_t>(packed_bytes<F>(rows, cols));
        } else {
            std::size_t sum = 0;
            for (auto const& p : packed_view<F>::planes(rows, cols, geometry))
                sum += round_up(p.element_bytes * p.count);
            return sum;
        }
    }
    [[nodiscard]] std::size_t plane_offset(std::size_t p) const requires in_planes<F> {
        std::size_t sum   = 0;
        auto const  shape = packed_view<F>::planes(rows_, cols_, geometry_);
        for (std::size_t i = 0; i < p; ++i) {
            index const size = shape[i].element_bytes * shape[i].count;
            sum += shares() ? static_cast<std::size_t>(size) : round_up(size);
        }
        return sum;
    }

    index                       rows_ = 0, cols_ = 0;
    geometry_of<F>              geometry_{};
    aligned_bytes               bytes_;
    std::shared_ptr<void const> shared_;
    std::byte const*            data_ = nullptr; // of bytes_, or of shared_
};

} // namespace qeval
