// The groups of blocks that sixteen rows consist of, in the kernel layout (pack/interleaved.hpp), wherever they come
// from: a kernel that runs through them once is compiled once, for both layouts.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/weight/block_rows.hpp>
#include <qeval/kernel/cpu/weight/interleave.hpp>
#include <qeval/kernel/tuning/cpu.hpp>
#include <qeval/pack/interleaved.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

class block_groups {
public:
    virtual ~block_groups() = default;

    // Valid until the next call, as all that is returned here. A kernel that is `paced` asks for what is ahead by
    // itself, between its instructions.
    [[nodiscard]] virtual std::uint8_t const* group(index g, bool paced) const = 0;
    // Block b of every row.
    [[nodiscard]] virtual block_parts block(index b) const = 0;
    // As many bytes as a group has: what is worth asking for while group g is computed.
    [[nodiscard]] virtual std::uint8_t const* ahead(index g) const = 0;
};

// Weights that are stored so: one sequential stream.
template <class F>
class stored_groups final : public block_groups {
    using layout = interleaved_matrix<F>;

public:
    stored_groups(layout const& m, index row0) : m_(&m), panel_(row0 / 16) {}
    [[nodiscard]] std::uint8_t const* group(index g, bool) const override {
        auto const* const at = m_->group(panel_, g);
        if constexpr (tuning::stream_ahead != 0) { // a prefetch never faults, so the end of the matrix needs no care
            for (index line = 0; line < layout::together * 16 * layout::size; line += 64) {
                __builtin_prefetch(reinterpret_cast<char const*>(at) + tuning::stream_ahead + line, 0, 3);
            }
        }
        return at;
    }
    [[nodiscard]] block_parts         block(index b) const override { return m_->find(panel_, b); }
    [[nodiscard]] std::uint8_t const* ahead(index g) const override {
        return m_->group(panel_, g) + tuning::paced_ahead;
    }

private:
    layout const* m_;
    index         panel_;
};

// From the file layout, interleaved on the way. Sixteen rows of a file are sixteen streams to a core's prefetcher, or
// none; but all of them lie in one stretch of memory, so asking for the next sixteen line by line, at the pace of
// these, is a single stream again.
template <class F>
class filed_groups final : public block_groups {
    using layout = interleaved_matrix<F>;
    using walk   = quad_walk<typename F::packing_type, F::block_size>;

public:
    filed_groups(packed_view<F> const& m, index row0)
        : rows_(rows16::of(m.row(row0), packed_view<F>::blocks_in(m.cols) * layout::size, m.rows - row0)),
          blocks_(packed_view<F>::blocks_in(m.cols)),
          ahead_(row0 + 32 <= m.rows ? reinterpret_cast<char const*>(m.row(row0 + 16)) : nullptr) {}

    [[nodiscard]] std::uint8_t const* group(index g, bool paced) const override {
        index const first = g * layout::together, n = std::min(layout::together, blocks_ - first);
        for (index i = 0; i < n; ++i) {
            if (!paced && ahead_ != nullptr) {
                for (index line = 0; line < 16 * layout::size; line += 64)
                    __builtin_prefetch(ahead_ + (first + i) * 16 * layout::size + line, 0, 2);
            }
            interleave(first + i, layout::part(room_, n, i));
        }
        return room_;
    }
    [[nodiscard]] block_parts block(index b) const override {
        auto const to = layout::part(room_, 1, 0);
        interleave(b, to);
        return to;
    }
    [[nodiscard]] std::uint8_t const* ahead(index g) const override {
        return ahead_ == nullptr
                   ? room_
                   : reinterpret_cast<std::uint8_t const*>(ahead_) + g * layout::together * 16 * layout::size;
    }

private:
    void interleave(index b, block_parts const& parts) const { // into room_
        index const at     = b * layout::size;
        auto const  inside = [&](std::uint8_t const* part) { return room_ + (part - room_); };
        interleave_segment(rows_, at, layout::head, inside(parts.head));
        auto* const words = reinterpret_cast<std::int32_t*>(inside(parts.codes));
        auto const  place = [](int d)
                               QEVAL_LAMBDA_INLINE { return d < walk::dwords ? 16 * walk::place[std::size_t(d)] : 0; };
        auto const quad = [&](int d, index bytes) QEVAL_LAMBDA_INLINE {
            transpose_quad(rows_.row, at + layout::head + 4 * d, bytes, words,
                           {place(d), place(d + 1), place(d + 2), place(d + 3)});
        };
        for (int d = 0; d + 4 <= walk::dwords; d += 4) quad(d, 16);
        if constexpr (walk::dwords % 4 != 0) quad(walk::dwords / 4 * 4, walk::dwords % 4 * 4);
        interleave_segment(rows_, at + layout::head + layout::codes, layout::tail, inside(parts.tail));
    }

    rows16      rows_;
    index       blocks_;
    char const* ahead_;
    alignas(64) mutable std::uint8_t room_[std::size_t(16 * layout::size * layout::together)];
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
