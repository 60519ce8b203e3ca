// The regular files of a tar archive in memory. Nothing is ever written to a disk, so a name may say what it likes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/data/archive_reader.hpp>

namespace qeval {

struct tar_entry {
    std::string      name;  // UTF-8
    std::string_view bytes; // inside the archive
};

// The files are in the archive's order, and the archive in any dialect: old, POSIX, GNU. Sparse files are refused:
// their holes have no bytes here.
[[nodiscard]] inline std::vector<tar_entry> tar_entries(std::string_view archive, std::string const& file) {
    archive_reader reader(archive, {archive_reader::tar});
    auto const     refuse = [&](std::string found, std::string expected) {
        throw file_error{{"DS11", file + " @ byte " + std::to_string(reader.place()), std::move(found),
                          std::move(expected), "a damaged or incomplete download"}};
    };
    std::vector<tar_entry> entries;
    while (reader.next()) {
        if (!reader.is_file()) continue;
        auto const bytes = reader.bytes();
        if (!bytes) refuse("fewer bytes in one piece", "an entry of " + std::to_string(reader.size()) + " bytes");
        entries.push_back({reader.name(), *bytes});
    }
    if (!reader.at_end()) refuse(reader.failure(), "a tar archive");
    // Without this, an archive that is cut between two entries would be a smaller data set.
    if (archive.substr(reader.place(), 512) != std::string(512, '\0')) refuse("no end mark", "a block of zeros");
    if (entries.empty()) refuse("no files", "at least one");
    return entries;
}

} // namespace qeval
