// The regular files of a tar archive in memory (POSIX ustar, GNU long names). Nothing is ever written to a disk, so a
// name may say what it likes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>

namespace qeval {

struct tar_entry {
    std::string      name;
    std::string_view bytes; // inside the archive
};

[[nodiscard]] inline bool is_tar(std::string_view bytes) {
    return bytes.size() >= 512 && bytes.substr(257, 5) == "ustar";
}

[[nodiscard]] inline std::vector<tar_entry> tar_entries(std::string_view archive, std::string const& file) {
    constexpr std::size_t  block = 512;
    std::vector<tar_entry> entries;
    std::string            long_name; // of the next entry, from a GNU 'L' record
    auto const             refuse = [&](std::size_t at, std::string found, std::string expected) {
        throw file_error{{"DS11", file + " @ byte " + std::to_string(at), std::move(found), std::move(expected),
                          "a damaged download"}};
    };
    for (std::size_t at = 0; at + block <= archive.size();) {
        std::string_view const header = archive.substr(at, block);
        if (header.find_first_not_of('\0') == header.npos) break; // the end mark
        auto const text = [&](std::size_t from, std::size_t size) {
            std::string_view const field = header.substr(from, size);
            return std::string(field.substr(0, field.find('\0')));
        };
        auto const octal = [&](std::size_t from, std::size_t size) {
            std::uint64_t value = 0;
            bool          any   = false;
            for (char const c : header.substr(from, size)) {
                if (c == ' ' && !any) continue;
                if (c < '0' || c > '7') {
                    if (c == '\0' || c == ' ') break;
                    refuse(at + from, qeval::quoted(header.substr(from, size)), "an octal number");
                }
                value = value * 8 + static_cast<std::uint64_t>(c - '0');
                any   = true;
            }
            return value; // at most 12 digits
        };
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < block; ++i)
            sum += i >= 148 && i < 156 ? 0x20 : static_cast<unsigned char>(header[i]);
        if (octal(148, 8) != sum)
            refuse(at + 148, "a header checksum of " + std::to_string(octal(148, 8)), std::to_string(sum));
        std::uint64_t const size = octal(124, 12), left = archive.size() - at - block;
        if (size > left)
            refuse(at + 124, "an entry of " + std::to_string(size) + " bytes",
                   "at most " + std::to_string(left) + ", what is left");
        std::string_view const body = archive.substr(at + block, static_cast<std::size_t>(size));
        char const             type = header[156];
        if (type == 'L') {
            long_name.assign(body.substr(0, body.find('\0')));
        } else {
            std::string const prefix =
                header.substr(257, 6) == std::string_view("ustar\0", 6) ? text(345, 155) : std::string();
            std::string name =
                !long_name.empty() ? std::move(long_name) : (prefix.empty() ? "" : prefix + "/") + text(0, 100);
            long_name.clear();
            if (type == '0' || type == '\0') entries.push_back({std::move(name), body});
        }
        at += block + (static_cast<std::size_t>(size) + block - 1) / block * block;
    }
    if (entries.empty()) refuse(0, "no files", "at least one");
    return entries;
}

} // namespace qeval
