// How GPTQ's layouts have codes and zero points in words of 32 bits: gptqmodel 7.7.0, qlinear/torch.py,
// planar_packing.py and convert_gptq_v1_to_v2_format.
//   "gptq_v2"   one code behind the other, low bits first; zero points likewise
//   "gptq"      the same, zero points minus one
//   "gptq_p"    words of 32 codes by planes: of 3 bits two words with the low two bits of each, and one with the high
//               ones; of 5, 6 and 7 four words with the low four bits before those of the next two and one
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <qeval/core/view.hpp>
#include <qeval/scheme/method/bit_stream.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct gptq_words {
    int  bits   = 4;
    bool v2     = false; // zero points as they are
    bool planar = false; // which v2 is, too

    // Code i of those that begin at word `first` and go on every `stride` words.
    [[nodiscard]] int code(std::span<std::byte const> from, index first, index stride, index i) const {
        if (!planar) return bit_stream{bits}.code(from, first, stride, i);
        int found = 0, below = 0;
        for (int const width : {8, 4, 2, 1}) {
            if (bits - below < width) continue;
            index const word  = first + (i / 32 * bits + below + i % 32 * width / 32) * stride;
            auto const  plane = stored_number<std::uint32_t>(from, word) >> (i % 32 * width % 32) & ((1u << width) - 1);
            found |= static_cast<int>(plane) << below;
            below += width;
            if (below == bits) break;
        }
        return found;
    }
    // As bit_stream::unpack.
    void unpack(std::span<std::byte const> from, index first, index many, index stride, index count,
                std::span<index const> places, std::uint8_t* to) const {
        if (!planar) return bit_stream{bits}.unpack(from, first, many, stride, count, places, to);
        for (index i = 0; i < count; ++i) {
            for (index s = 0; s < many; ++s) {
                to[s * count + places[static_cast<std::size_t>(i)]] =
                    static_cast<std::uint8_t>(code(from, first + s, stride, i));
            }
        }
    }
    // Zero point r of those that begin at word `first`.
    [[nodiscard]] int zero(std::span<std::byte const> from, index first, index r) const {
        return v2 || planar ? code(from, first, 1, r) : one_more(from, first, r);
    }
    // Lays zero(r) of `rows` outputs, whole words of them and not planar, into words that are zero.
    template <class Zero>
    void lay_zeros(std::span<std::byte> to, index first, index rows, Zero const& zero) const {
        bool const one_by_one = !v2 && bits == 3;
        for (index r = 0; r < rows; ++r)
            bit_stream{bits}.put(to, first, 1, r, one_by_one ? (zero(r) + 7) & 7 : zero(r));
        if (v2 || one_by_one) return;
        for (index w = first; w < first + rows * bits / 32; ++w)
            store_number(to, w, stored_number<std::uint32_t>(to, w) - ones());
    }

private:
    // One in every zero point of a word.
    [[nodiscard]] constexpr std::uint32_t ones() const {
        return bits == 2 ? 0x55555555 : bits == 4 ? 0x11111111 : 0x01010101;
    }
    // "gptq" was made by taking one from every zero point of a 32-bit word at once, where a zero point of 0 borrows
    // from its neighbour; so one is given back to all of a word, too. Those of 3 bits were taken one by one.
    [[nodiscard]] int one_more(std::span<std::byte const> from, index first, index r) const {
        if (bits == 3) return (bit_stream{3}.code(from, first, 1, r) + 1) & 7;
        auto const word = stored_number<std::uint32_t>(from, first + r * bits / 32) + ones();
        return static_cast<int>(word >> r * bits % 32 & ((1u << bits) - 1));
    }
};

} // namespace qeval
