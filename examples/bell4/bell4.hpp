// A format from policies: weight = scale * level[code]. Sixteen levels, denser near zero; 64 weights and one bf16 are
// 34 bytes = 4.25 bits a weight.
#pragma once

#include <qeval/format.hpp>

// [format]
namespace q = qeval;

inline constexpr q::level_table bell({-127, -96, -74, -57, -42, -29, -17, -6, 6, 17, 29, 42, 57, 74, 96, 127});

struct bell4 : q::format<"bell4", q::block<64>,
                         q::levels<bell>,           // code -> level
                         q::packing::split_nibbles, // code -> bytes
                         q::scale<q::bf16>> {};     // block -> float

static_assert(q::bits_per_weight<bell4> == 4.25);
// [/format]
