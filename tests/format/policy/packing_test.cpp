// Packings: one expression for every lane type, put() and code() are inverse, sizes as the origins have them.
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/format/catalog/q3_k.hpp>
#include <qeval/format/catalog/q5_0.hpp>
#include <qeval/format/catalog/q6_k.hpp>
#include <qeval/format/policy/packing.hpp>

namespace {

using namespace qeval::packing;
using qeval::index;

template <class Field>
void check_lanes() {
    qeval::random_stream const draw(3);
    for (std::uint64_t n = 0; n < 64; ++n) {
        std::array<std::uint8_t, 4> const bytes = [&] {
            std::array<std::uint8_t, 4> b{};
            for (std::size_t i = 0; i < 4; ++i) b[i] = static_cast<std::uint8_t>(draw.bits(4 * n + i));
            return b;
        }();
        std::uint32_t word = 0;
        std::memcpy(&word, bytes.data(), 4);
        for (int slot = 0; slot < Field::per_byte; ++slot) {
            std::uint32_t const         four = Field::extract(word, slot);
            std::array<std::uint8_t, 4> lanes{};
            std::memcpy(lanes.data(), &four, 4);
            for (std::size_t i = 0; i < 4; ++i) {
                int const one = Field::extract(int{bytes[i]}, slot);
                CHECK(one == int{Field::extract(bytes[i], slot)});
                CHECK(one == int{lanes[i]});
                CHECK(one < 1 << Field::bits);
            }
        }
    }
}

TEST_CASE("a packing field reads the same from an int, a byte and four bytes in a word") {
    check_lanes<field<1, 1>>();
    check_lanes<field<1, 32, 2>>();
    check_lanes<field<2, 32>>();
    check_lanes<field<4, 16>>();
    check_lanes<field<4, 1, 0, true>>();
    check_lanes<field<8, 1>>();
}

template <class Packing>
void check_round_trip(index n) {
    qeval::random_stream const draw(5);
    std::vector<std::uint8_t>  bytes(static_cast<std::size_t>(Packing::bytes(n)));
    auto const                 code = [&](index i) {
        return static_cast<unsigned>(draw.bits(static_cast<std::uint64_t>(i))) & ((1u << Packing::bits) - 1u);
    };
    for (index i = 0; i < n; ++i) Packing::put(bytes.data(), i, n, code(i));
    for (index i = 0; i < n; ++i) CHECK(Packing::code(bytes.data(), i, n) == code(i));
}

TEST_CASE("every code that is put is read back, and neighbours are left alone") {
    check_round_trip<split_nibbles::for_block<64>>(64);
    check_round_trip<nibbles>(1001); // an odd number leaves half a byte
    check_round_trip<nibbles_high_first>(1001);
    check_round_trip<bytes>(77);
    check_round_trip<qeval::high_bit_then_nibbles>(32);
    check_round_trip<qeval::q3_k::packing_type>(256);
    check_round_trip<qeval::q6_k::packing_type>(256);
    check_round_trip<neighbours<2>>(1001);
    check_round_trip<neighbours<3>>(1001);
    check_round_trip<neighbours<5>>(1001);
    check_round_trip<neighbours<6>>(1001);
}

TEST_CASE("five trits make a byte, and every byte gives its own back") {
    for (int n = 0; n < 243; ++n) {
        std::uint8_t byte = 0;
        for (int k = 0, rest = n; k < 5; ++k, rest /= 3) trits::put(&byte, k, 5, unsigned(rest % 3));
        CHECK(int{byte} == n); // the number that the digits make
        for (int k = 0, rest = n; k < 5; ++k, rest /= 3) {
            CHECK(int(trits::code(&byte, k, 5)) == rest % 3);
            CHECK(int{trits::extract(byte, k)} == rest % 3);
        }
    }
    CHECK((trits::bytes(5) == 1 && trits::bytes(6) == 2 && trits::bytes(1000) == 200));
}

TEST_CASE("weights lie in the bytes their diagrams name") {
    auto const only = [](auto packing, index n, index i, unsigned code) {
        std::array<std::uint8_t, 192> b{};
        packing.put(b.data(), i, n, code);
        for (std::size_t k = 0; k < b.size(); ++k) {
            if (b[k] != 0) return static_cast<int>(k) * 256 + b[k];
        }
        return -1;
    };
    CHECK(only(split_nibbles::for_block<32>{}, 32, 3, 0xau) ==
          3 * 256 + 0x0a); // byte j = weight j | weight j + 16 << 4
    CHECK(only(split_nibbles::for_block<32>{}, 32, 19, 0xau) == 3 * 256 + 0xa0);
    CHECK(only(nibbles{}, 32, 7, 0xau) == 3 * 256 + 0xa0);                  // first of a pair low
    CHECK(only(nibbles_high_first{}, 32, 7, 0xau) == 3 * 256 + 0x0a);       // first of a pair high
    CHECK(only(qeval::high_bit_then_nibbles{}, 32, 9, 16u) == 1 * 256 + 2); // Q5_0: bit 9 of the 32 high bits
    CHECK(only(qeval::high_bit_then_nibbles{}, 32, 17, 15u) ==
          5 * 256 + 0xf0); // Q5_0: nibbles after 4 bytes of high bits
    CHECK(only(qeval::q6_k::packing_type{}, 256, 200, 15u) ==
          (64 + 8) * 256 + 0xf0); // Q6_K: weight 128 + 72 = 64 + 8 up
    CHECK(only(qeval::q6_k::packing_type{}, 256, 200, 48u) == (128 + 32 + 8) * 256 + 0x30);
    CHECK(only(neighbours<3>{}, 64, 10, 4u) == 1 * 256 + 4);        // 64 high bits, then 4 codes a byte
    CHECK(only(neighbours<3>{}, 64, 10, 3u) == (8 + 2) * 256 + 48); // low bits 4 .. 5 of byte 2
    CHECK(only(neighbours<5>{}, 64, 11, 15u) == (8 + 5) * 256 + 0xf0);
    CHECK(only(neighbours<6>{}, 64, 11, 48u) == 2 * 256 + 0xc0);
}

static_assert(nibbles::bytes(7) == 4 && bytes::bytes(7) == 7 && split_nibbles::for_block<64>::bytes(64) == 32);
static_assert(neighbours<3>::unit == 8 && neighbours<6>::unit == 4 && neighbours<4>::unit == 2 && trits::unit == 5);
static_assert(!field<3, 1>::whole && field<2, 1>::whole && qeval::packing_policy<split_nibbles>);

} // namespace
