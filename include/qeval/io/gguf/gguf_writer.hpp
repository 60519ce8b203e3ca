// Writes a GGUF file, version 3, as a stream: metadata and tensor infos first, computed from the plan, then each
// tensor's bytes. Layout: see gguf.hpp.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <qeval/core/checked.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/file/planned_write.hpp>
#include <qeval/io/gguf/gguf.hpp>
#include <qeval/io/gguf/gguf_value.hpp>

namespace qeval {

struct gguf_tensor_plan {
    std::string        name;
    gguf_type          type;
    std::vector<index> shape; // outermost first
};

// The bytes a planned tensor takes; a plan that no reader would accept is a defect of the caller.
[[nodiscard]] inline std::uint64_t planned_bytes(gguf_tensor_plan const& plan) {
    auto const count = checked_product(plan.shape);
    bool const named = !plan.name.empty() && plan.name.size() < 64;
    if (named && count && *count > 0 && plan.shape.size() <= 4 &&
        plan.shape.back() % static_cast<index>(plan.type.block_size) == 0) {
        if (auto const bytes = checked{*count / plan.type.block_size}.mul(plan.type.block_bytes)) return bytes->value();
    }
    throw internal_error{{"SW01", "tensor " + qeval::quoted(plan.name),
                          std::string(plan.type.name) + " and " + std::to_string(plan.shape.size()) + " dimensions",
                          "a tensor that GGUF can hold", ""}};
}

namespace detail {

template <class T>
concept gguf_number =
    std::same_as<T, std::uint32_t> || std::same_as<T, std::int32_t> || std::same_as<T, float> || std::same_as<T, bool>;
template <gguf_number T>
[[nodiscard]] constexpr gguf_kind kind_of() {
    if constexpr (std::same_as<T, bool>) return gguf_kind::boolean;
    if constexpr (std::same_as<T, float>) return gguf_kind::f32;
    return std::is_signed_v<T> ? gguf_kind::i32 : gguf_kind::u32;
}

class gguf_bytes {
public:
    template <class T>
    requires std::integral<T>
    void number(T n) { text_.append(reinterpret_cast<char const*>(&n), sizeof n); }
    void string(std::string_view s) {
        number(static_cast<std::uint64_t>(s.size()));
        text_ += s;
    }
    void raw(std::span<std::byte const> bytes) {
        text_.append(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    }
    void kind(gguf_kind k) { number(static_cast<std::uint32_t>(k)); }
    void append(gguf_bytes const& other) { text_ += other.text_; }
    void align(std::uint64_t n) { text_.resize(checked{text_.size()}.align_up(n)->value(), '\0'); }
    [[nodiscard]] std::string_view text() const { return text_; }

private:
    std::string text_;
};

} // namespace detail

// The key-value part of a file to be written, in the order of its calls. Keys are the caller's to keep distinct.
class gguf_entries {
public:
    template <detail::gguf_number T>
    void add(std::string_view key, T n) {
        head(key, detail::kind_of<T>());
        bytes_.raw(std::as_bytes(std::span(&n, 1)));
    }
    template <detail::gguf_number T>
    void add(std::string_view key, std::span<T const> numbers) {
        head(key, gguf_kind::array);
        bytes_.kind(detail::kind_of<T>());
        bytes_.number(static_cast<std::uint64_t>(numbers.size()));
        bytes_.raw(std::as_bytes(numbers));
    }
    void add(std::string_view key, std::string_view text) {
        head(key, gguf_kind::string);
        bytes_.string(text);
    }
    // An entry of another file, with its type and the bytes of its value.
    void add(gguf_value const& v) {
        head(v.key, v.array ? gguf_kind::array : v.kind);
        if (v.array) {
            bytes_.kind(v.kind);
            bytes_.number(v.count);
        }
        if (v.kind != gguf_kind::string) return bytes_.raw(v.data);
        for (auto const t : v.texts) bytes_.string(t);
    }
    void add(std::string_view key, std::span<std::string const> texts) {
        head(key, gguf_kind::array);
        bytes_.kind(gguf_kind::string);
        bytes_.number(static_cast<std::uint64_t>(texts.size()));
        for (auto const& t : texts) bytes_.string(t);
    }
    [[nodiscard]] std::uint64_t             count() const { return count_; }
    [[nodiscard]] detail::gguf_bytes const& bytes() const { return bytes_; }

private:
    void head(std::string_view key, gguf_kind kind) {
        ++count_;
        bytes_.string(key);
        bytes_.kind(kind);
    }

    std::uint64_t      count_ = 0;
    detail::gguf_bytes bytes_;
};

// What a file without general.alignment has.
inline constexpr std::uint64_t gguf_alignment = 32;

// What stands in front of the tensors.
[[nodiscard]] inline std::string gguf_head(gguf_entries const& metadata, std::span<gguf_tensor_plan const> plans,
                                           std::uint64_t alignment = gguf_alignment) {
    detail::gguf_bytes head;
    head.number(std::uint32_t{0x46554747}); // "GGUF"
    head.number(std::uint32_t{3});
    head.number(static_cast<std::uint64_t>(plans.size()));
    head.number(metadata.count());
    head.append(metadata.bytes());
    std::uint64_t offset = 0;
    for (auto const& p : plans) {
        head.string(p.name);
        head.number(static_cast<std::uint32_t>(p.shape.size()));
        for (std::size_t d = p.shape.size(); d-- > 0;) head.number(static_cast<std::uint64_t>(p.shape[d]));
        head.number(p.type.id);
        head.number(offset);
        offset = checked{offset}.add(planned_bytes(p)).value().align_up(alignment).value().value();
    }
    head.align(alignment);
    return std::string(head.text());
}
// How large the whole file is.
[[nodiscard]] inline std::uint64_t gguf_size(gguf_entries const& metadata, std::span<gguf_tensor_plan const> plans,
                                             std::uint64_t alignment = gguf_alignment) {
    checked all{static_cast<std::uint64_t>(gguf_head(metadata, plans, alignment).size())};
    for (auto const& p : plans) all = all.add(planned_bytes(p)).value().align_up(alignment).value();
    return all.value();
}

// fill(plan, sink) is called for each tensor in the order of the plans and sends exactly planned_bytes(plan) to the
// sink. `alignment`: what general.alignment says, where the entries have it.
template <class Fill>
void write_gguf(std::filesystem::path const& target, gguf_entries const& metadata,
                std::span<gguf_tensor_plan const> plans, Fill const& fill, std::uint64_t alignment = gguf_alignment) {
    atomic_file file(target);
    file.write(gguf_head(metadata, plans, alignment));
    for (auto const& p : plans) {
        write_planned(file, p.name, planned_bytes(p), [&](byte_sink const& sink) { fill(p, sink); });
        file.write(std::string(checked{planned_bytes(p)}.align_up(alignment)->value() - planned_bytes(p), '\0'));
    }
    file.commit();
}

} // namespace qeval
