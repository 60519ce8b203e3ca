// Floats -> a format. Each block or group is encoded by itself, so the bytes do not depend on the number of threads.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/explain.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval {

namespace detail {

template <in_blocks F>
void encode_rows(matrix_view<float const> w, packed_matrix<F>& out, index first, index last) {
    constexpr index size  = F::block_size;
    index const     whole = w.cols / size, blocks = packed_view<F>::blocks_in(w.cols);
    for (index r = first; r < last; ++r) {
        auto* const row = out.blocks() + r * blocks;
        for (index b = 0; b < whole; ++b) {
            F::encode(std::span<float const, std::size_t(size)>(&w(r, b * size), std::size_t(size)), row[b]);
        }
        if (whole == blocks) continue;
        std::array<float, std::size_t(size)> tail{}; // padded with zeros
        std::copy(w.row(r).begin() + whole * size, w.row(r).end(), tail.begin());
        F::encode(std::span<float const, std::size_t(size)>(tail), row[whole]);
    }
}

// Groups [first, last) of a plane format: codes, and the parameters before they are stored.
template <in_planes F>
void encode_groups(float const* w, packed_matrix<F>& out, std::span<float> scales, std::span<float> offsets, index first, index last) {
    using levels      = typename F::levels_type;
    auto* const codes = reinterpret_cast<std::uint8_t*>(out.plane(0).data());
    index const rows = out.rows(), cols = out.cols();
    auto const  geometry = out.geometry();

    std::vector<float> gathered;
    for (index g = first; g < last; ++g) {
        gathered.clear();
        geometry.for_each_run(g, rows, cols, [&](index b, index e) { gathered.insert(gathered.end(), w + b, w + e); });
        affine const measured = F::fit_type::template measure<levels>(std::span<float const>(gathered));
        affine       stored   = F::offset_type::rounded(measured);
        stored.scale          = F::scale_type::rounded(measured.scale);
        auto const code       = F::fit_type::template encoder<levels>(measured, stored);
        geometry.for_each_run(g, rows, cols, [&](index b, index e) {
            for (index i = b; i < e; ++i) F::packing_type::put(codes, i, rows * cols, code(w[i]));
        });
        // bitsandbytes pads an odd matrix with 0.0
        if (F::packing_type::bits == 4 && rows * cols % 2 != 0 && g + 1 == geometry.groups(rows, cols)) {
            F::packing_type::put(codes, rows * cols, rows * cols, code(0.0f));
        }
        scales[std::size_t(g)]  = measured.scale;
        offsets[std::size_t(g)] = F::offset_type::in_zero ? measured.zero : measured.offset;
    }
}

} // namespace detail

// Encodes w [rows, cols]; rows must be contiguous for plane formats.
template <class F>
packed_matrix<F> pack(matrix_view<float const> w, thread_pool& pool, geometry_of<F> geometry = {}) {
    static_assert(explain_format<F>());
    if constexpr (quant_format<F>) {
        packed_matrix<F> out(w.rows, w.cols, geometry);
        if (w.rows == 0 || w.cols == 0) return out;
        if constexpr (in_blocks<F>) {
            index const chunk = std::max<index>(1, 16384 / w.cols);
            pool.for_chunks(w.rows, chunk, [&](index b, index e) { detail::encode_rows<F>(w, out, b, e); });
        } else {
            index const        groups = geometry.groups(w.rows, w.cols);
            std::vector<float> scales(static_cast<std::size_t>(groups)), offsets(scales.size());
            // Groups that meet inside a byte of codes must not be written by two threads.
            bool const  apart = geometry.begins_on(F::packing_type::unit, w.cols);
            index const chunk = apart ? std::max<index>(1, 4096 * groups / (w.rows * w.cols)) : groups;
            pool.for_chunks(groups, chunk, [&](index b, index e) { detail::encode_groups<F>(w.data, out, scales, offsets, b, e); });
            std::array<std::byte*, std::size_t(packed_view<F>::plane_count)> plane{};
            for (std::size_t p = 0; p < plane.size(); ++p) plane[p] = out.plane(p).data();
            F::scale_type::store(plane.data() + 1, scales);
            F::offset_type::store(plane.data() + 1 + F::scale_type::plane_count, offsets);
        }
        return out;
    } else {
        return packed_matrix<F>();
    }
}
template <class F>
packed_matrix<F> pack(matrix_view<float const> w) {
    static_assert(explain_format<F>()); // here too: one line less between the mistake and the message
    thread_pool one(1);
    return pack<F>(w, one);
}

} // namespace qeval
