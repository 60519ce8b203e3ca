// One block of a format in every lane: what a block's encoder reads and where it writes.
#pragma once

#include <cstdint>
#include <span>
#include <type_traits>

#include <qeval/format/affine.hpp>
#include <qeval/format/lane.hpp>

namespace qeval {

template <class Block, class V>
struct block_lanes {
    V const*      x;   // [block_size] weights
    Block* const* out; // [lane_count<V>] blocks, zeroed
};

// How much an error in each weight of the blocks matters, e.g. the mean square of the activation it meets.
template <class V>
struct importance_lanes {
    V const* weights;         // [block_size]
    V        row_mean_square; // of the weights of the row that a block belongs to
};

// The parameters of a group in every lane.
template <class V>
struct affine_lanes {
    V scale, zero, offset;
};
template <class V>
using affine_of = std::conditional_t<std::is_same_v<V, float>, affine, affine_lanes<V>>;

template <class V>
affine affine_in(affine_of<V> const& a, int lane) {
    return {lane_of(a.scale, lane), lane_of(a.zero, lane), lane_of(a.offset, lane)};
}
template <class V>
void set_affine(affine_of<V>& all, int lane, affine const& a) {
    set_lane(all.scale, lane, a.scale);
    set_lane(all.zero, lane, a.zero);
    set_lane(all.offset, lane, a.offset);
}
// Group g of every block as it will be read back.
template <class F, class V>
affine_of<V> groups_of(typename F::block_type* const* blocks, int g) {
    affine_of<V> all;
    for (int k = 0; k < lane_count<V>; ++k) set_affine<V>(all, k, F::group(*blocks[k], g));
    return all;
}

// Lays the codes of whole blocks out as the format F packs them. Writes every code byte.
template <class F, class Block, class V>
void put_codes(V const* codes, Block* const* out) {
    using bytes         = decltype(to_byte(codes[0]));
    using packing       = typename F::packing_type;
    constexpr int count = static_cast<int>(packing::bytes(F::block_size));
    bytes         code[F::block_size], packed[count];
    for (int i = 0; i < F::block_size; ++i) code[i] = to_byte(codes[i]);
    packing::lay(code, 0, F::block_size, F::block_size, packed);
    std::uint8_t* to[lane_count<V>];
    for (int k = 0; k < lane_count<V>; ++k) to[k] = out[k]->codes;
    scatter_bytes(packed, count, to);
}

} // namespace qeval
