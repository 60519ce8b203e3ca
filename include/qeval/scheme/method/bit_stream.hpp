// Codes of a few bits in 32-bit words, low bits first: one behind the other, where a code may straddle two words, or as
// many as a word has room for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <qeval/core/view.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct bit_stream {
    int  bits      = 4;     // 1 to 16
    bool to_a_word = false; // 32 / bits codes a word, the rest of it unused

    [[nodiscard]] constexpr index words(index codes) const {
        return to_a_word ? (codes + 32 / bits - 1) / (32 / bits) : (codes * bits + 31) / 32;
    }
    // Code i of a stream that begins at word `first` and goes on every `stride` words.
    [[nodiscard]] int code(std::span<std::byte const> from, index first, index stride, index i) const {
        index const bit  = bit_of(i);
        int const   at   = static_cast<int>(bit % 32);
        auto        code = stored_number<std::uint32_t>(from, first + bit / 32 * stride) >> at;
        if (at + bits > 32) code |= stored_number<std::uint32_t>(from, first + (bit / 32 + 1) * stride) << (32 - at);
        return static_cast<int>(code & ((1u << bits) - 1));
    }
    // Codes [0, count) of `many` streams that begin at the words `first` and go on every `stride` words: code i of
    // stream s to to[s * count + places[i]]. A word is read once, and words that lie beside each other one after the
    // other.
    void unpack(std::span<std::byte const> from, index first, index many, index stride, index count,
                std::span<index const> places, std::uint8_t* to) const {
        auto const set = [&](index s, index i, std::uint32_t code) {
            to[s * count + places[static_cast<std::size_t>(i)]] = static_cast<std::uint8_t>(code);
        };
        if (32 % bits != 0) {
            for (index i = 0; i < count; ++i) {
                for (index s = 0; s < many; ++s)
                    set(s, i, static_cast<std::uint32_t>(code(from, first + s, stride, i)));
            }
            return;
        }
        index const         in_word = 32 / bits;
        std::uint32_t const mask    = (1u << bits) - 1;
        for (index i = 0; i < count; i += in_word) {
            index const end = std::min(count, i + in_word);
            for (index s = 0; s < many; ++s) {
                auto word = stored_number<std::uint32_t>(from, first + s + i / in_word * stride);
                for (index k = i; k < end; ++k, word >>= bits) set(s, k, word & mask);
            }
        }
    }
    // Adds it; the words start out as zero.
    void put(std::span<std::byte> to, index first, index stride, index i, int code) const {
        index const bit  = bit_of(i);
        int const   at   = static_cast<int>(bit % 32);
        auto const  word = static_cast<std::uint32_t>(code);
        add_bits(to, first + bit / 32 * stride, word << at);
        if (at + bits > 32) add_bits(to, first + (bit / 32 + 1) * stride, word >> (32 - at));
    }

private:
    [[nodiscard]] constexpr index bit_of(index i) const {
        return to_a_word ? i / (32 / bits) * 32 + i % (32 / bits) * bits : i * bits;
    }
    static void add_bits(std::span<std::byte> to, index word, std::uint32_t more) {
        store_number(to, word, stored_number<std::uint32_t>(to, word) | more);
    }
};

} // namespace qeval
