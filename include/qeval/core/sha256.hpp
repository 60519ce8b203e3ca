// SHA-256 (FIPS 180-4): names files, data sets and requests in results, so that two runs can be told apart.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace qeval {

class sha256 {
public:
    void update(std::span<std::byte const> bytes) {
        length_ += bytes.size();
        while (!bytes.empty()) {
            std::size_t const n = std::min(bytes.size(), block_.size() - used_);
            std::copy_n(bytes.begin(), n, block_.begin() + static_cast<std::ptrdiff_t>(used_));
            used_ += n;
            bytes = bytes.subspan(n);
            if (used_ == block_.size()) compress();
        }
    }
    void update(std::string_view text) { update(std::as_bytes(std::span(text))); }

    // The digest of everything so far, 64 hexadecimal digits; more bytes may follow.
    [[nodiscard]] std::string hex() const {
        sha256              last = *this;
        std::uint64_t const bits = length_ * 8;
        last.update(std::array{std::byte{0x80}});
        while (last.used_ != 56) last.update(std::array{std::byte{0}});
        for (int shift = 56; shift >= 0; shift -= 8) last.update(std::array{std::byte(bits >> shift & 0xff)});
        constexpr std::string_view digits = "0123456789abcdef";
        std::string                out;
        for (std::uint32_t const word : last.state_)
            for (int shift = 28; shift >= 0; shift -= 4) out += digits[word >> shift & 15];
        return out;
    }

private:
    void compress() {
        std::array<std::uint32_t, 64> w; // message schedule
        for (std::size_t t = 0; t < 16; ++t) {
            auto const b = [&](std::size_t i) { return std::to_integer<std::uint32_t>(block_[4 * t + i]); };
            w[t]         = b(0) << 24 | b(1) << 16 | b(2) << 8 | b(3);
        }
        for (std::size_t t = 16; t < 64; ++t) {
            std::uint32_t const s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
            std::uint32_t const s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
            w[t]                   = w[t - 16] + s0 + w[t - 7] + s1;
        }
        auto [a, b, c, d, e, f, g, h] = state_;
        for (std::size_t t = 0; t < 64; ++t) {
            std::uint32_t const t1 =
                h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + round[t] + w[t];
            std::uint32_t const t2 =
                (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
        }
        std::array const next{a, b, c, d, e, f, g, h};
        for (std::size_t i = 0; i < 8; ++i) state_[i] += next[i];
        used_ = 0;
    }

    // Fractional parts of the cube roots of the first 64 primes.
    static constexpr std::array<std::uint32_t, 64> round{
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, 64>    block_{};
    std::size_t                  used_   = 0;
    std::uint64_t                length_ = 0; // bytes
};

[[nodiscard]] inline std::string sha256_hex(std::span<std::byte const> bytes) {
    sha256 h;
    h.update(bytes);
    return h.hex();
}
[[nodiscard]] inline std::string sha256_hex(std::string_view text) {
    return sha256_hex(std::as_bytes(std::span(text)));
}

} // namespace qeval
