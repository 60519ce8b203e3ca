// bzip2 in memory, by libbz2: several streams are one text, the checksum of each is checked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>

#if __has_include(<bzlib.h>)
#    include <bzlib.h>
#endif

#include <qeval/core/error.hpp>

namespace qeval {

[[nodiscard]] constexpr bool is_bzip2(std::string_view bytes) { return bytes.substr(0, 3) == "BZh"; }

#if __has_include(<bzlib.h>)
// At most `limit` bytes come out.
[[nodiscard]] inline std::string bunzip2(std::string_view bytes, std::string const& file, std::uint64_t limit) {
    auto const refuse = [&](std::string found, std::string expected, std::string likely) {
        throw file_error{{"DS09", file, std::move(found), std::move(expected), std::move(likely)}};
    };
    std::string out;
    std::size_t read = 0;
    while (read < bytes.size()) {
        struct stream {
            bz_stream z{};
            ~stream() { ::BZ2_bzDecompressEnd(&z); }
        } s;
        if (::BZ2_bzDecompressInit(&s.z, 0, 0) != BZ_OK) throw std::bad_alloc();
        int status = BZ_OK;
        while (status == BZ_OK) {
            if (s.z.avail_in == 0) {
                if (read == bytes.size())
                    refuse("a stream that breaks off", "a complete bzip2 stream", "an incomplete download");
                std::size_t const piece = std::min<std::size_t>(bytes.size() - read, 1 << 30);
                s.z.next_in             = const_cast<char*>(bytes.data() + read); // only read through, but not const
                s.z.avail_in            = static_cast<unsigned>(piece);
                read += piece;
            }
            std::size_t const had = out.size();
            if (had > limit)
                refuse("more than " + std::to_string(limit) + " bytes after decompression", "at most that many",
                       "a decompression bomb");
            out.resize(had + std::clamp<std::size_t>(had, 1 << 16, 1 << 24));
            s.z.next_out  = out.data() + had;
            s.z.avail_out = static_cast<unsigned>(out.size() - had);
            status        = ::BZ2_bzDecompress(&s.z);
            out.resize(out.size() - s.z.avail_out);
        }
        if (status != BZ_STREAM_END) refuse("data that cannot be decompressed", "bzip2 data", "a damaged download");
        read -= s.z.avail_in;
    }
    return out;
}
#else
[[nodiscard]] inline std::string bunzip2(std::string_view, std::string const& file, std::uint64_t) {
    throw environment_error{
        {"DS12", file, "bzip2 data", "plain data", "this program was built without libbz2: decompress the file first"}};
}
#endif

} // namespace qeval
