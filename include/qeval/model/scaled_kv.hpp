// Keys and values in 8 bits under scales that a checkpoint stores, one for the keys of a layer and one for its values.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/minifloat.hpp>
#include <qeval/core/view.hpp>
#include <qeval/model/kv_format.hpp>

namespace qeval {

// What a code of a number of units is, and back.
struct fp8_units {
    static constexpr std::string_view name = "fp8";

    static std::uint8_t code(float units) { return e4m3::from(units).code; }
    static float        units(std::uint8_t code) { return e4m3::value(code); }
};
struct int8_units {
    static constexpr std::string_view name = "int8";

    static std::uint8_t code(float units) {
        return static_cast<std::uint8_t>(static_cast<int>(std::nearbyint(std::clamp(units, -128.0f, 127.0f))));
    }
    static float units(std::uint8_t code) { return static_cast<float>(static_cast<std::int8_t>(code)); }
};

// value = units(code) * scale, code = code(x / scale).
template <class Units>
class scaled_kv final : public kv_format {
public:
    explicit scaled_kv(float scale) : scale_(scale) {}

    [[nodiscard]] std::string_view name() const override { return Units::name; }
    [[nodiscard]] std::size_t      row_bytes(index head_size) const override { return std::size_t(head_size); }
    void                           encode(std::span<float const> row, std::byte* to) const override {
        for (float const x : row) *to++ = static_cast<std::byte>(Units::code(x / scale_));
    }
    void decode(std::byte const* rows, index count, matrix_view<float> out) const override {
        for (index r = 0; r < count; ++r) {
            for (float& v : out.row(r)) v = Units::units(static_cast<std::uint8_t>(*rows++)) * scale_;
        }
    }

private:
    float scale_;
};

struct kv_scales {
    float keys, values;
};

// The format of a cache whose layers have a scale each; it stands for them where only sizes are asked for.
template <class Units>
class scaled_kv_layers final : public kv_format {
public:
    explicit scaled_kv_layers(std::span<kv_scales const> scales)
        : name_(std::string(Units::name) + " with stored scales") {
        for (auto const& s : scales) layers_.push_back({scaled_kv<Units>(s.keys), scaled_kv<Units>(s.values)});
    }

    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] std::size_t      row_bytes(index head_size) const override { return std::size_t(head_size); }
    [[nodiscard]] index            layers() const override { return static_cast<index>(layers_.size()); }
    [[nodiscard]] kv_format const& of_keys(index layer, index) const override {
        return layers_[static_cast<std::size_t>(layer)].first;
    }
    [[nodiscard]] kv_format const& of_values(index layer, index) const override {
        return layers_[static_cast<std::size_t>(layer)].second;
    }
    void encode(std::span<float const> row, std::byte* to) const override { layers_.front().first.encode(row, to); }
    void decode(std::byte const* rows, index count, matrix_view<float> out) const override {
        layers_.front().first.decode(rows, count, out);
    }

private:
    std::string                                                name_;
    std::vector<std::pair<scaled_kv<Units>, scaled_kv<Units>>> layers_;
};

} // namespace qeval
