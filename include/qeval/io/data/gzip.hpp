// gzip (RFC 1952) in memory, by zlib: several members are one text, the checksum of each is checked. libarchive 3.6
// checks none of them, and takes what follows a member for nothing: one changed bit would be another data set.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <zlib.h>

#include <qeval/core/error.hpp>

namespace qeval {

[[nodiscard]] constexpr bool is_gzip(std::string_view bytes) { return bytes.substr(0, 2) == "\x1f\x8b"; }

// At most `limit` bytes come out: a bomb is refused before it costs more than twice that memory.
[[nodiscard]] inline std::string gunzip(std::string_view bytes, std::string const& file, std::uint64_t limit) {
    auto const refuse = [&](char const* id, std::string found, std::string expected, std::string likely) {
        throw file_error{{id, file, std::move(found), std::move(expected), std::move(likely)}};
    };
    struct stream {
        z_stream z{};
        bool     open = false;
        ~stream() {
            if (open) ::inflateEnd(&z);
        }
    } s;
    if (::inflateInit2(&s.z, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
    s.open = true;
    std::string out;
    std::size_t read = 0;
    while (read < bytes.size()) {
        constexpr std::size_t most  = std::numeric_limits<uInt>::max();
        std::size_t const     piece = std::min(bytes.size() - read, most);
        // zlib only reads through next_in, which lacks the const.
        s.z.next_in  = const_cast<Bytef*>(reinterpret_cast<Bytef const*>(bytes.data() + read));
        s.z.avail_in = static_cast<uInt>(piece);
        int status   = Z_OK;
        while (status == Z_OK && (s.z.avail_in > 0 || s.z.avail_out == 0)) {
            std::size_t const had = out.size();
            if (had > limit)
                refuse("DS09", "more than " + std::to_string(limit) + " bytes after decompression", "at most that many",
                       "a decompression bomb");
            out.resize(had + std::clamp<std::size_t>(had, 1 << 16, 1 << 24));
            s.z.next_out  = reinterpret_cast<Bytef*>(out.data() + had);
            s.z.avail_out = static_cast<uInt>(out.size() - had);
            status        = ::inflate(&s.z, Z_NO_FLUSH);
            out.resize(out.size() - s.z.avail_out);
        }
        read += piece - s.z.avail_in;
        if (status == Z_STREAM_END) {
            // Zeros may pad a file; anything else is another member.
            if (bytes.find_first_not_of('\0', read) == bytes.npos) return out;
            ::inflateReset(&s.z);
        } else if (status != Z_OK) {
            refuse("DS09", s.z.msg != nullptr ? s.z.msg : "data that cannot be decompressed", "gzip data",
                   "a damaged download");
        }
    }
    if (bytes.empty() || s.z.total_in > 0)
        refuse("DS09", "a stream that breaks off", "a complete gzip member", "an incomplete download");
    return out;
}

} // namespace qeval
