// The order in which kernels take a block apart. Four neighbouring weights are a quad; quads whose codes share stored
// dwords follow one another, so that every dword is consumed once, in one go, and the kernel layout can keep them in
// that order.
//
//   nibbles j, j + 32 of one byte, bits 4-5 in another plane: quads 0, 8, 16, 24, then 1, 9, 17, 25, ...
#pragma once

#include <algorithm>
#include <array>
#include <numeric>

#include <qeval/core/view.hpp>

namespace qeval {

// N weights whose codes lie together.
template <class Packing, int N>
struct quad_walk {
    // Weights after which all fields begin a new byte run: what lies in one such tile is walked together.
    static constexpr int tile = [] {
        int t = 1;
        Packing::for_each_field(N, [&](auto field, index) { t = std::lcm(t, decltype(field)::tile); });
        int const whole = std::lcm(t, N < 32 ? N : 32);
        return N % whole == 0 ? whole : N;
    }();
    // Inside a tile, quads at this distance may share dwords.
    static constexpr int step = [] {
        int s = tile;
        Packing::for_each_field(
            N, [&](auto field, index) { s = decltype(field)::run == 1 ? s : std::gcd(s, decltype(field)::run); });
        return std::max(4, s);
    }();
    static constexpr int tiles = N / tile, quads = tile / 4, dwords = static_cast<int>(Packing::bytes(N) / 4);

    // The quad of a tile that is walked at time i.
    static constexpr int at(int i) {
        constexpr int parts = tile / step;
        return i % parts * (step / 4) + i / parts;
    }
    static constexpr int quad(int i) { return i / quads * quads + at(i % quads); } // of the block
    // How many quads of its own `together` neighbours were walked before the one at time i.
    static constexpr int turn(int i, int together) {
        int earlier = 0;
        for (int j = 0; j < i; ++j) earlier += at(j) / together == at(i) / together ? 1 : 0;
        return earlier;
    }
    // When dword d of the codes is consumed first: its place in the kernel layout.
    static constexpr std::array<int, std::size_t(dwords)> place = [] {
        std::array<int, std::size_t(dwords)> when{};
        when.fill(-1);
        int time = 0;
        for (int i = 0; i < N / 4; ++i) {
            int const q = quad(i);
            Packing::for_each_field(N, [&](auto field, index offset) {
                auto const first = offset + decltype(field)::byte_of(4 * q),
                           last  = offset + decltype(field)::byte_of(4 * q + 3);
                for (index d = first / 4; d <= last / 4; ++d) {
                    if (when[std::size_t(d)] < 0) when[std::size_t(d)] = time++;
                }
            });
        }
        return when;
    }();
    // Whether the walk is `parts` times the same: its dwords lie in each part as in the first one, part after part. A
    // kernel need then be compiled for one of them only.
    static constexpr bool repeats(int parts) {
        int const length = N / 4 / parts;
        for (int i = length; i < N / 4; ++i) {
            index const q = quad(i), first = quad(i % length);
            bool        same = true;
            Packing::for_each_field(N, [&](auto field, index offset) {
                auto const at = [&](index k) { return place[std::size_t((offset + decltype(field)::byte_of(k)) / 4)]; };
                same          = same && at(4 * q) == at(4 * first) + i / length * (dwords / parts);
            });
            if (!same) return false;
        }
        return true;
    }
};

} // namespace qeval
