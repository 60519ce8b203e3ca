// The kernel layout of a block format: sixteen rows side by side, dword by dword, in the order in which kernels consume
// them. The file's bytes and no more (rows are filled up to sixteen), one sequential stream for a matrix-vector
// product.
//
//   row panel:  groups of `together` blocks, each group
//     heads   what lies before the codes   [block] sixteen rows interleaved by dwords; the rest by 2 bytes, then by 1
//     codes                                [block][dword in the order of quad_walk][row]
//     tails   what lies after the codes    as the heads
//
// A group is 256 weights of a row at least, and as many blocks as make codes begin on cache lines.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>

#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/pack/packed_matrix.hpp>
#include <qeval/pack/quad_walk.hpp>

namespace qeval {

// A block whose codes are one array of whole dwords, taken apart by fields.
template <class F>
concept interleavable = in_blocks<F> && has_lanes<F> && requires(typename F::block_type const& b) {
    b.codes;
    F::packing_type::for_each_field(index{}, [](auto, index) {});
} && sizeof(F::block_type::codes) % 4 == 0;

// Where the parts of sixteen interleaved blocks begin: what lies before their codes, the codes, what lies after them.
struct block_parts {
    std::uint8_t const *head, *codes, *tail;
};

template <interleavable F>
class interleaved_matrix {
    using block_type = typename F::block_type;
    using walk       = quad_walk<typename F::packing_type, F::block_size>;

public:
    static constexpr index head = offsetof(block_type, codes), codes = sizeof(block_type::codes),
                           size = sizeof(block_type), tail = size - head - codes,
                           together = std::max(4 / std::gcd(4, int(size)), 256 / F::block_size);

    // Block i of a group of n.
    [[nodiscard]] static block_parts part(std::uint8_t const* group, index n, index i) {
        return {group + 16 * head * i, group + 16 * (head * n + codes * i),
                group + 16 * ((head + codes) * n + tail * i)};
    }

    interleaved_matrix(packed_view<F> const& m, thread_pool& pool)
        : rows_(m.rows),
          cols_(m.cols),
          blocks_(packed_view<F>::blocks_in(m.cols)),
          bytes_(static_cast<std::size_t>((m.rows + 15) / 16 * panel_bytes())) {
        pool.for_chunks((rows_ + 15) / 16, 1, [&](index panel, index) {
            for (index r = 0; r < 16;
                 ++r) { // rows beyond the matrix repeat its last one, as kernels expect them to be numbers
                auto const* const row = m.row(std::min(panel * 16 + r, rows_ - 1));
                for (index b = 0; b < blocks_; ++b) store(row[b], panel, b, r);
            }
        });
    }
    [[nodiscard]] index       rows() const { return rows_; }
    [[nodiscard]] index       cols() const { return cols_; }
    [[nodiscard]] index       blocks() const { return blocks_; } // in a row
    [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }

    [[nodiscard]] std::uint8_t const* group(index panel, index g) const {
        return reinterpret_cast<std::uint8_t const*>(bytes_.data()) + panel * panel_bytes() + g * together * 16 * size;
    }
    [[nodiscard]] block_parts find(index panel, index b) const {
        index const g = b / together;
        return part(group(panel, g), std::min(together, blocks_ - g * together), b - g * together);
    }
    // Block b of row r, as it was.
    [[nodiscard]] block_type block(index r, index b) const {
        block_type  out;
        auto* const to = reinterpret_cast<std::uint8_t*>(&out);
        auto const  at = find(r / 16, b);
        for_each_piece(r % 16, [&](index offset, auto part, index from, index n) {
            std::memcpy(to + offset, at.*part + from, std::size_t(n));
        });
        return out;
    }

private:
    [[nodiscard]] index panel_bytes() const { return (blocks_ * 16 * size + 63) / 64 * 64; }

    void store(block_type const& block, index panel, index b, index r) {
        auto const* from = reinterpret_cast<std::uint8_t const*>(&block);
        auto const  at   = find(panel, b);
        for_each_piece(r, [&](index offset, auto part, index to, index n) {
            std::memcpy(const_cast<std::uint8_t*>(at.*part) + to, from + offset, std::size_t(n));
        });
    }
    // f(offset in the block, part of it, offset there, bytes) for every piece of a block of row r of a panel.
    template <class Use>
    static void for_each_piece(index r, Use&& use) {
        auto const segment = [&](index offset, auto part, index bytes) {
            index i = 0;
            for (; i + 4 <= bytes; i += 4) use(offset + i, part, 16 * i + 4 * r, 4);
            if ((bytes & 2) != 0) use(offset + i, part, 16 * i + 2 * r, 2), i += 2;
            if ((bytes & 1) != 0) use(offset + i, part, 16 * i + r, 1);
        };
        segment(0, &block_parts::head, head);
        for (index d = 0; d < codes / 4; ++d)
            use(head + 4 * d, &block_parts::codes, 64 * walk::place[std::size_t(d)] + 4 * r, 4);
        segment(head + codes, &block_parts::tail, tail);
    }

    index         rows_, cols_, blocks_;
    aligned_bytes bytes_;
};

} // namespace qeval
