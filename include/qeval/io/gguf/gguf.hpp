// GGUF, versions 2 and 3, little-endian: metadata and tensors. Which tensor types exist is the caller's knowledge.
// Layout: "GGUF" u32 version u64 tensors u64 entries | entries | tensor infos | padding | data, each tensor aligned.
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
#include <qeval/io/file/byte_reader.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/file/name_order.hpp>
#include <qeval/io/gguf/gguf_metadata.hpp>
#include <qeval/io/tensor/tensor.hpp>

namespace qeval {

// A storage format as GGUF numbers it: block_bytes for every block_size elements of a row.
struct gguf_type {
    std::uint32_t    id          = 0;
    std::string_view name        = {};
    std::uint32_t    block_size  = 1;
    std::uint32_t    block_bytes = 0;
};

// An open file: the tensors point into its mapping.
struct gguf_file {
    mapped_file              file;
    std::uint32_t            version = 0;
    gguf_metadata            metadata;
    std::vector<tensor_view> tensors; // in file order; names as in the file; shape outermost first
};

class gguf_reader {
public:
    gguf_reader(mapped_file file, std::span<gguf_type const> types)
        : types_(types), out_{std::move(file), 0, {}, {}}, in_(out_.file, header_limit, "GG19") {}

    [[nodiscard]] gguf_file read() && {
        auto const tensors = read_head();
        read_alignment();
        read_infos(tensors);
        place_data();
        return std::move(out_);
    }
    // What comes before the tensor infos, without a look at them.
    [[nodiscard]] gguf_metadata read_metadata() && {
        static_cast<void>(read_head());
        return std::move(out_.metadata);
    }

private:
    static constexpr std::uint64_t header_limit = std::uint64_t{1} << 30; // of metadata and tensor infos

    std::uint64_t read_head() { // returns the tensor count
        refuse_lfs_pointer(out_.file);
        auto const magic = in_.number<std::uint32_t>("the magic number");
        if (magic != 0x46554747u) fail("GG01", "the magic number", hex(magic), "\"GGUF\" (0x46554747)");
        out_.version = in_.number<std::uint32_t>("the version");
        if (out_.version != 2 && out_.version != 3) {
            bool const swapped = out_.version == 0x02000000u || out_.version == 0x03000000u;
            fail("GG02", "the version", swapped ? "a big-endian file" : std::to_string(out_.version),
                 "2 or 3, little-endian", out_.version == 1 ? "a file of 2023; convert the model again" : "");
        }
        auto const tensors = in_.number<std::uint64_t>("the tensor count");
        auto const entries = in_.number<std::uint64_t>("the metadata count");
        check_count(tensors);
        out_.metadata = gguf_metadata_reader(in_).read(entries);
        return tensors;
    }

    struct info {
        std::size_t   tensor; // index into out_.tensors
        std::uint64_t at;     // byte of the info in the file
        std::uint64_t offset; // into the data section
        std::uint64_t bytes;
    };

    void check_count(std::uint64_t tensors) {
        // name length 8, name 1, dimensions 4 + 8, type 4, offset 8
        std::uint64_t const most = std::min<std::uint64_t>(in_.remaining() / 33, 1u << 20);
        if (tensors > most) {
            fail("GG03", "the tensor count", std::to_string(tensors),
                 "<= " + std::to_string(most) + " (" + std::to_string(in_.remaining()) + " bytes left)",
                 "an incomplete download or a damaged file");
        }
    }
    void read_alignment() {
        auto const* value = out_.metadata.find("general.alignment");
        if (value == nullptr) return;
        if (value->array || value->kind != gguf_kind::u32) value->fail("a value of type u32", "GG11");
        auto const n = std::uint64_t(value->integer(0, std::numeric_limits<std::int64_t>::max()));
        if (n < 8 || n > (1u << 24) || (n & (n - 1)) != 0) {
            value->refuse(std::to_string(n), "a power of two from 8 to 16777216", "GG11");
        }
        alignment_ = n;
    }
    void read_infos(std::uint64_t count) {
        check_count(count); // again: the metadata has used up bytes
        for (std::uint64_t i = 0; i < count; ++i) {
            std::uint64_t const at = in_.position();
            tensor_view         t;
            t.name                 = name(i);
            std::string const me   = "tensor " + qeval::quoted(t.name);
            auto const        dims = in_.number<std::uint32_t>(me + ", dimension count");
            if (dims < 1 || dims > 4) fail("GG12", me + ", dimension count", std::to_string(dims), "1 to 4");
            for (std::uint32_t d = 0; d < dims; ++d) {
                auto const n = in_.number<std::uint64_t>(me + ", dimension " + std::to_string(d));
                if (n == 0 || n > std::uint64_t(std::numeric_limits<index>::max())) {
                    fail("GG13", me + ", dimension " + std::to_string(d), std::to_string(n),
                         "1 to 9223372036854775807");
                }
                t.shape.insert(t.shape.begin(), index(n)); // innermost first in the file
            }
            auto const bytes = size_of(t, me, in_.number<std::uint32_t>(me + ", type"));
            auto const where = in_.number<std::uint64_t>(me + ", offset");
            infos_.push_back({out_.tensors.size(), at, where, bytes});
            out_.tensors.push_back(std::move(t));
        }
        auto const       name_of_tensor = [](tensor_view const& t) -> std::string_view { return t.name; };
        name_order const order(out_.tensors, name_of_tensor);
        if (auto const two = order.duplicate(out_.tensors, name_of_tensor)) {
            fail_at(infos_[two->second], "name", "GG18", "the name a second time", "distinct names");
        }
    }
    std::string name(std::uint64_t i) {
        std::string const what   = "the name of tensor " + std::to_string(i);
        auto const        length = in_.number<std::uint64_t>(what);
        if (length == 0 || length >= 64) fail("GG18", what, "a length of " + std::to_string(length), "1 to 63");
        in_.require(length, what);
        std::string text(length, '\0');
        in_.copy(std::as_writable_bytes(std::span(text)));
        return text;
    }
    std::uint64_t size_of(tensor_view& t, std::string const& me, std::uint32_t id) {
        auto const type = std::find_if(types_.begin(), types_.end(), [&](auto const& k) { return k.id == id; });
        if (type == types_.end()) {
            std::string known;
            for (auto const& k : types_) known += (known.empty() ? "" : ", ") + std::to_string(k.id);
            fail("GG14", me + ", type", std::to_string(id), "one of the types read here (" + known + ")",
                 "a quantization that is not supported, or a removed one");
        }
        t.type           = std::string(type->name);
        auto const count = checked_product(t.shape);
        if (!count || *count > std::uint64_t(std::numeric_limits<index>::max())) {
            fail("GG13", me + ", the product of dimensions " + shape_text(t.shape), "more than 2^63 - 1",
                 "a count of 63 bits");
        }
        auto const row = std::uint64_t(t.shape.back());
        if (row % type->block_size != 0) {
            fail("GG15", me + ", row length", std::to_string(row),
                 "a multiple of " + std::to_string(type->block_size) + " (block size of " + t.type + ")");
        }
        auto const bytes = checked{*count / type->block_size}.mul(type->block_bytes);
        if (!bytes || !bytes->align_up(alignment_)) {
            fail("GG16", me + ", size of " + std::to_string(*count) + " elements of " + t.type,
                 "a padded size of more than 64 bits", "a size that fits the file");
        }
        return bytes->value();
    }
    // The data section starts at the next aligned byte; tensors must be aligned, inside the file, and apart.
    void place_data() {
        std::uint64_t const size = out_.file.size();
        if (infos_.empty()) return;
        std::uint64_t const begin = checked{in_.position()}.align_up(alignment_)->value(); // <= 2^30 + 2^24
        std::uint64_t const data  = begin <= size ? size - begin : 0;
        for (auto const& i : infos_) {
            if (i.offset % alignment_ != 0) {
                fail_at(i, "offset", "GG17", std::to_string(i.offset), "a multiple of " + std::to_string(alignment_));
            }
            if (!fits(i.offset, i.bytes, data)) {
                fail_at(i, "offset", "GG17",
                        std::to_string(i.offset) + " and a size of " + std::to_string(i.bytes) + " bytes",
                        "an end <= " + std::to_string(data) + " (data section)",
                        "an incomplete download: the file has " + std::to_string(size) + " bytes");
            }
        }
        std::sort(infos_.begin(), infos_.end(), [](auto const& a, auto const& b) { return a.offset < b.offset; });
        for (std::size_t k = 1; k < infos_.size(); ++k) {
            std::uint64_t const end = infos_[k - 1].offset + infos_[k - 1].bytes; // fits: checked above
            if (infos_[k].offset < end) {
                fail_at(infos_[k], "offset", "GG17", std::to_string(infos_[k].offset),
                        ">= " + std::to_string(end) + " (end of tensor " +
                            qeval::quoted(out_.tensors[infos_[k - 1].tensor].name) + ")");
            }
        }
        auto const bytes = out_.file.bytes();
        auto const name  = std::make_shared<std::string const>(out_.file.name());
        for (auto const& i : infos_) {
            out_.tensors[i.tensor].bytes  = bytes.subspan(begin + i.offset, i.bytes);
            out_.tensors[i.tensor].memory = out_.file.memory();
            out_.tensors[i.tensor].file   = name;
        }
    }

    [[noreturn]] void fail(std::string_view id, std::string const& what, std::string found, std::string expected,
                           std::string likely = {}) const {
        in_.fail(id, what, std::move(found), std::move(expected), std::move(likely));
    }
    [[noreturn]] void fail_at(info const& i, char const* field, char const* id, std::string found, std::string expected,
                              std::string likely = {}) const {
        throw file_error{{id,
                          out_.file.name() + " @ byte " + std::to_string(i.at) + ", tensor " +
                              qeval::quoted(out_.tensors[i.tensor].name) + ", " + field,
                          std::move(found), std::move(expected), std::move(likely)}};
    }
    static std::string hex(std::uint32_t n) {
        std::string text = "0x";
        for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(n >> shift) & 15u];
        return text;
    }

    std::span<gguf_type const> types_;
    gguf_file                  out_;
    byte_reader                in_;
    std::uint64_t              alignment_ = 32;
    std::vector<info>          infos_;
};

[[nodiscard]] inline gguf_file read_gguf(std::filesystem::path const& path, std::span<gguf_type const> types,
                                         file_access access = file_access::map) {
    return gguf_reader(mapped_file(path, access), types).read();
}

[[nodiscard]] inline gguf_metadata read_gguf_metadata(std::filesystem::path const& path) {
    return gguf_reader(mapped_file(path), {}).read_metadata();
}

} // namespace qeval
