// Counter-based random numbers: the value depends on the key and the counter only, so that sampled runs
// resume, shard and batch without changing a draw.
#pragma once

#include <cstdint>

#include <qeval/core/macros.hpp>

namespace qeval {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection with full avalanche.
QEVAL_HD constexpr std::uint64_t mix64(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

// A stream is named by what it belongs to: (seed, document, sample). Draw number `position` is a pure function.
class random_stream {
public:
    constexpr random_stream(std::uint64_t seed, std::uint64_t document = 0, std::uint64_t sample = 0)
        : key_(mix64(mix64(mix64(seed) ^ document) ^ sample)) {}

    [[nodiscard]] constexpr std::uint64_t bits(std::uint64_t position) const { return mix64(key_ ^ mix64(position)); }

    // Uniform in [0, 1): 53 bits.
    [[nodiscard]] constexpr double uniform(std::uint64_t position) const {
        return static_cast<double>(bits(position) >> 11) * 0x1p-53;
    }
    // Uniform in [0, n) without modulo bias worth speaking of (error < n / 2^64).
    [[nodiscard]] constexpr std::uint64_t below(std::uint64_t n, std::uint64_t position) const {
        return static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits(position)) * n) >> 64);
    }

private:
    std::uint64_t key_;
};

} // namespace qeval
