// The key-value part of a GGUF file. Every count is bounded by the bytes that are left before memory is taken for it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/file/byte_reader.hpp>
#include <qeval/io/file/name_order.hpp>
#include <qeval/io/gguf/gguf_value.hpp>

namespace qeval {

class gguf_metadata {
public:
    gguf_metadata() = default;
    gguf_metadata(std::shared_ptr<std::string const> file, std::vector<gguf_value> values)
        : file_(std::move(file)), values_(std::move(values)), order_(values_, key_of) {
        if (auto const two = order_.duplicate(values_, key_of)) {
            values_[two->second].refuse("the key a second time", "distinct keys", "GG05");
        }
    }

    [[nodiscard]] gguf_value const* find(std::string_view key) const { // nullptr where there is none
        auto const i = order_.find(values_, key_of, key);
        return i ? &values_[*i] : nullptr;
    }
    [[nodiscard]] gguf_value const& at(std::string_view key) const {
        if (auto const* value = find(key)) return *value;
        throw file_error{{"GG25", *file_ + ", metadata", "no key " + qeval::quoted(key), "that key", ""}};
    }
    [[nodiscard]] std::span<gguf_value const> values() const { return values_; }
    [[nodiscard]] std::string const&          file() const { return *file_; }

private:
    static std::string_view key_of(gguf_value const& v) { return v.key; }

    std::shared_ptr<std::string const> file_;
    std::vector<gguf_value>            values_;
    name_order                         order_;
};

// Reads `count` entries from a reader that stands behind the file header.
class gguf_metadata_reader {
public:
    explicit gguf_metadata_reader(byte_reader& in)
        : in_(in), file_(std::make_shared<std::string const>(in.file().name())) {}

    [[nodiscard]] gguf_metadata read(std::uint64_t count) {
        // key length 8, key 1, type 4, value 1; and no real file has a thousand keys
        std::uint64_t const most = std::min<std::uint64_t>(in_.remaining() / 14, 1u << 16);
        if (count > most) {
            in_.fail("GG03", "metadata count", std::to_string(count),
                     "<= " + std::to_string(most) + " (" + std::to_string(in_.remaining()) + " bytes left)",
                     "an incomplete download or a damaged file");
        }
        std::vector<gguf_value> values;
        for (std::uint64_t i = 0; i < count; ++i) {
            gguf_value v;
            v.file  = file_;
            v.key   = key(i);
            v.kind  = kind("the type of key " + qeval::quoted(v.key));
            v.byte  = in_.position();
            v.array = v.kind == gguf_kind::array;
            if (v.array) array_head(v);
            payload(v);
            values.push_back(std::move(v));
        }
        return {file_, std::move(values)};
    }

private:
    std::string key(std::uint64_t i) {
        std::string const what   = "the key of entry " + std::to_string(i);
        auto const        length = in_.number<std::uint64_t>(what);
        if (length == 0) in_.fail("GG05", what, "an empty key", "a name");
        if (length > 65535 || length > in_.remaining()) {
            in_.fail("GG04", what, "a length of " + std::to_string(length),
                     "<= " + std::to_string(std::min<std::uint64_t>(65535, in_.remaining())));
        }
        std::string text(length, '\0');
        in_.copy(std::as_writable_bytes(std::span(text)));
        return text;
    }
    gguf_kind kind(std::string const& what) {
        auto const id = in_.number<std::uint32_t>(what);
        if (id > std::uint32_t(gguf_kind::f64)) in_.fail("GG06", what, std::to_string(id), "a value type from 0 to 12");
        return gguf_kind(id);
    }
    void array_head(gguf_value& v) {
        v.kind = kind("the element type of key " + qeval::quoted(v.key));
        if (v.kind == gguf_kind::array) {
            in_.fail("GG07", "key " + qeval::quoted(v.key), "an array of arrays",
                     "an array of numbers, bools or strings");
        }
        v.count = in_.number<std::uint64_t>("the count of key " + qeval::quoted(v.key));
        std::uint64_t const each =
            v.kind == gguf_kind::string ? 8 : bytes_of(v.kind); // a string is at least its length
        if (v.count > in_.remaining() / each) {
            in_.fail("GG08", "the count of key " + qeval::quoted(v.key), std::to_string(v.count),
                     "<= " + std::to_string(in_.remaining() / each) + " (" + std::to_string(in_.remaining()) +
                         " bytes left)");
        }
    }
    void payload(gguf_value& v) {
        if (v.kind == gguf_kind::string) return strings(v);
        in_.require(v.count * bytes_of(v.kind),
                    "the value of key " + qeval::quoted(v.key)); // cannot wrap: checked above
        v.data.resize(v.count * bytes_of(v.kind));
        in_.copy(v.data);
        if (v.kind != gguf_kind::boolean) return;
        for (auto const b : v.data) {
            auto const n = std::to_integer<unsigned>(b);
            if (n > 1) v.refuse("a bool of " + std::to_string(n), "0 or 1", "GG10");
        }
    }
    void strings(gguf_value& v) {
        std::string const        what = "a string of key " + qeval::quoted(v.key);
        std::vector<std::size_t> ends;
        ends.reserve(v.count);
        for (std::uint64_t i = 0; i < v.count; ++i) {
            auto const length = in_.number<std::uint64_t>(what);
            if (length > in_.remaining()) {
                in_.fail("GG09", what, "a length of " + std::to_string(length),
                         "<= " + std::to_string(in_.remaining()));
            }
            std::size_t const begin = v.data.size();
            v.data.resize(begin + length);
            in_.copy(std::span(v.data).subspan(begin));
            ends.push_back(v.data.size());
        }
        v.texts.reserve(ends.size());
        std::size_t begin = 0;
        for (std::size_t const end : ends) {
            v.texts.emplace_back(reinterpret_cast<char const*>(v.data.data()) + begin, end - begin);
            begin = end;
        }
    }

    byte_reader&                       in_;
    std::shared_ptr<std::string const> file_;
};

} // namespace qeval
