// The part that block formats share whose block_type is written by hand: codes in a member `codes`, levels and packing
// as policies. Such a format adds name, block_type, group() and encode().
#pragma once

#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/format/policy/levels.hpp>
#include <qeval/format/policy/packing.hpp>

namespace qeval {

template <int BlockSize, int GroupSize, levels_policy Levels, packing_policy Packing>
struct coded {
    static_assert(Packing::whole, "qeval: [QF21] a packing field has 1, 2, 4 or 8 bits; build other widths from "
                                  "'planes<field<...>, field<...>>'");
    static_assert(
        Levels::codes == 1 << Packing::bits,
        "qeval: [QF08] the level table must fill every code of its packing: a packing of b bits needs 2^b levels");
    static_assert(GroupSize > 0 && BlockSize % GroupSize == 0,
                  "qeval: [QF22] a block holds a whole number of groups: 'block<256, 32>'");
    using levels_type  = Levels;
    using packing_type = typename Packing::template for_block<BlockSize>;

    static constexpr int block_size = BlockSize;
    static constexpr int group_size = GroupSize;
    static constexpr int groups     = BlockSize / GroupSize;

    template <class Block>
    QEVAL_HD static constexpr unsigned code(Block const& b, int i) {
        return packing_type::code(b.codes, i, BlockSize);
    }
    QEVAL_HD static constexpr float level(unsigned c) { return Levels::value(c); }
};

} // namespace qeval
