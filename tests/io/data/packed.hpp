// Texts compressed in memory, for tests that read them.
#pragma once

#include <string>

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include "tests/support/catch.hpp"

namespace qeval_test {

inline std::string gzipped(std::string const& text) {
    z_stream z{};
    REQUIRE(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&z, static_cast<uLong>(text.size())) + 64, '\0');
    z.next_in   = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    z.avail_in  = static_cast<uInt>(text.size());
    z.next_out  = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}

inline std::string bzipped(std::string const& text) {
    std::string    out(text.size() / 50 + 1024, '\0');
    std::size_t    used  = 0;
    archive* const a     = archive_write_new();
    archive_entry* entry = archive_entry_new();
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_write_add_filter_bzip2(a);
    archive_write_set_format_raw(a);
    archive_write_set_bytes_in_last_block(a, 1); // no padding
    REQUIRE(archive_write_open_memory(a, out.data(), out.size(), &used) == ARCHIVE_OK);
    REQUIRE(archive_write_header(a, entry) == ARCHIVE_OK);
    REQUIRE(archive_write_data(a, text.data(), text.size()) == static_cast<la_ssize_t>(text.size()));
    archive_entry_free(entry);
    REQUIRE(archive_write_free(a) == ARCHIVE_OK);
    out.resize(used);
    return out;
}

} // namespace qeval_test
