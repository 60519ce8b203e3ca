// Every seam of this build's instruction set gives what its portable definition gives, bit for bit.
// Also tests isa/portable.hpp, isa/avx2.hpp, isa/avx512.hpp, lanes.hpp, unroll.hpp.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/simd/unroll.hpp>

namespace {

using namespace qeval::cpu;
using lanes_of_ints   = std::array<std::int32_t, 16>;
using lanes_of_floats = std::array<float, 16>;

qeval::random_stream const draw(11);

std::int32_t any_word(std::uint64_t i) { return static_cast<std::int32_t>(draw.bits(i) & 0xffffffffu); }

lanes_of_ints words(std::uint64_t seed, std::int32_t mask = -1) {
    lanes_of_ints w{};
    for (std::uint64_t i = 0; i < 16; ++i) w[i] = any_word(16 * seed + i) & mask;
    return w;
}
i32x16 loaded(lanes_of_ints const& w) { return i32x16::load(w.data()); }

lanes_of_ints bits_of(i32x16 const& x) {
    lanes_of_ints w{};
    x.store(w.data());
    return w;
}
lanes_of_ints bits_of(f32x16 const& x) { return bits_of(as_bits(x)); }

// f(i): operands drawn from seed i
template <class F>
void for_seeds(F const& f) {
    for (std::uint64_t i = 0; i < 200; ++i) f(i);
}

// int8 of magnitude up to 127, four to a word; mostly the extremes, where sums of 16 bits would overflow first
std::int32_t activations(std::uint64_t i) {
    std::int8_t b[4];
    for (std::uint64_t k = 0; k < 4; ++k) {
        auto const x = static_cast<int>(draw.bits(4 * i + k) % 5);
        b[k]         = static_cast<std::int8_t>(x == 0   ? -127
                                                : x == 1 ? 127
                                                : x == 2 ? 0
                                                         : static_cast<int>(draw.bits(4 * i + k) >> 8 & 127) - 63);
    }
    std::int32_t w;
    std::memcpy(&w, b, 4);
    return w;
}

template <int Bits, int Words>
void check_byte_sum() {
    INFO("weights of " << Bits << " bits, " << Words << " words");
    for_seeds([](std::uint64_t seed) {
        // weights at their largest in half of the cases
        auto const weights = [&](int k) {
            lanes_of_ints w = words(seed * 8 + static_cast<std::uint64_t>(k),
                                    static_cast<std::int32_t>(((1u << Bits) - 1u) * 0x01010101u));
            if (seed % 2 == 0) w.fill(static_cast<std::int32_t>(((1u << Bits) - 1u) * 0x01010101u));
            return w;
        };
        std::int32_t const    start = any_word(seed) / 4;
        byte_sum<Bits, Words> sum;
        lanes_of_ints         expected{};
        expected.fill(start);
        sum.begin(start);
        each<Words>([&](auto k) {
            std::int32_t const  four = activations(seed * 8 + std::uint64_t(k));
            lanes_of_ints const w    = weights(k);
            sum.template add<k>(byte_sum<Bits, Words>::prepared(loaded(w)), four);
            for (std::size_t r = 0; r < 16; ++r) {
                for (int b = 0; b < 4; ++b) {
                    int const u8 = w[r] >> (8 * b) & 255,
                              s8 = static_cast<std::int32_t>(static_cast<std::uint32_t>(four) << (24 - 8 * b)) >> 24;
                    expected[r] += (u8 - byte_sum<Bits, Words>::offset) * s8;
                }
            }
        });
        REQUIRE(bits_of(sum.sum()) == expected);
        byte_sum<Bits, Words> in_parts;
        in_parts.begin(start);
        each<byte_sum<Bits, Words>::parts>([&](auto part) {
            each<Words>([&](auto k) {
                in_parts.template add_part<k, part>(byte_sum<Bits, Words>::prepared(loaded(weights(k))),
                                                    activations(seed * 8 + std::uint64_t(k)));
            });
        });
        REQUIRE(bits_of(in_parts.sum()) == expected);
    });
}

} // namespace

TEST_CASE("byte sums are exact for weights of every width, at the extremes, too, whole and a part after the other") {
    check_byte_sum<byte_sum_bits(2), 8>();
    check_byte_sum<byte_sum_bits(4), 8>();
    check_byte_sum<byte_sum_bits(5), 8>();
    check_byte_sum<byte_sum_bits(6), 4>();
    check_byte_sum<byte_sum_bits(6), 8>();
    check_byte_sum<byte_sum_bits(7), 8>();
    check_byte_sum<byte_sum_bits(8), 4>();
    check_byte_sum<byte_sum_bits(8), 8>();
}

TEST_CASE("asking for memory changes nothing, wherever it points") {
    i32x16     x      = loaded(words(7));
    auto const before = bits_of(x);
    isa::prefetch_after(x, &x);
    isa::prefetch_after(x, nullptr);
    CHECK(bits_of(x) == before);
}

TEST_CASE("dot4 and the products of pairs are their portable definitions") {
    for_seeds([](std::uint64_t seed) {
        i32x16 const acc = loaded(words(3 * seed)), w = loaded(words(3 * seed + 1));
        REQUIRE(bits_of(isa::dot4(acc, w, activations(seed))) ==
                bits_of(portable_operations::dot4(acc, w, activations(seed))));
        // bf16 of moderate size in both halves
        i32x16 const a = loaded(words(seed + 1000, 0x3fff3fff)), b = loaded(words(seed + 2000, 0x3fff3fff));
        REQUIRE(bits_of(multiply_add(a, b, f32x16::all(1.0f))) ==
                bits_of(portable_operations::dot2(a, b, f32x16::all(1.0f))));
    });
}

TEST_CASE("floats become bf16 as core/half.hpp says, NaN and infinity, too; subnormal ones become zero") {
    lanes_of_floats even{}, odd{};
    for_seeds([&](std::uint64_t seed) {
        for (std::size_t i = 0; i < 16; ++i) {
            std::int32_t const bits[2] = {any_word(32 * seed + i), any_word(32 * seed + 16 + i)};
            std::memcpy(&even[i], &bits[0], 4);
            std::memcpy(&odd[i], &bits[1], 4);
        }
        std::int32_t const special[] = {0x7fc00000,
                                        0x7fffffff,
                                        static_cast<std::int32_t>(0xffffffffu),
                                        0x7f800000,
                                        static_cast<std::int32_t>(0xff800001u),
                                        1};
        std::memcpy(even.data(), special, sizeof special);
        auto const pairs    = bits_of(bf16_pair(f32x16::load(even.data()), f32x16::load(odd.data())));
        auto const expected = [](float x) -> std::uint32_t {
            std::uint32_t const b = qeval::bf16::from(x).bits;
            return (b & 0x7f80u) == 0 ? b & 0x8000u : b;
        };
        for (std::size_t i = 0; i < 16; ++i) {
            REQUIRE((static_cast<std::uint32_t>(pairs[i]) & 0xffffu) == expected(even[i]));
            REQUIRE(static_cast<std::uint32_t>(pairs[i]) >> 16 == expected(odd[i]));
        }
    });
}

TEST_CASE("look-ups of bytes and floats are their portable definitions") {
    std::array<std::uint8_t, 16> bytes{};
    lanes_of_floats              floats{};
    for (std::size_t i = 0; i < 16; ++i)
        bytes[i] = static_cast<std::uint8_t>(17 * i + 3), floats[i] = static_cast<float>(i * i) - 40.5f;
    for_seeds([&](std::uint64_t seed) {
        i32x16 const four = loaded(words(seed, 0x0f0f0f0f)), one = loaded(words(seed, 15));
        REQUIRE(bits_of(lookup_bytes(bytes.data(), four)) ==
                bits_of(portable_operations::lookup_bytes(bytes.data(), four)));
        REQUIRE(bits_of(lookup_floats(floats.data(), one)) ==
                bits_of(portable_operations::lookup_floats(floats.data(), one)));
    });
}

TEST_CASE("half floats convert both ways as core/half.hpp says") {
    for (std::int32_t first = 0; first + 21 <= 0x7c00; first += 16) { // finite ones
        lanes_of_ints halves{};
        for (std::size_t i = 0; i < 16; ++i)
            halves[i] = (first + static_cast<std::int32_t>(i)) | (i % 2 == 0 ? 0x8000 : 0);
        REQUIRE(bits_of(from_halves(loaded(halves))) == bits_of(portable_operations::from_halves(loaded(halves))));

        std::array<qeval::f16, 21> in{};
        std::array<float, 21>      out{}, rounded{};
        for (std::size_t i = 0; i < in.size(); ++i)
            in[i] = {static_cast<std::uint16_t>(first + static_cast<std::int32_t>(i))};
        convert(in.data(), out.data(), 21);
        for (std::size_t i = 0; i < in.size(); ++i) {
            REQUIRE(std::memcmp(&out[i], std::array{in[i].to_float()}.data(), 4) == 0);
            rounded[i] = out[i] * 1.0003f;
        }
        auto const before = rounded;
        round_to(qeval::compute_type::f16, rounded.data(), 21);
        for (std::size_t i = 0; i < in.size(); ++i) REQUIRE(rounded[i] == qeval::f16::from(before[i]).to_float());
    }
}

TEST_CASE("activations become bytes as std::nearbyint has it, and their sums are exact") {
    for_seeds([](std::uint64_t seed) {
        alignas(64) float x[32];
        float             top = 0;
        for (std::uint64_t i = 0; i < 32; ++i) {
            x[i] = static_cast<float>(draw.uniform(32 * seed + i) - 0.5) * (i % 7 == 0 ? 100.0f : 1.0f);
            top  = std::fabs(x[i]) > top ? std::fabs(x[i]) : top;
        }
        REQUIRE(largest_magnitude(x) == top);
        std::int32_t w[8];
        round_to_bytes(x, 127.0f / top, w);
        int sums[2] = {};
        for (std::size_t i = 0; i < 32; ++i) {
            int const q = static_cast<std::int32_t>(static_cast<std::uint32_t>(w[i / 4]) << (24 - 8 * (i % 4))) >> 24;
            REQUIRE(q == static_cast<int>(std::nearbyint(x[i] * (127.0f / top))));
            sums[i / 16] += q;
        }
        REQUIRE(sum_of_bytes(w) == sums[0]);
        REQUIRE(sum_of_bytes(w + 4) == sums[1]);
    });
}

TEST_CASE("bytes and 16-bit words widen without sign") {
    std::array<std::uint8_t, 16>  bytes{};
    std::array<std::uint16_t, 16> shorts{};
    lanes_of_ints                 expected_bytes{}, expected_shorts{};
    for (std::size_t i = 0; i < 16; ++i) {
        expected_bytes[i] = bytes[i] = static_cast<std::uint8_t>(251 - 15 * i);
        expected_shorts[i] = shorts[i] = static_cast<std::uint16_t>(65535 - 4001 * i);
    }
    REQUIRE(bits_of(widen(bytes.data())) == expected_bytes);
    REQUIRE(bits_of(widen(shorts.data())) == expected_shorts);
}

TEST_CASE("a quad of any number of bytes is transposed, and nothing beyond it is read") {
    for (qeval::index bytes = 1; bytes <= 16; ++bytes) {
        std::vector<std::vector<std::uint8_t>> rows; // exactly as long as they may be read: sanitizers watch
        std::uint8_t const*                    at[16];
        for (std::size_t r = 0; r < 16; ++r) {
            rows.emplace_back(static_cast<std::size_t>(3 + bytes));
            for (std::size_t i = 0; i < rows[r].size(); ++i) rows[r][i] = static_cast<std::uint8_t>(16 * i + r);
            at[r] = rows[r].data();
        }
        alignas(64) std::int32_t out[64], expected[64];
        transpose_quad(at, 3, bytes, out);
        portable_operations::transpose_quad(at, 3, bytes, expected, {0, 16, 32, 48});
        REQUIRE(std::memcmp(out, expected, std::size_t((bytes + 3) / 4) * 64) == 0);
        transpose_quad(at, 3, bytes, out, {48, 0, 32, 16}); // words elsewhere
        for (qeval::index w = 0; w < (bytes + 3) / 4; ++w) {
            constexpr int place[] = {48, 0, 32, 16};
            REQUIRE(std::memcmp(out + place[w], expected + 16 * w, 64) == 0);
        }
    }
}

TEST_CASE("two bytes of sixteen rows stand side by side, wherever they lie") {
    std::vector<std::vector<std::uint8_t>> rows;
    std::uint8_t const*                    at[16];
    for (std::size_t r = 0; r < 16; ++r) {
        rows.push_back(
            {static_cast<std::uint8_t>(1), static_cast<std::uint8_t>(200 + r), static_cast<std::uint8_t>(7 * r)});
        at[r] = rows[r].data();
    }
    std::uint8_t out[32];
    gather_halves(at, 1, out);
    for (std::size_t r = 0; r < 16; ++r) REQUIRE((out[2 * r] == rows[r][1] && out[2 * r + 1] == rows[r][2]));
}

TEST_CASE("every byte of a lane comes out alone and without sign") {
    for_seeds([](std::uint64_t seed) {
        lanes_of_ints const w = words(seed);
        each<4>([&](auto slot) {
            lanes_of_ints expected{};
            for (std::size_t r = 0; r < 16; ++r) expected[r] = w[r] >> (8 * slot) & 255;
            REQUIRE(bits_of(byte_of(loaded(w), slot)) == expected);
        });
    });
}

TEST_CASE("a sum that is taken a part after the other is the whole sum") {
    alignas(64) float a[16], b[16], sum[16], stored[16] = {};
    for (int i = 0; i < 16; ++i)
        a[i] = 1.1f * static_cast<float>(i), b[i] = 0.3f - static_cast<float>(i),
        sum[i] = 1.0f / static_cast<float>(i + 1);
    f32x16 parts = f32x16::load(sum);
    each<f32x16::count>([&](auto part) {
        parts.v[part] = multiply_add(f32x16::load(a).v[part], f32x16::load(b).v[part], parts.v[part]);
        store_part<part>(parts, stored);
    });
    auto const whole = bits_of(multiply_add(f32x16::load(a), f32x16::load(b), f32x16::load(sum)));
    REQUIRE(bits_of(parts) == whole);
    REQUIRE(bits_of(f32x16::load(stored)) == whole);
}
