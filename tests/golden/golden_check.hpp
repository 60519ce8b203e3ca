// Comparing qeval's bytes with the hashes in format_golden.inc.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/io/file/sha256.hpp>

namespace qeval_test {

struct format_golden {
    std::string_view origin, format, stream;
    qeval::index     rows, cols;
    std::string_view what;
    qeval::index     bytes;
    std::string_view sha256, head; // head: the first bytes in hex
};

inline constexpr format_golden format_goldens[] = {
#include <tests/golden/format_golden.inc>
};

// The goldens of one format and one quantity.
inline std::vector<format_golden> goldens(std::string_view origin, std::string_view format, std::string_view what) {
    std::vector<format_golden> found;
    std::copy_if(std::begin(format_goldens), std::end(format_goldens), std::back_inserter(found),
                 [&](auto const& g) { return g.origin == origin && g.format == format && g.what == what; });
    return found;
}

inline std::string hex(std::span<std::byte const> bytes) {
    std::string text;
    for (std::byte b : bytes) {
        text += "0123456789abcdef"[static_cast<unsigned>(b) >> 4];
        text += "0123456789abcdef"[static_cast<unsigned>(b) & 15u];
    }
    return text;
}

// The origin's bytes from `make_formats.py --dump DIR`, where QEVAL_GOLDEN_DUMP names that directory.
inline std::vector<std::byte> dumped(format_golden const& g) {
    char const* const dir = std::getenv("QEVAL_GOLDEN_DUMP");
    if (dir == nullptr) return {};
    std::string format(g.format);
    std::replace(format.begin(), format.end(), ':', '-');
    std::ostringstream name;
    name << format << '.' << g.stream << '.' << g.rows << 'x' << g.cols << '.' << g.what << '.' << g.origin;
    std::ifstream     file(std::filesystem::path(dir) / name.str(), std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    auto const        bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

// Empty where the bytes have the golden hash, else what differs first. `unit` is the size of one block or element.
inline std::string difference(format_golden const& g, std::span<std::byte const> ours, std::size_t unit) {
    std::ostringstream out;
    if (ours.size() != static_cast<std::size_t>(g.bytes)) {
        out << g.format << ' ' << g.stream << ' ' << g.what << ": " << ours.size() << " bytes, expected " << g.bytes;
        return out.str();
    }
    if (qeval::sha256_hex(ours) == g.sha256) return {};
    out << g.format << ' ' << g.stream << ' ' << g.rows << 'x' << g.cols << ' ' << g.what << " differs from "
        << g.origin << "; starts with\n  " << hex(ours.first(std::min(ours.size(), g.head.size() / 2)))
        << ", expected\n  " << g.head;
    auto const theirs = dumped(g);
    if (theirs.size() == ours.size()) {
        std::size_t count = 0, first = ours.size();
        for (std::size_t at = 0; at < ours.size(); at += unit) {
            if (!std::equal(ours.begin() + std::ptrdiff_t(at), ours.begin() + std::ptrdiff_t(at + unit),
                            theirs.begin() + std::ptrdiff_t(at))) {
                first = std::min(first, at);
                ++count;
            }
        }
        out << "\n  " << count << " of " << ours.size() / unit << " differ, first " << first / unit << ":\n  "
            << hex(ours.subspan(first, unit)) << ", expected\n  " << hex(std::span(theirs).subspan(first, unit));
    } else {
        out << "\n  (make_formats.py --dump DIR and QEVAL_GOLDEN_DUMP=DIR find the first block that differs)";
    }
    return out.str();
}

} // namespace qeval_test
