// Keys and values in 8 bits under scales and offsets that a checkpoint stores for each of their channels (Ascend's C8):
//   q = round_to_even(x / scale + offset) in -128 .. 127, value = (q - offset) * scale
// Origin: msModelSlim 26.1.0, ir/attention.py and ir/api/impl/int_quantization.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/model/kv_format.hpp>
#include <qeval/model/scaled_kv.hpp>

namespace qeval {

struct channel_numbers {
    std::vector<float> scales, zeros;
};

// Of one head, whose channels these are.
class channel_kv final : public kv_format {
public:
    explicit channel_kv(channel_numbers n) : n_(std::move(n)) {}

    [[nodiscard]] std::string_view name() const override { return "int8"; }
    [[nodiscard]] std::size_t      row_bytes(index head_size) const override { return std::size_t(head_size); }
    void                           encode(std::span<float const> row, std::byte* to) const override {
        for (std::size_t i = 0; i < row.size(); ++i)
            *to++ = static_cast<std::byte>(int8_units::code(row[i] / n_.scales[i] + n_.zeros[i]));
    }
    void decode(std::byte const* rows, index count, matrix_view<float> out) const override {
        for (index r = 0; r < count; ++r) {
            auto const row = out.row(r);
            for (std::size_t i = 0; i < row.size(); ++i)
                row[i] = (int8_units::units(static_cast<std::uint8_t>(*rows++)) - n_.zeros[i]) * n_.scales[i];
        }
    }

private:
    channel_numbers n_;
};

// The format of a cache; it stands for those of its heads where only sizes are asked for.
class channel_kv_layers final : public kv_format {
public:
    struct layer {
        std::vector<channel_kv> keys, values; // of each head
    };
    explicit channel_kv_layers(std::vector<layer> layers) : layers_(std::move(layers)) {}

    // The numbers of all channels of a layer, whose heads stand one behind the other.
    [[nodiscard]] static std::vector<channel_kv> by_heads(channel_numbers const& all, index heads) {
        auto const              size = std::ptrdiff_t(all.scales.size()) / heads;
        std::vector<channel_kv> some;
        for (std::ptrdiff_t at = 0; at < size * heads; at += size) {
            some.emplace_back(channel_numbers{{all.scales.begin() + at, all.scales.begin() + at + size},
                                              {all.zeros.begin() + at, all.zeros.begin() + at + size}});
        }
        return some;
    }

    [[nodiscard]] std::string_view name() const override { return "int8 with stored scales of channels"; }
    [[nodiscard]] std::size_t      row_bytes(index head_size) const override { return std::size_t(head_size); }
    [[nodiscard]] index            layers() const override { return static_cast<index>(layers_.size()); }
    [[nodiscard]] kv_format const& of_keys(index of, index head) const override {
        return layers_[static_cast<std::size_t>(of)].keys[static_cast<std::size_t>(head)];
    }
    [[nodiscard]] kv_format const& of_values(index of, index head) const override {
        return layers_[static_cast<std::size_t>(of)].values[static_cast<std::size_t>(head)];
    }
    void encode(std::span<float const> row, std::byte* to) const override {
        layers_.front().keys.front().encode(row, to);
    }
    void decode(std::byte const* rows, index count, matrix_view<float> out) const override {
        layers_.front().keys.front().decode(rows, count, out);
    }

private:
    std::vector<layer> layers_;
};

} // namespace qeval
