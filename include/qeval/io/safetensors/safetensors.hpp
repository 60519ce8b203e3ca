// A safetensors file: u64 header length | JSON header | data without holes, overlaps or trailing bytes.
// Everything is checked before any memory is taken that depends on what the header says.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/checked.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/file/name_order.hpp>
#include <qeval/io/safetensors/safetensors_header.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/io/text/utf8.hpp>

namespace qeval {

// An open file: the tensors point into its mapping.
struct safetensors_file {
    mapped_file                                      file;
    std::vector<tensor_view>                         tensors; // in the order of their data
    std::vector<std::pair<std::string, std::string>> metadata;
};

class safetensors_reader {
public:
    static constexpr std::uint64_t header_cap = 100'000'000; // as the reference implementation has it

    explicit safetensors_reader(mapped_file file) : file_(std::move(file)) {}

    [[nodiscard]] safetensors_file read() && {
        refuse_lfs_pointer(file_);
        std::string const   text   = header_text();
        safetensors_header  header = safetensors_header_reader(file_.name(), text).read();
        std::uint64_t const data   = file_.size() - 8 - text.size();
        for (auto const& e : header.entries) check_size(e);
        check_names(header.entries);
        check_layout(header.entries, data);
        safetensors_file out{std::move(file_), {}, std::move(header.metadata)};
        auto const       bytes = out.file.bytes();
        auto const       name  = std::make_shared<std::string const>(out.file.name());
        out.tensors.reserve(header.entries.size());
        for (auto& e : header.entries) {
            auto const shape = std::exchange(e.shape, {}); // gone with its entry: hundreds of thousands add up
            out.tensors.push_back({std::move(e.name), std::string(e.dtype->name),
                                   std::vector<index>(shape.begin(), shape.end()),
                                   bytes.subspan(8 + text.size() + e.begin, e.end - e.begin), out.file.memory(), name});
        }
        return out;
    }

private:
    std::string header_text() const {
        std::uint64_t const size = file_.size();
        if (size < 8) {
            fail("ST01", 0, "file size", std::to_string(size) + " bytes", "at least 8 (header length)",
                 "an incomplete download");
        }
        std::uint64_t length = 0;
        file_.read(0, std::as_writable_bytes(std::span<std::uint64_t, 1>(&length, 1)));
        std::string const found = std::to_string(length);
        if (length == 0)
            fail("ST02", 0, "header length", found, "at least 2", "a file of zeros, or no safetensors file");
        if (length > std::uint64_t(std::numeric_limits<std::int64_t>::max()) - 8) {
            fail("ST04", 0, "header length", found, "<= " + std::to_string(size - 8), "no safetensors file");
        }
        if (length > header_cap) {
            fail("ST05", 0, "header length", found, "<= " + std::to_string(header_cap), "no safetensors file");
        }
        if (length > size - 8) {
            fail("ST03", 0, "header length", found, "<= " + std::to_string(size - 8) + " (file size - 8)",
                 "an incomplete download, or no safetensors file");
        }
        std::string text = file_.read_text(8, length);
        if (text.front() != '{')
            fail("ST09", 8, "header", qeval::quoted(text.substr(0, 1)), "\"{\"", "no safetensors file");
        if (auto const bad = first_bad_utf8(text)) {
            fail("ST06", 8 + *bad, "header", "the byte " + qeval::quoted(text.substr(*bad, 1)), "UTF-8",
                 "a damaged file");
        }
        return text;
    }
    void check_size(safetensors_entry const& e) const {
        if (e.begin > e.end) {
            fail(e, "ST16", "data_offsets", std::to_string(e.begin) + " and " + std::to_string(e.end), "begin <= end");
        }
        auto const count = checked_product(e.shape);
        auto const wide  = [](std::uint64_t n) { return n > std::uint64_t(std::numeric_limits<index>::max()); };
        if (!count || wide(*count) || std::any_of(e.shape.begin(), e.shape.end(), wide)) {
            std::uint64_t wrapped = 1;
            for (std::uint64_t const d : e.shape) wrapped *= d;
            fail(e, wrapped == 0 ? "ST20" : "ST21", "shape",
                 shape_text(e.shape) + ", a product beyond 63 bits (" + std::to_string(wrapped) + " when wrapped)",
                 std::to_string(e.end - e.begin) + " bytes of elements");
        }
        auto const bits = checked{*count}.mul(e.dtype->bits);
        if (!bits) {
            fail(e, "ST22", "shape",
                 shape_text(e.shape) + " of " + std::string(e.dtype->name) + ", a size beyond 64 bits",
                 std::to_string(e.end - e.begin) + " bytes");
        }
        if (bits->value() % 8 != 0) {
            fail(e, "ST26", "shape",
                 shape_text(e.shape) + " of " + std::string(e.dtype->name) + ": " + std::to_string(bits->value()) +
                     " bits",
                 "a multiple of 8 bits");
        }
        if (bits->value() / 8 != e.end - e.begin) {
            fail(e, "ST24", "data_offsets", std::to_string(e.end - e.begin) + " bytes",
                 std::to_string(bits->value() / 8) + " (" + shape_text(e.shape) + " of " + std::string(e.dtype->name) +
                     ")");
        }
    }
    void check_names(std::vector<safetensors_entry> const& entries) const {
        auto const       name = [](safetensors_entry const& e) -> std::string_view { return e.name; };
        name_order const order(entries, name);
        if (auto const two = order.duplicate(entries, name)) {
            fail(entries[two->second], "ST11", "name", "the name a second time", "distinct names");
        }
    }
    // Sorts the tensors by offset.
    void check_layout(std::vector<safetensors_entry>& entries, std::uint64_t data) const {
        std::uint64_t last = 0;
        for (auto const& e : entries) last = std::max(last, e.end);
        for (auto const& e : entries) {
            if (e.end <= data) continue;
            fail(e, "ST07", "data_offsets[1]", std::to_string(e.end),
                 "<= " + std::to_string(data) + " (data section is " + std::to_string(data) + " bytes)",
                 "an incomplete download: the file has " + std::to_string(file_.size()) + " bytes, its header needs " +
                     std::to_string(file_.size() - data + last) + ", " + std::to_string(last - data) + " are missing");
        }
        std::sort(entries.begin(), entries.end(),
                  [](auto const& a, auto const& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
        std::uint64_t end = 0;
        for (auto const& e : entries) {
            if (e.begin > end) {
                fail(e, "ST14", "data_offsets[0]", std::to_string(e.begin),
                     std::to_string(end) + " (end of the tensor before)", "hidden bytes, or a writer that pads");
            }
            if (e.begin < end) {
                fail(e, "ST15", "data_offsets[0]", std::to_string(e.begin),
                     std::to_string(end) + " (end of the tensor before)",
                     "tensors that share memory, saved without copying");
            }
            end = e.end;
        }
        if (end < data) {
            fail("ST08", file_.size() - data + end, "end of the data", std::to_string(data - end) + " more bytes",
                 "the end of the file", "two files in one, or a damaged header");
        }
    }

    [[noreturn]] void fail(safetensors_entry const& e, char const* id, std::string const& field, std::string found,
                           std::string expected, std::string likely = {}) const {
        fail(id, e.at, "tensor " + qeval::quoted(e.name) + ", " + field, std::move(found), std::move(expected),
             std::move(likely));
    }
    [[noreturn]] void fail(char const* id, std::uint64_t byte, std::string const& field, std::string found,
                           std::string expected, std::string likely = {}) const {
        throw file_error{{id, file_.name() + " @ byte " + std::to_string(byte) + ", " + field, std::move(found),
                          std::move(expected), std::move(likely)}};
    }

    mapped_file file_;
};

[[nodiscard]] inline safetensors_file read_safetensors(std::filesystem::path const& path,
                                                       file_access                  access = file_access::map) {
    return safetensors_reader(mapped_file(path, access)).read();
}

} // namespace qeval
