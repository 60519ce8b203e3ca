// A GGUF that is split into files, as llama.cpp's gguf-split writes it: NAME-00001-of-00003.gguf and so on. The first
// has the metadata; each says which of how many it is (split.no, counted from 0, and split.count), and how many tensors
// all have (split.tensors.count). Any of them stands for the model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/gguf/gguf.hpp>
#include <qeval/io/gguf/gguf_metadata.hpp>

namespace qeval {

struct gguf_split {
    std::int64_t number = 0; // of this file, from 0
    std::int64_t count  = 1; // of files; a file that is whole, or was merged, has 1
};

[[nodiscard]] inline gguf_split split_of(gguf_metadata const& metadata) {
    gguf_split  split;
    auto const* count = metadata.find("split.count");
    if (count == nullptr || count->integer(0, 65535, "GG26") <= 1) return split;
    split.count  = count->integer(2, 65535, "GG26");
    split.number = metadata.at("split.no").integer(0, split.count - 1, "GG26");
    return split;
}

namespace detail {

inline std::string shard_ending(std::int64_t number, std::int64_t count) {
    char text[64];
    std::snprintf(text, sizeof text, "-%05d-of-%05d.gguf", static_cast<int>(number + 1), static_cast<int>(count));
    return text;
}
// The shard of that number beside `path`, which is the shard `split`.
inline std::filesystem::path shard_beside(std::filesystem::path const& path, gguf_split const& split,
                                          std::int64_t number) {
    std::string const name = path.filename().string(), ending = shard_ending(split.number, split.count);
    if (!name.ends_with(ending)) {
        throw file_error{{"GG26", display_name(path), "the name " + qeval::quoted(name),
                          "a name that ends in " + ending + ", by its metadata", "a shard that was renamed"}};
    }
    auto const other =
        path.parent_path() / (name.substr(0, name.size() - ending.size()) + shard_ending(number, split.count));
    std::error_code ignored;
    if (std::filesystem::exists(other, ignored)) return other;
    throw file_error{{"GG26", display_name(path), "no file " + qeval::quoted(other.filename().string()),
                      "shard " + std::to_string(number + 1) + " of " + std::to_string(split.count) + " beside it",
                      "an incomplete download"}};
}
// A shard that says of itself what the file beside it does not say of it.
inline void check_shard(gguf_file const& shard, std::int64_t number, gguf_file const& opened) {
    auto const count = split_of(opened.metadata).count;
    auto const said  = split_of(shard.metadata);
    if (said.count != count || said.number != number) {
        throw file_error{
            {"GG27", shard.file.name(),
             "shard " + std::to_string(said.number + 1) + " of " + std::to_string(said.count),
             "shard " + std::to_string(number + 1) + " of " + std::to_string(count) + ", as of " + opened.file.name(),
             "shards of two models"}};
    }
    auto const *mine   = shard.metadata.find("split.tensors.count"),
               *theirs = opened.metadata.find("split.tensors.count");
    if (mine == nullptr || theirs == nullptr) return;
    auto const n = theirs->integer(0, 1 << 20, "GG26");
    if (mine->integer(0, 1 << 20, "GG26") != n)
        mine->refuse(mine->found(), std::to_string(n) + ", as in " + opened.file.name(), "GG27",
                     "shards of two models");
}

} // namespace detail

// The metadata of the model that `path` is a file of: its own, unless it is another shard than the first.
[[nodiscard]] inline gguf_metadata read_model_metadata(std::filesystem::path const& path) {
    auto       metadata = read_gguf_metadata(path);
    auto const split    = split_of(metadata);
    if (split.number == 0) return metadata;
    return read_gguf_metadata(detail::shard_beside(path, split, 0));
}

// All files of the model that `path` is a part of, in their order. Errors: GG26 (one is missing, or has another name
// than its metadata say), GG27 (one is of another model, or they have not as many tensors as they say).
[[nodiscard]] inline std::vector<gguf_file> read_gguf_shards(std::filesystem::path const& path,
                                                             std::span<gguf_type const>   types,
                                                             file_access                  access = file_access::map) {
    gguf_file              opened = read_gguf(path, types, access);
    auto const             split  = split_of(opened.metadata);
    std::vector<gguf_file> shards;
    for (std::int64_t i = 0; i < split.count; ++i) {
        if (i == split.number) continue;
        shards.push_back(read_gguf(detail::shard_beside(path, split, i), types, access));
        detail::check_shard(shards.back(), i, opened);
    }
    shards.insert(shards.begin() + split.number, std::move(opened));
    std::size_t tensors = 0;
    for (auto const& s : shards) tensors += s.tensors.size();
    auto const* const all = shards.front().metadata.find("split.tensors.count");
    if (split.count > 1 && all != nullptr && all->integer(0, 1 << 20, "GG26") != static_cast<std::int64_t>(tensors))
        all->refuse(all->found(), std::to_string(tensors) + ", as many as all shards have", "GG27",
                    "shards of two models");
    return shards;
}

} // namespace qeval
