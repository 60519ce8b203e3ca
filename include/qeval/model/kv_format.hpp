// How one row of a key or value head is stored. A policy says the bytes of a row, how to write and how to read it;
// attention computes with what it reads, so a KV format costs what it costs in a served model.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

#include <qeval/core/half.hpp>
#include <qeval/core/view.hpp>

namespace qeval {

template <class P>
concept kv_policy = requires(std::span<float const> row, std::span<float> out, std::byte* to, std::byte const* from) {
    { P::name() } -> std::convertible_to<std::string_view>;
    { P::row_bytes(index{}) } -> std::convertible_to<std::size_t>; // of a head of that size
    P::encode(row, to);
    P::decode(from, out);
};

// The same, type-erased: a cache has one virtual call for each 16 rows, not one class for each format.
class kv_format {
public:
    virtual ~kv_format() = default;

    [[nodiscard]] virtual std::string_view name() const                                            = 0;
    [[nodiscard]] virtual std::size_t      row_bytes(index head_size) const                        = 0;
    virtual void                           encode(std::span<float const> row, std::byte* to) const = 0;
    virtual void decode(std::byte const* rows, index count, matrix_view<float> out) const = 0; // [count, head_size]

    // Formats with numbers of their own for each layer, or for each head of it, each as large as this one; layers():
    // how many, 0: any.
    [[nodiscard]] virtual index            layers() const { return 0; }
    [[nodiscard]] virtual kv_format const& of_keys(index /*layer*/, index /*head*/ = 0) const { return *this; }
    [[nodiscard]] virtual kv_format const& of_values(index /*layer*/, index /*head*/ = 0) const { return *this; }
};

template <kv_policy P>
class kv_format_of final : public kv_format {
public:
    [[nodiscard]] std::string_view name() const override { return P::name(); }
    [[nodiscard]] std::size_t      row_bytes(index head_size) const override { return P::row_bytes(head_size); }
    void encode(std::span<float const> row, std::byte* to) const override { P::encode(row, to); }
    void decode(std::byte const* rows, index count, matrix_view<float> out) const override {
        auto const stride = P::row_bytes(out.cols);
        for (index r = 0; r < count; ++r) P::decode(rows + std::size_t(r) * stride, out.row(r));
    }
};

// One number after the other: f32, f16, bf16.
template <class T>
struct kv_plain {
    static constexpr std::string_view name() {
        if constexpr (__is_same(T, float))
            return "f32";
        else if constexpr (__is_same(T, f16))
            return "f16";
        else
            return "bf16";
    }
    static constexpr std::size_t row_bytes(index head_size) { return std::size_t(head_size) * sizeof(T); }

    static void encode(std::span<float const> row, std::byte* to) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            T const v = store_as<T>(row[i]);
            std::memcpy(to + i * sizeof(T), &v, sizeof(T));
        }
    }
    static void decode(std::byte const* from, std::span<float> out) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            T v;
            std::memcpy(&v, from + i * sizeof(T), sizeof(T));
            out[i] = value_of(v);
        }
    }
};

// One instance of a format serves every cache.
template <kv_policy P>
[[nodiscard]] kv_format const& kv_format_for() {
    static kv_format_of<P> const instance;
    return instance;
}

} // namespace qeval
