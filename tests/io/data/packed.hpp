// Texts compressed and put into archives in memory, for tests that read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <qeval/core/error.hpp>

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
    std::string    out(text.size() + text.size() / 100 + 1024, '\0'); // what bzip2 needs at worst
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

inline std::string tar_octal(std::uint64_t value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*llo", digits, static_cast<unsigned long long>(value));
    return text;
}

// One entry of a tar as POSIX.1 lays it out: a header of 512 bytes whose checksum is right, and the body in blocks.
inline std::string tarred(std::string const& name, std::string const& body, char type = '0', std::string size = "") {
    std::string header(512, '\0');
    if (size.empty()) size = tar_octal(body.size(), 11);
    auto const put = [&](std::size_t at, std::string const& text) { header.replace(at, text.size(), text); };
    put(0, name.substr(0, 100)), put(100, "0000644"), put(108, "0000000"), put(116, "0000000");
    put(124, size), put(136, "00000000000"), put(148, "        ");
    header[156] = type;
    if (type == '1' || type == '2') put(157, "a");
    put(257, std::string("ustar\0", 6) + "00");
    std::uint64_t sum = 0;
    for (char const c : header) sum += static_cast<unsigned char>(c);
    put(148, tar_octal(sum, 6) + std::string("\0 ", 2));
    return header + body + std::string((512 - body.size() % 512) % 512, '\0');
}
inline std::string const tar_end_mark(1024, '\0');

inline std::string const sentence = "some text that is long enough to be compressed, compressed, compressed";

template <class Pack, class Unpack>
void check_any_size(Pack const& pack, Unpack const& unpack) {
    for (std::size_t const size : {0, 1, 1000, 65536, 1 << 20, (1 << 22) + 3}) {
        std::string text(size, '\0');
        for (std::size_t i = 0; i < size; ++i) text[i] = char(i * i >> 7);
        CHECK(unpack(pack(text)) == text);
    }
}
// Whichever bit of `packed` changes, from the byte `from` on: unpack(bytes) refuses it, or gives `text` all the same.
template <class Unpack>
void check_changed_bits(std::string const& packed, std::size_t from, std::string const& text, Unpack const& unpack) {
    for (std::size_t at = from; at < packed.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string broken = packed;
            broken[at]         = char(broken[at] ^ (1 << bit));
            try {
                std::string const out = unpack(broken);
                CHECK(out == text);
            } catch (qeval::file_error const& e) {
                CHECK(e.id() == "DS09");
            }
        }
    }
}

} // namespace qeval_test
