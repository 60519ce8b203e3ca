// The JSON header of a safetensors file, read event by event: nothing is stored that the format has no place for, so
// a hostile header costs no more memory than an honest one of its size.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/safetensors/safetensors_dtype.hpp>

namespace qeval {

struct safetensors_entry {
    std::string                name;
    std::uint64_t              at    = 0; // byte of the name in the file
    std::uint64_t              begin = 0; // data_offsets
    std::uint64_t              end   = 0;
    safetensors_dtype const*   dtype = nullptr;
    std::vector<std::uint64_t> shape;
};
struct safetensors_header {
    std::vector<safetensors_entry>                   entries;
    std::vector<std::pair<std::string, std::string>> metadata;
};

// SAX handler. Nesting: root object > tensor object > shape or data_offsets.
class safetensors_header_reader final : public json_events {
public:
    static constexpr std::uint64_t header_offset = 8; // of the JSON text in the file
    static constexpr std::size_t   max_name      = 4096;
    static constexpr std::size_t   max_dims      = 8;
    static constexpr std::size_t   max_entries   = 1u << 20; // of metadata, and of tensors

    safetensors_header_reader(std::string const& file, std::string_view text) : file_(file), text_(text) {}

    [[nodiscard]] safetensors_header read() {
        parse_json_events(text_, *this, reached_);
        return std::move(out_);
    }

    bool null() override {
        if (where_ == where::metadata_value) return leave_metadata();
        return scalar("null");
    }
    bool boolean(bool value) override { return scalar(value ? "true" : "false"); }
    bool number_integer(std::int64_t value) override {
        std::string const text = std::to_string(value);
        if (value >= 0) return number_unsigned(std::uint64_t(value)); // "-0"
        if (where_ == where::dimensions) fail("ST23", dimension(), text, "a count >= 0");
        if (where_ == where::offsets) fail("ST17", offset(), text, "an offset >= 0");
        return scalar(text);
    }
    bool number_unsigned(std::uint64_t value) override {
        if (where_ == where::dimensions) {
            if (entry_.shape.size() == max_dims) fail("ST27", "shape", "more than 8 dimensions", "at most 8");
            entry_.shape.push_back(value);
            return true;
        }
        if (where_ == where::offsets) {
            if (value > (std::uint64_t{1} << 53)) fail("ST18", offset(), std::to_string(value), "an integer <= 2^53");
            if (offsets_ == 2) fail("ST19", "data_offsets", "more than 2 entries", "exactly 2");
            (offsets_++ == 0 ? entry_.begin : entry_.end) = value;
            return true;
        }
        return scalar(std::to_string(value));
    }
    bool number_float(double, std::string const& text) override {
        if (where_ == where::dimensions) {
            bool const whole = text.find_first_of(".eE") == text.npos && text.front() != '-'; // 2^64 and beyond
            fail(whole ? "ST21" : "ST23", dimension(), qeval::quoted(text),
                 whole ? "a count of at most 63 bits" : "a count >= 0");
        }
        if (where_ == where::offsets) fail("ST18", offset(), qeval::quoted(text), "an integer <= 2^53");
        return scalar(qeval::quoted(text));
    }
    bool string(std::string& value) override {
        switch (where_) {
        case where::dtype:
            entry_.dtype = find_safetensors_dtype(value);
            if (entry_.dtype == nullptr)
                fail("ST25", "dtype", qeval::quoted(value), "a dtype of the safetensors format");
            where_ = where::tensor;
            return true;
        case where::metadata:
            out_.metadata.back().second = std::move(value);
            return true;
        case where::dimensions:
            fail("ST23", dimension(), "the string " + qeval::quoted(value), "a count >= 0");
        case where::offsets:
            fail("ST18", offset(), "the string " + qeval::quoted(value), "an integer <= 2^53");
        default:
            return scalar("the string " + qeval::quoted(value));
        }
    }
    bool binary(json_node::binary_t&) override { return false; } // not in text
    bool key(std::string& name) override {
        if (where_ == where::root) return root_key(name);
        if (where_ == where::metadata) {
            if (out_.metadata.size() == max_entries) fail("ST28", "__metadata__", "more than 2^20 entries", "fewer");
            out_.metadata.emplace_back(std::move(name), std::string());
            return true;
        }
        unsigned const bit = name == "dtype" ? 1 : name == "shape" ? 2 : name == "data_offsets" ? 4 : 0;
        if (bit == 0) fail("ST31", "a field", qeval::quoted(name), "dtype, shape or data_offsets");
        if ((fields_ & bit) != 0) fail("ST12", name, "the field a second time", "one of it");
        fields_ |= bit;
        where_ = bit == 1 ? where::dtype : bit == 2 ? where::shape : where::offset_list;
        return true;
    }
    bool start_object(std::size_t) override {
        if (where_ == where::outside)
            where_ = where::root;
        else if (where_ == where::metadata_value)
            where_ = where::metadata;
        else if (where_ == where::tensor_value)
            where_ = where::tensor;
        else
            nested("an object");
        return true;
    }
    bool end_object() override {
        if (where_ == where::metadata) return leave_metadata();
        if (where_ != where::tensor) return true; // the root
        for (auto const& [bit, name] : {std::pair{1u, "dtype"}, {2u, "shape"}, {4u, "data_offsets"}}) {
            if ((fields_ & bit) == 0) fail("ST31", name, "no such field", "dtype, shape and data_offsets");
        }
        out_.entries.push_back(std::move(entry_));
        where_ = where::root;
        return true;
    }
    bool start_array(std::size_t) override {
        if (where_ == where::outside) fail("ST10", "the header", "an array", "an object");
        if (where_ == where::shape)
            where_ = where::dimensions;
        else if (where_ == where::offset_list)
            where_ = where::offsets;
        else
            nested("an array");
        return true;
    }
    bool end_array() override {
        if (where_ == where::offsets && offsets_ != 2) {
            fail("ST19", "data_offsets", std::to_string(offsets_) + " entries", "exactly 2");
        }
        where_ = where::tensor;
        return true;
    }
    bool parse_error(std::size_t position, std::string const& last, nlohmann::detail::exception const& why) override {
        std::string_view const text = why.what();
        auto const             at   = std::min(text.size(), text.find(": ") + 2);
        throw file_error{{"JS01", file_ + " @ byte " + std::to_string(header_offset + position),
                          qeval::quoted(last, 40), "JSON (" + qeval::quoted(text.substr(at), 160) + ")",
                          "a damaged file"}};
    }

private:
    enum class where {
        outside,
        root,
        metadata_value,
        metadata,
        tensor_value,
        tensor,
        dtype,
        shape,
        dimensions,
        offset_list,
        offsets
    };

    bool root_key(std::string& name) {
        if (name == "__metadata__") {
            if (seen_metadata_) fail("ST11", "__metadata__", "the name a second time", "distinct names");
            seen_metadata_ = true;
            where_         = where::metadata_value;
            return true;
        }
        entry_    = {};
        entry_.at = here() - (name.size() + 2 <= here() ? name.size() + 2 : 0);
        fields_   = 0;
        offsets_  = 0;
        if (name.size() > max_name) {
            fail("ST30", "a name", std::to_string(name.size()) + " bytes (" + qeval::quoted(name, 32) + ")",
                 "at most " + std::to_string(max_name));
        }
        for (char const c : name) {
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
                fail("ST29", "a name", qeval::quoted(name), "no control bytes");
        }
        if (name.empty()) fail("ST29", "a name", "an empty name", "at least one character");
        if (out_.entries.size() == max_entries) fail("ST30", "the header", "more than 2^20 tensors", "fewer");
        entry_.name = std::move(name);
        where_      = where::tensor_value;
        return true;
    }
    bool leave_metadata() {
        where_ = where::root;
        return true;
    }
    // A value where the format has none of its kind.
    bool scalar(std::string const& found) {
        switch (where_) {
        case where::outside:
            fail("ST10", "the header", found, "an object");
        case where::metadata_value:
            fail("ST28", "__metadata__", found, "an object or null");
        case where::metadata:
            fail("ST28", "__metadata__, " + qeval::quoted(out_.metadata.back().first), found, "a string");
        case where::dtype:
            fail("ST25", "dtype", found, "a dtype of the safetensors format");
        case where::shape:
            fail("ST31", "shape", found, "an array of counts");
        case where::offset_list:
            fail("ST31", "data_offsets", found, "an array of 2 offsets");
        case where::dimensions:
            fail("ST23", dimension(), found, "a count >= 0");
        case where::offsets:
            fail("ST18", offset(), found, "an integer <= 2^53");
        default:
            fail("ST31", "the tensor", found, "an object with dtype, shape and data_offsets");
        }
    }
    void nested(char const* found) {
        if (where_ == where::metadata_value) fail("ST28", "__metadata__", found, "an object or null");
        if (where_ == where::metadata) {
            fail("ST28", "__metadata__, " + qeval::quoted(out_.metadata.back().first), found, "a string");
        }
        fail("ST13", "nesting",
             std::string(found) + " inside " + (where_ == where::tensor_value ? "the header" : "a tensor"),
             "values nested as the format has them");
    }
    [[nodiscard]] std::uint64_t here() const { return header_offset + std::uint64_t(reached_ - text_.data()); }
    [[nodiscard]] std::string   dimension() const { return "shape[" + std::to_string(entry_.shape.size()) + "]"; }
    [[nodiscard]] std::string   offset() const { return "data_offsets[" + std::to_string(offsets_) + "]"; }
    [[noreturn]] void fail(char const* id, std::string const& field, std::string found, std::string expected) const {
        std::string place = file_ + " @ byte " + std::to_string(here()) + ", ";
        if (where_ > where::metadata) place += "tensor " + qeval::quoted(entry_.name) + ", ";
        throw file_error{{id, place + field, std::move(found), std::move(expected), ""}};
    }

    std::string const& file_;
    std::string_view   text_;
    char const*        reached_ = text_.data();
    safetensors_header out_;
    safetensors_entry  entry_;
    where              where_         = where::outside;
    unsigned           fields_        = 0; // bit set of those seen
    unsigned           offsets_       = 0;
    bool               seen_metadata_ = false;
};

} // namespace qeval
