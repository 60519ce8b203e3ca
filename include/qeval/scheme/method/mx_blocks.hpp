// Blocks of OCP's MX formats, made of exponents and codes that a file has apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <qeval/core/error.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/pack/packed_matrix.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

// A block of 32 weights for each number of `exponents`, U8: it, then the `size` bytes that lay(block, to) puts there.
// 255, which is no number, is refused (ST32).
template <class Lay>
[[nodiscard]] std::shared_ptr<aligned_bytes> mx_blocks(tensor_view const& exponents, index size, thread_pool& pool,
                                                       Lay const& lay) {
    auto const blocks = static_cast<index>(exponents.bytes.size());
    auto const made   = std::make_shared<aligned_bytes>(static_cast<std::size_t>(blocks * (1 + size)));
    pool.for_chunks(blocks, 4096, [&](index first, index last) {
        for (index b = first; b < last; ++b) {
            auto* const to       = made->data() + b * (1 + size);
            auto const  exponent = exponents.bytes[static_cast<std::size_t>(b)];
            if (exponent == std::byte{255}) {
                throw file_error{{"ST32", exponents.place() + ", block " + std::to_string(b),
                                  "255, which is not a number", "an exponent, 0 to 254", "a damaged checkpoint"}};
            }
            to[0] = exponent;
            lay(b, to + 1);
        }
    });
    return made;
}

// The same in MXFP4: `codes` has two a byte, neighbours together, the first one low; a block has its halves in a byte.
[[nodiscard]] inline std::shared_ptr<aligned_bytes> mxfp4_blocks(std::span<std::byte const> codes,
                                                                 tensor_view const& exponents, thread_pool& pool) {
    constexpr index half = 16;
    return mx_blocks(exponents, half, pool, [&](index b, std::byte* to) {
        auto const code = [&](index j) {
            return stored_number<std::uint8_t>(codes, b * half + j / 2) >> 4 * (j % 2) & 15;
        };
        for (index j = 0; j < half; ++j) to[j] = static_cast<std::byte>(code(j) | code(j + half) << 4);
    });
}

} // namespace qeval
