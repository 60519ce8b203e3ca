// bzip2 in memory: several streams are one text, the checksum of each is checked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/io/data/archive_reader.hpp>

namespace qeval {

[[nodiscard]] constexpr bool is_bzip2(std::string_view bytes) { return bytes.substr(0, 3) == "BZh"; }

// At most `limit` bytes come out.
[[nodiscard]] inline std::string bunzip2(std::string_view bytes, std::string const& file, std::uint64_t limit) {
    auto const refuse = [&](std::string found, std::string expected, std::string likely) {
        throw file_error{{"DS09", file, std::move(found), std::move(expected), std::move(likely)}};
    };
    archive_reader reader(bytes, {archive_reader::bzip2, archive_reader::text, archive_reader::empty});
    std::string    out;
    bool           more    = reader.next();
    auto const     damaged = [&](std::string found) {
        refuse(std::move(found), "bzip2 data", "a damaged or incomplete download");
    };
    if (!more && !reader.at_end()) damaged(reader.failure());
    if (!reader.is_bzip2()) damaged("the first bytes of bzip2 only"); // the rest would be taken for a text
    while (more) {
        std::size_t const had = out.size();
        if (had > limit)
            refuse("more than " + std::to_string(limit) + " bytes after decompression", "at most that many",
                   "a decompression bomb");
        out.resize(had + std::clamp<std::size_t>(had, 1 << 16, 1 << 24));
        auto const got = reader.read(std::span(out).subspan(had));
        if (!got) damaged(reader.failure());
        out.resize(had + *got);
        more = *got > 0;
    }
    if (reader.consumed() != bytes.size())
        refuse(std::to_string(bytes.size() - reader.consumed()) + " bytes after the end", "bzip2 data only",
               "a damaged download");
    return out;
}

} // namespace qeval
