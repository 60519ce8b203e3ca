// The files that a data set is made of, wherever they lie: in a folder, in its subfolders, or in .tar and .tar.gz
// archives there. Archives are read in memory; nothing is unpacked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/data/bzip2.hpp>
#include <qeval/io/data/gzip.hpp>
#include <qeval/io/data/tar.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/file/sha256.hpp>

namespace qeval {

inline constexpr std::uint64_t data_byte_limit = std::uint64_t{4} << 30;

// What a compressed file may become. Text gives a tenth at best, a decompression bomb a thousandth or less.
[[nodiscard]] constexpr std::uint64_t decompressed_limit(std::size_t stored) {
    return std::min(data_byte_limit, (std::uint64_t{1} << 20) + 100 * std::uint64_t{stored});
}

struct data_file {
    std::string name; // as errors call it
    std::string bytes;
    std::string sha256; // of the bytes
};

// One file; gzip and bzip2 are decompressed. The hash is that of the text, so a compressed copy counts as the same
// data.
[[nodiscard]] inline data_file read_data_file(std::filesystem::path const& path) {
    mapped_file const file(path);
    refuse_lfs_pointer(file);
    if (file.size() > data_byte_limit) {
        throw file_error{{"DS01", file.name(), std::to_string(file.size()) + " bytes",
                          "at most " + std::to_string(data_byte_limit), ""}};
    }
    std::string bytes = file.read_text(0, file.size());
    if (is_gzip(bytes)) bytes = gunzip(bytes, file.name(), decompressed_limit(bytes.size()));
    if (is_bzip2(bytes)) bytes = bunzip2(bytes, file.name(), decompressed_limit(bytes.size()));
    std::string hash = sha256_hex(bytes);
    return {file.name(), std::move(bytes), std::move(hash)};
}

[[noreturn]] inline void refuse_empty_data(std::string const& name) {
    throw file_error{{"DS08", name, "no items", "at least one item", "an empty file or a wrong path"}};
}

class data_files {
public:
    // A folder, an archive, or one plain file.
    explicit data_files(std::filesystem::path const& path) : name_(display_name(path)) {
        if (!std::filesystem::is_directory(path)) {
            add(path, path.filename().string());
        } else {
            for (auto const& entry : std::filesystem::recursive_directory_iterator(path)) {
                if (places_.size() > most_files) {
                    throw file_error{{"DS01", name_, "more than " + std::to_string(most_files) + " files",
                                      "a folder with one data set", "--data at the wrong level"}};
                }
                if (entry.is_regular_file()) add(entry.path(), entry.path().lexically_relative(path).generic_string());
            }
        }
    }

    [[nodiscard]] std::string const& name() const { return name_; }

    // The files in a folder called `folder` whose names end with `ending`, by the name without its path.
    [[nodiscard]] std::map<std::string, data_file> in_folder(std::string_view folder, std::string_view ending) const {
        std::map<std::string, data_file> found;
        for (auto const& [place, from] : places_) {
            std::filesystem::path const path(place);
            std::string const           base = path.filename().string();
            if (path.parent_path().filename() != folder || !base.ends_with(ending)) continue;
            auto [at, fresh] = found.try_emplace(base);
            if (!fresh) {
                throw file_error{{"DS10", name_, "two files " + folder_name(folder) + base, "one",
                                  "an archive beside the folder that was made of it"}};
            }
            at->second = read(place, from);
        }
        return found;
    }

private:
    static constexpr std::size_t most_files = 10'000;

    struct source {
        std::filesystem::path              path;    // of a plain file
        std::shared_ptr<std::string const> archive; // else what `bytes` lies in
        std::string_view                   bytes{};
    };

    static std::string folder_name(std::string_view folder) { return std::string(folder) + "/"; }

    void add(std::filesystem::path const& path, std::string const& place) {
        auto const ends = [&](char const* ending) { return place.ends_with(ending); };
        if (!ends(".tar") && !ends(".tar.gz") && !ends(".tgz")) {
            places_.emplace(place, source{path, nullptr, {}});
            return;
        }
        auto const archive = std::make_shared<std::string const>(std::move(read_data_file(path).bytes));
        for (auto& entry : tar_entries(*archive, display_name(path))) {
            places_.emplace(place + "/" + entry.name, source{{}, archive, entry.bytes});
        }
    }
    [[nodiscard]] data_file read(std::string const& place, source const& from) const {
        if (!from.archive) return read_data_file(from.path);
        return {name_ + "/" + display_name(place), std::string(from.bytes), sha256_hex(from.bytes)};
    }

    std::string                   name_;
    std::map<std::string, source> places_;
};

// One hash for several files, in the order of their names.
[[nodiscard]] inline std::string sha256_of(std::map<std::string, data_file> const& files) {
    sha256 hash;
    for (auto const& [name, file] : files) hash.update(name + " " + file.sha256 + "\n");
    return hash.hex();
}

} // namespace qeval
