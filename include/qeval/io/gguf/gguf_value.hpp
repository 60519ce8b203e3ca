// One metadata entry of a GGUF file, read by type: a number is never reinterpreted, only range-checked.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>

namespace qeval {

// The ids of the file.
enum class gguf_kind : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, string, array, u64, i64, f64 };

[[nodiscard]] constexpr std::string_view name_of(gguf_kind kind) {
    constexpr std::array<std::string_view, 13> names = {"u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
                                                        "bool", "string", "array", "u64", "i64", "f64"};
    return names[std::size_t(kind)];
}
// Bytes of one number in the file; 0 for strings and arrays.
[[nodiscard]] constexpr std::uint64_t bytes_of(gguf_kind kind) {
    constexpr std::array<std::uint64_t, 13> bytes = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    return bytes[std::size_t(kind)];
}

class gguf_value {
public:
    std::shared_ptr<std::string const> file; // its name
    std::string                        key;
    std::uint64_t                      byte  = 0;             // where the value begins
    gguf_kind                          kind  = gguf_kind::u8; // of the value, or of the elements of an array
    bool                               array = false;
    std::uint64_t                      count = 1;
    std::vector<std::byte>             data;  // numbers as in the file, or the characters of all strings
    std::vector<std::string_view>      texts; // into data

    gguf_value()                             = default;
    gguf_value(gguf_value&&)                 = default; // a vector's memory, and so `texts`, survives a move
    gguf_value& operator=(gguf_value&&)      = default;
    gguf_value(gguf_value const&)            = delete;
    gguf_value& operator=(gguf_value const&) = delete;
    ~gguf_value()                            = default;

    [[nodiscard]] std::string_view string(std::string_view id = "GG25") const {
        if (array || kind != gguf_kind::string) fail("a string", id);
        return texts.front();
    }
    [[nodiscard]] bool boolean(std::string_view id = "GG25") const {
        if (array || kind != gguf_kind::boolean) fail("a bool", id);
        return data.front() != std::byte{0};
    }
    // The value of an entry of any integer type.
    [[nodiscard]] std::int64_t integer(std::int64_t low, std::int64_t high, std::string_view id = "GG25") const {
        if (array || !is_integer()) fail("an integer", id);
        return integer_at(0, low, high, id);
    }
    // The same for entries in which a number outside of [low, high] means that there is none: nothing.
    [[nodiscard]] std::optional<std::int64_t> integer_within(std::int64_t low, std::int64_t high,
                                                             std::string_view id = "GG25") const {
        if (array || !is_integer()) fail("an integer", id);
        return as_integer(0, [&](auto value) { return within(value, low, high); });
    }
    // The value of a float entry, which must be finite.
    [[nodiscard]] double number(double low, double high, std::string_view id = "GG25") const {
        if (array || (kind != gguf_kind::f32 && kind != gguf_kind::f64)) fail("a float", id);
        double const value = kind == gguf_kind::f32 ? double(raw<float>(0)) : raw<double>(0);
        if (!(value >= low && value <= high)) {
            refuse(std::to_string(value), "a number from " + std::to_string(low) + " to " + std::to_string(high), id);
        }
        return value;
    }
    [[nodiscard]] std::span<std::string_view const> strings(std::string_view id = "GG25") const {
        if (!array || kind != gguf_kind::string) fail("an array of strings", id);
        return texts;
    }
    [[nodiscard]] std::vector<std::int64_t> integers(std::int64_t low, std::int64_t high,
                                                     std::string_view id = "GG25") const {
        if (!array || !is_integer()) fail("an array of integers", id);
        std::vector<std::int64_t> out(count);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = integer_at(i, low, high, id);
        return out;
    }
    [[nodiscard]] std::vector<bool> booleans(std::string_view id = "GG25") const {
        if (!array || kind != gguf_kind::boolean) fail("an array of bools", id);
        std::vector<bool> out;
        for (std::byte const b : data) out.push_back(b != std::byte{0});
        return out;
    }
    [[nodiscard]] std::vector<float> floats(std::string_view id = "GG25") const {
        if (!array || kind != gguf_kind::f32) fail("an array of f32", id);
        std::vector<float> out(count);
        if (!out.empty()) std::memcpy(out.data(), data.data(), data.size());
        return out;
    }

    [[nodiscard]] std::string type_text() const {
        std::string const name(name_of(kind));
        return array ? "an array of " + std::to_string(count) + " " + name : "a value of type " + name;
    }
    // What stands here, short enough for a message.
    [[nodiscard]] std::string found() const {
        if (!array && kind == gguf_kind::string) return qeval::quoted(texts.front());
        if (array || !is_integer()) return type_text();
        return as_integer(0, [](auto value) { return std::to_string(value); });
    }
    [[nodiscard]] std::string place() const {
        return *file + " @ byte " + std::to_string(byte) + ", key " + qeval::quoted(key);
    }
    [[noreturn]] void fail(std::string expected, std::string_view id) const {
        refuse(type_text(), std::move(expected), id);
    }
    [[noreturn]] void refuse(std::string found, std::string expected, std::string_view id,
                             std::string likely = {}) const {
        throw file_error{{std::string(id), place(), std::move(found), std::move(expected), std::move(likely)}};
    }

private:
    [[nodiscard]] bool is_integer() const {
        return bytes_of(kind) != 0 && kind != gguf_kind::boolean && kind != gguf_kind::f32 && kind != gguf_kind::f64;
    }
    template <class T>
    [[nodiscard]] T raw(std::size_t i) const {
        T value;
        std::memcpy(&value, data.data() + i * sizeof(T), sizeof(T));
        return value;
    }
    template <class T>
    static std::optional<std::int64_t> within(T value, std::int64_t low, std::int64_t high) {
        bool const fits = !(std::is_same_v<T, std::uint64_t> && value > T(std::numeric_limits<std::int64_t>::max()));
        if (!fits || std::int64_t(value) < low || std::int64_t(value) > high) return std::nullopt;
        return std::int64_t(value);
    }
    [[nodiscard]] std::int64_t integer_at(std::size_t i, std::int64_t low, std::int64_t high,
                                          std::string_view id) const {
        return as_integer(i, [&](auto value) {
            if (auto const number = within(value, low, high)) return *number;
            refuse(std::to_string(value) + (array ? " at element " + std::to_string(i) : std::string()),
                   "an integer from " + std::to_string(low) + " to " + std::to_string(high), id);
        });
    }
    template <class F> // f(the i-th number, in its own type)
    [[nodiscard]] std::invoke_result_t<F const&, std::int64_t> as_integer(std::size_t i, F const& f) const {
        switch (kind) {
        case gguf_kind::u8:
            return f(raw<std::uint8_t>(i));
        case gguf_kind::i8:
            return f(raw<std::int8_t>(i));
        case gguf_kind::u16:
            return f(raw<std::uint16_t>(i));
        case gguf_kind::i16:
            return f(raw<std::int16_t>(i));
        case gguf_kind::u32:
            return f(raw<std::uint32_t>(i));
        case gguf_kind::i32:
            return f(raw<std::int32_t>(i));
        case gguf_kind::u64:
            return f(raw<std::uint64_t>(i));
        default:
            return f(raw<std::int64_t>(i));
        }
    }
};

} // namespace qeval
