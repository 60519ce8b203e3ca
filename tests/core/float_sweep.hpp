// The inputs of tests/golden/make_minifloat.py: every upper half of a binary32 x 48 lower halves.
#pragma once

#include <cstdint>

#include <qeval/core/bits.hpp>

namespace qeval_test {

template <class Visit>
void sweep_floats(Visit visit) {
    constexpr std::uint32_t tails[] = {0x0000, 0x0001, 0x0fff, 0x1000, 0x1001, 0x1fff};
    for (std::uint32_t k = 0; k < 8; ++k)
        for (std::uint32_t tail : tails)
            for (std::uint32_t upper = 0; upper < 65536; ++upper)
                visit(qeval::bit_cast<float>(upper << 16 | k << 13 | tail));
}

} // namespace qeval_test
