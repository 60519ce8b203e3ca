// A data set's bytes with their hash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/core/sha256.hpp>
#include <qeval/io/mapped_file.hpp>

namespace qeval {

struct data_file {
    std::string name; // as errors call it
    std::string bytes;
    std::string sha256; // of the bytes
};

[[nodiscard]] inline data_file read_data_file(std::filesystem::path const& path) {
    mapped_file const file(path);
    refuse_lfs_pointer(file);
    constexpr std::uint64_t most = std::uint64_t{4} << 30;
    if (file.size() > most) {
        throw file_error{
            {"DS01", file.name(), std::to_string(file.size()) + " bytes", "at most " + std::to_string(most), ""}};
    }
    data_file    data{file.name(), file.read_text(0, file.size()), {}};
    class sha256 hash;
    hash.update(data.bytes);
    data.sha256 = hash.hex();
    return data;
}

[[noreturn]] inline void refuse_empty_data(std::string const& name) {
    throw file_error{{"DS03", name, "no items", "at least one item", "an empty file or a wrong path"}};
}

} // namespace qeval
