// ggml IQ4_NL: w = d * level[q], sixteen int8 levels denser around zero, 32 weights a block.
//   byte  0  d (f16)
//   byte  2  16 x { low nibble: weight j, high nibble: weight j + 16 }      18 bytes / 32 weights = 4.5 bits
// Where rows do not divide into super-blocks, llama.cpp puts it in the place of Q2_K and Q3_K.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/policy/code_book_search.hpp>

namespace qeval {

inline constexpr level_table iq4_nl_levels({-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113});

struct iq4_nl : format<"IQ4_NL", block<32>, levels<iq4_nl_levels>, packing::split_nibbles, scale<f16>, no_offset,
                       fit::least_squares_scale<7>> {
    static constexpr std::uint32_t gguf_id = 20;
};
static_assert(sizeof(iq4_nl::block_type) == 18);

} // namespace qeval
