// Gives the numbers of CPython's random.Random, with which lm-eval draws worked examples: the Mersenne Twister
// (Matsumoto & Nishimura 1998), seeded by init_by_array as random.seed(int) does; sample() is that of Lib/random.py
// since 3.2.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <vector>

namespace qeval {

class python_random {
public:
    explicit python_random(std::uint32_t seed) {
        state_[0] = 19650218;
        for (std::uint32_t i = 1; i < size; ++i) state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
        std::uint32_t i     = 1;
        auto const    mixed = [&](std::uint32_t factor) {
            return state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * factor);
        };
        auto const step = [&] {
            if (++i < size) return;
            state_[0] = state_[size - 1];
            i         = 1;
        };
        for (std::uint32_t k = 0; k < size; ++k, step()) state_[i] = mixed(1664525) + seed; // the key is one word
        for (std::uint32_t k = 1; k < size; ++k, step()) state_[i] = mixed(1566083941) - i;
        state_[0] = 0x80000000u;
    }

    // getrandbits(32)
    [[nodiscard]] std::uint32_t word() {
        if (next_ == size) twist();
        std::uint32_t y = state_[next_++];
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c5680u;
        y ^= y << 15 & 0xefc60000u;
        return y ^ y >> 18;
    }
    // A number in [0, n); 0 < n < 2^32. As Random._randbelow: bits are drawn again until they are below n.
    [[nodiscard]] std::uint32_t below(std::uint32_t n) {
        auto const    bits  = static_cast<int>(std::bit_width(n)); // some libraries return an unsigned type
        std::uint32_t value = n;
        while (value >= n) value = word() >> (32 - bits);
        return value;
    }
    // sample(range(n), k): k different numbers below n, in the order in which they were drawn.
    [[nodiscard]] std::vector<std::uint32_t> sample(std::uint32_t n, std::uint32_t k) {
        std::vector<std::uint32_t> drawn;
        std::uint64_t              pool_size = 21;
        if (k > 5) {
            std::uint64_t power = 1;
            while (power < std::uint64_t{3} * k) power *= 4;
            pool_size += power;
        }
        if (n <= pool_size) {
            std::vector<std::uint32_t> pool(n);
            std::iota(pool.begin(), pool.end(), 0u);
            for (std::uint32_t i = 0; i < k; ++i) {
                std::uint32_t const j = below(n - i);
                drawn.push_back(pool[j]);
                pool[j] = pool[n - i - 1];
            }
        } else {
            std::set<std::uint32_t> seen;
            while (drawn.size() < k) {
                if (std::uint32_t const j = below(n); seen.insert(j).second) drawn.push_back(j);
            }
        }
        return drawn;
    }

private:
    static constexpr std::uint32_t size = 624, offset = 397;

    void twist() {
        for (std::uint32_t i = 0; i < size; ++i) {
            std::uint32_t const y = (state_[i] & 0x80000000u) | (state_[(i + 1) % size] & 0x7fffffffu);
            state_[i]             = state_[(i + offset) % size] ^ y >> 1 ^ ((y & 1) != 0 ? 0x9908b0dfu : 0u);
        }
        next_ = 0;
    }

    std::array<std::uint32_t, size> state_{};
    std::uint32_t                   next_ = size;
};

} // namespace qeval
