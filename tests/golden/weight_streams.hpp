// The C++ twin of weight_streams.py: named weight streams, exact in float32, bit for bit alike in both languages.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/random.hpp>

namespace qeval_test {

constexpr std::uint64_t fnv1a(std::string_view text) {
    std::uint64_t h = 0xcbf29ce484222325u;
    for (char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return h;
}

// Four 16-bit uniforms summed and centred: an integer in [-131070, 131070], nearly Gaussian, sigma 37837.
constexpr std::int64_t centred_sum(std::uint64_t u) {
    auto const part = [u](int k) { return static_cast<std::int64_t>((u >> k) & 0xffffu); };
    return part(0) + part(16) + part(32) + part(48) - 131070;
}

// Each kind is described in weight_streams.py.
class weight_stream {
public:
    explicit weight_stream(std::string_view kind)
        : kind_(kind), draw_(fnv1a("weights." + kind_)), run_(fnv1a("weights." + kind_ + ".run")) {}

    [[nodiscard]] float operator()(std::int64_t at) const {
        auto const   i        = static_cast<std::uint64_t>(at);
        auto const   low      = static_cast<std::int64_t>(draw_.bits(2 * i + 1) & 0xffffu);
        std::int64_t n        = centred_sum(draw_.bits(2 * i));
        int          exponent = -21;
        if (kind_ == "heavy") {
            exponent += std::min(std::countr_zero(static_cast<std::uint64_t>(low | 64)), 6);
        } else if (kind_ == "sparse") {
            n = (low & 15) == 0 ? n : 0;
        } else if (kind_ == "constant") {
            n = centred_sum(run_.bits(i / 32));
        } else if (kind_ == "zeros") {
            n = 0;
        } else if (kind_ == "zero_runs") {
            n = (run_.bits(i / 16) & 3) == 0 ? 0 : n;
        } else if (kind_ == "uneven") {
            exponent -= static_cast<int>(run_.bits(i / 16) & 15);
        } else if (kind_ == "negative") {
            n = -std::abs(n) - 2048;
        } else if (kind_ == "positive") {
            n = std::abs(n) + 2048;
        } else if (kind_ == "ties") {
            n = (std::abs(centred_sum(run_.bits(i / 32))) / 8 + 1) * (low % 7 - 3);
        } else if (kind_ == "coarse") {
            n >>= 8; // floor, as numpy's //
            exponent = -13;
        } else if (kind_ == "subnormal") {
            exponent -= 14;
        } else if (kind_ == "vanishing") {
            exponent -= 38 + static_cast<int>(run_.bits(i / 256) & 15);
        } else if (kind_ == "large") {
            exponent += 19;
        } else if (kind_ == "overflow") {
            exponent += 30;
        } else if (kind_ == "denormal") {
            exponent -= 128;
        } else if (kind_ == "extremes") {
            exponent += 19 - static_cast<int>(low & 63);
        } else if (kind_ == "importance") {
            n = (low & 15) == 15 ? 0 : std::abs(n) + 2048;
            exponent += 2 * std::min(std::countr_zero(static_cast<std::uint64_t>(low | 64)), 6);
        } else if (kind_ != "gaussian") {
            throw std::invalid_argument("no weight stream is called " + kind_);
        }
        return static_cast<float>(std::ldexp(static_cast<double>(n), exponent));
    }

    [[nodiscard]] std::vector<float> take(std::int64_t count) const {
        std::vector<float> w(static_cast<std::size_t>(count));
        for (std::int64_t i = 0; i < count; ++i) w[static_cast<std::size_t>(i)] = (*this)(i);
        return w;
    }

private:
    std::string          kind_;
    qeval::random_stream draw_, run_;
};

// Random bytes as blocks: f16 fields lose exponent bit 14 (so |d| < 2), e8m0 fields lose bit 6.
inline std::vector<std::uint8_t> block_bytes(std::string_view name, std::int64_t blocks, std::int64_t size,
                                             std::vector<int> const& f16_at, std::vector<int> const& e8m0_at = {}) {
    qeval::random_stream const draw(fnv1a("bytes." + std::string(name)));
    std::vector<std::uint8_t>  out(static_cast<std::size_t>(blocks * size));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(draw.bits(i / 8) >> (8 * (i % 8)));
    for (std::size_t b = 0; b < out.size(); b += static_cast<std::size_t>(size)) {
        for (int at : f16_at) out[b + static_cast<std::size_t>(at) + 1] &= 0xbf;
        for (int at : e8m0_at) out[b + static_cast<std::size_t>(at)] &= 0xbf;
    }
    return out;
}

} // namespace qeval_test
