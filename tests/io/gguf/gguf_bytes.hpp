// GGUF files made entry by entry: right ones, and wrong ones where a test says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/io/gguf/gguf.hpp>

#include "tests/io/hostile.hpp"

namespace qeval_test {

inline constexpr qeval::gguf_type gguf_types[] = {
    {0, "F32", 1, 4}, {1, "F16", 1, 2}, {2, "Q4_0", 32, 18}, {8, "Q8_0", 32, 34}, {12, "Q4_K", 256, 144}};

inline std::string gguf_string(std::string_view text) {
    std::string out;
    append(out, std::uint64_t(text.size()));
    return out + std::string(text);
}

class gguf_bytes {
public:
    std::uint32_t magic     = 0x46554747;
    std::uint32_t version   = 3;
    std::uint64_t alignment = 32;
    std::string   data; // behind the padding

    // Metadata. Kinds: 4 u32, 5 i32, 6 f32, 7 bool, 8 string, 9 array, 10 u64.
    gguf_bytes& raw(std::string_view key, std::uint32_t kind, std::string const& payload) {
        entries_ += gguf_string(key);
        append(entries_, kind);
        entries_ += payload;
        ++entry_count;
        return *this;
    }
    template <class T>
    gguf_bytes& number(std::string_view key, std::uint32_t kind, T value) {
        std::string payload;
        append(payload, value);
        return raw(key, kind, payload);
    }
    gguf_bytes& u32(std::string_view key, std::uint32_t value) { return number(key, 4, value); }
    gguf_bytes& f32(std::string_view key, float value) { return number(key, 6, value); }
    gguf_bytes& text(std::string_view key, std::string_view value) { return raw(key, 8, gguf_string(value)); }
    gguf_bytes& array(std::string_view key, std::uint32_t element, std::uint64_t count, std::string const& payload) {
        std::string head;
        append(head, element);
        append(head, count);
        return raw(key, 9, head + payload);
    }
    gguf_bytes& strings(std::string_view key, std::vector<std::string> const& values) {
        std::string payload;
        for (auto const& v : values) payload += gguf_string(v);
        return array(key, 8, values.size(), payload);
    }
    template <class T>
    gguf_bytes& numbers(std::string_view key, std::uint32_t element, std::vector<T> const& values) {
        std::string payload;
        for (T const v : values) append(payload, v);
        return array(key, element, values.size(), payload);
    }

    // A tensor info; dims innermost first.
    gguf_bytes& info(std::string_view name, std::vector<std::uint64_t> const& dims, std::uint32_t type,
                     std::uint64_t offset) {
        infos_ += gguf_string(name);
        append(infos_, std::uint32_t(dims.size()));
        for (auto const d : dims) append(infos_, d);
        append(infos_, type);
        append(infos_, offset);
        ++tensor_count;
        return *this;
    }
    // A tensor of zeros in its place.
    gguf_bytes& tensor(std::string_view name, std::vector<std::uint64_t> const& dims, std::uint32_t type,
                       std::uint64_t bytes) {
        info(name, dims, type, data.size());
        data.append((bytes + alignment - 1) / alignment * alignment, '\0');
        return *this;
    }

    std::uint64_t tensor_count = 0; // as stated in the file
    std::uint64_t entry_count  = 0;

    [[nodiscard]] std::string bytes() const {
        std::string out;
        append(out, magic);
        append(out, version);
        append(out, tensor_count);
        append(out, entry_count);
        out += entries_ + infos_;
        if (tensor_count == 0) return out;
        out.append((alignment - out.size() % alignment) % alignment, '\0');
        return out + data;
    }
    // The header up to the last info: what comes after it does not exist.
    [[nodiscard]] std::string head() const { return bytes().substr(0, 24 + entries_.size() + infos_.size()); }

private:
    std::string entries_, infos_;
};

inline void check_gguf_refused(std::string const& bytes, refusal const& wanted) {
    scratch const dir;
    put_file(dir / "m.gguf", bytes);
    check_refused([&] { (void)qeval::read_gguf(dir / "m.gguf", gguf_types); }, wanted);
}

// A small vocabulary with everything in order; the entries of `gguf` beside it.
inline gguf_bytes& add_vocabulary(gguf_bytes& gguf) {
    return gguf.text("tokenizer.ggml.model", "llama")
        .strings("tokenizer.ggml.tokens", {"<unk>", "<s>", "</s>", "<0x0A>", "a"})
        .numbers<float>("tokenizer.ggml.scores", 6, {0, 0, 0, 0, -1})
        .numbers<std::int32_t>("tokenizer.ggml.token_type", 5, {2, 3, 3, 6, 1})
        .u32("tokenizer.ggml.bos_token_id", 1)
        .u32("tokenizer.ggml.eos_token_id", 2)
        .u32("tokenizer.ggml.unknown_token_id", 0);
}

} // namespace qeval_test
