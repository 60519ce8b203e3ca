// Writes the readings of a text window as bytes for the store, and reads them back: little-endian doubles, then one
// byte for each position.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/eval/store/outcome_memory.hpp>

namespace qeval {

static_assert(std::endian::native == std::endian::little, "qeval: the store's numbers are little-endian");

[[nodiscard]] inline std::string window_bytes(window_reading const& r) {
    std::string out;
    for (auto const* part : {&r.nll, &r.kl, &r.delta_p}) {
        if (!part->empty()) out.append(reinterpret_cast<char const*>(part->data()), part->size() * sizeof(double));
    }
    return out.append(r.same_top.begin(), r.same_top.end());
}
// `positions` is how many positions of the window are scored. Each has 8 bytes where nothing was compared, else 25; any
// other size is refused (file_error DB03).
[[nodiscard]] inline window_reading window_from_bytes(std::string_view bytes, std::size_t positions,
                                                      std::string const& place) {
    bool const compared = bytes.size() == positions * 25;
    if (!compared && bytes.size() != positions * 8) {
        throw file_error{
            {"DB03", place,
             std::to_string(bytes.size()) + " bytes for a window of " + std::to_string(positions) + " positions",
             "8 or 25 for each", "a damaged store"}};
    }
    window_reading r;
    std::size_t    at   = 0;
    auto const     take = [&](std::vector<double>& part) {
        part.resize(positions);
        if (positions > 0) std::memcpy(part.data(), bytes.data() + at, positions * sizeof(double));
        at += positions * sizeof(double);
    };
    take(r.nll);
    if (!compared) return r;
    take(r.kl);
    take(r.delta_p);
    auto const same = bytes.substr(at);
    r.same_top.assign(same.begin(), same.end());
    return r;
}

} // namespace qeval
