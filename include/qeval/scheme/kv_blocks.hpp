// Any block format as the storage of keys and values: a head's row in blocks of F, the last one padded with zeros.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

#include <qeval/format/traits.hpp>
#include <qeval/model/kv_format.hpp>

namespace qeval {

template <in_blocks F>
struct kv_blocks {
    static constexpr std::string_view name() { return name_of<F>(); }

    static constexpr std::size_t row_bytes(index head_size) {
        return static_cast<std::size_t>((head_size + F::block_size - 1) / F::block_size) *
               sizeof(typename F::block_type);
    }
    static void encode(std::span<float const> row, std::byte* to) {
        constexpr auto size = static_cast<std::size_t>(F::block_size);
        for (std::size_t i = 0; i < row.size(); i += size, to += sizeof(typename F::block_type)) {
            std::array<float, size> part{};
            std::copy_n(row.data() + i, std::min(size, row.size() - i), part.data());
            typename F::block_type b{};
            qeval::encode<F>(std::span<float const, size>(part), b);
            std::memcpy(to, &b, sizeof b);
        }
    }
    static void decode(std::byte const* from, std::span<float> out) {
        typename F::block_type b{};
        for (std::size_t i = 0; i < out.size(); ++i) {
            auto const k = static_cast<index>(i) % F::block_size;
            if (k == 0) {
                std::memcpy(&b, from, sizeof b);
                from += sizeof b;
            }
            out[i] = qeval::decode<F>(b, k);
        }
    }
};

} // namespace qeval
