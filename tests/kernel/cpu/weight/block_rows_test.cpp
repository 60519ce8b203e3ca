// Sixteen blocks side by side give the codes and parameters of each block by itself.
// Also tests block_groups.hpp, interleave.hpp.
#include <cstdint>
#include <cstring>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/kernel/cpu/weight/block_groups.hpp>
#include <qeval/kernel/cpu/weight/block_rows.hpp>

namespace {

using qeval::index;
namespace cpu = qeval::cpu;

// Rows of three blocks of arbitrary bytes: every code, and scales that are infinite, NaN or subnormal.
template <class F>
std::vector<typename F::block_type> arbitrary_blocks(index rows) {
    qeval::random_stream const          draw(3);
    std::vector<typename F::block_type> blocks(static_cast<std::size_t>(3 * rows));
    auto* const                         bytes = reinterpret_cast<std::uint8_t*>(blocks.data());
    for (std::size_t i = 0; i < blocks.size() * sizeof(blocks[0]); ++i)
        bytes[i] = static_cast<std::uint8_t>(draw.bits(i));
    return blocks;
}

bool same_number(float a, float b) { return (a != a && b != b) || std::memcmp(&a, &b, 4) == 0; }

template <class F>
void check_blocks(index rows) {
    auto const                 blocks = arbitrary_blocks<F>(rows);
    cpu::filed_groups<F> const where({blocks.data(), rows, 3 * F::block_size}, 0);
    using codes = cpu::code_lanes<typename F::packing_type, F::block_size>;
    for (index b = 0; b < 3; ++b) {
        cpu::block_rows<F> const lanes(where.block(b));
        int                      seen = 0, wrong = 0;
        codes::for_each_quad(typename codes::walked_words{lanes.codes()}, [&](int q, cpu::i32x16 const& four) {
            wrong += q != seen++;
            alignas(64) std::int32_t word[16];
            four.store(word);
            for (index r = 0; r < rows; ++r) {
                for (int k = 0; k < 4; ++k) {
                    wrong += unsigned(word[r] >> 8 * k & 255) != F::code(blocks[std::size_t(3 * r + b)], 4 * q + k);
                }
            }
        });
        CHECK(seen == F::block_size / 4);
        CHECK(wrong == 0);
        for (int g = 0; g < F::block_size / qeval::group_size_of<F>; ++g) {
            alignas(64) float scale[16], offset[16];
            qeval::scale_of<F>(lanes, g).store(scale);
            cpu::f32x16::all(-0.0f).store(offset);
            if constexpr (requires { F::group_offset(lanes, g); }) F::group_offset(lanes, g).store(offset);
            for (index r = 0; r < rows; ++r) {
                qeval::affine const a = F::group(blocks[std::size_t(3 * r + b)], g);
                wrong += !same_number(a.scale, scale[r]) + !same_number(a.offset, offset[r]);
            }
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("lanes of sixteen blocks have the codes, scales and offsets of each block") {
    int checked = 0;
    qeval::for_each_format(qeval::catalog{}, [&](auto tag) {
        using F = typename decltype(tag)::type;
        if constexpr (cpu::has_block_rows<F>) {
            INFO(qeval::name_of<F>());
            for (index rows : {16, 5, 1}) check_blocks<F>(rows); // rows that are missing repeat the last one
            ++checked;
        }
    });
    CHECK(checked >= 12);
}

// Two codes a byte in either order, four a byte, and a field of high bits, where no run of four bytes exists.
template <class Packing, int N>
void check_packing() {
    using codes = cpu::code_lanes<Packing, N>;
    STATIC_REQUIRE(codes::possible);
    qeval::random_stream const draw(5);
    constexpr index            bytes = Packing::bytes(N);
    std::vector<std::uint8_t>  rows(static_cast<std::size_t>(16 * bytes));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::uint8_t>(draw.bits(i));
    alignas(64) std::int32_t words[4 * bytes];
    cpu::interleave_words(cpu::rows16::of(rows.data(), bytes, 16), 0, bytes, words);
    int                         wrong = 0;
    typename codes::field_words fields{};
    std::size_t                 f = 0;
    Packing::for_each_field(N, [&](auto, index offset) { fields.begin[f++] = words + 4 * offset; });
    codes::for_each_quad(fields, [&](int q, cpu::i32x16 const& four) {
        alignas(64) std::int32_t word[16];
        four.store(word);
        for (int r = 0; r < 16; ++r) {
            for (int k = 0; k < 4; ++k)
                wrong += unsigned(word[r] >> 8 * k & 255) != Packing::code(rows.data() + r * bytes, 4 * q + k, N);
        }
    });
    CHECK(wrong == 0);
}

TEST_CASE("packings with neighbours in one byte come apart in lanes") {
    using namespace qeval::packing;
    check_packing<nibbles, 32>();
    check_packing<nibbles_high_first, 64>();
    check_packing<qeval::packing::bytes, 16>();
    check_packing<planes<field<2, 1>>, 32>();
    check_packing<planes<field<2, 1, 0, true>>, 32>();
    check_packing<planes<field<1, 1>>, 32>();
    check_packing<planes<field<1, 1, 0, true>>, 64>();
    check_packing<planes<field<1, 1, 2>, field<2, 8>>, 64>();
    check_packing<planes<field<4, 16>, field<2, 1, 4>>, 64>();
}

TEST_CASE("interleaving reads no byte beyond the rows, and fills the last word with zeros") {
    std::vector<std::uint8_t> bytes(16 * 23); // as large as what is read: a sanitizer sees a byte too many
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + 1);
    auto const                rows = cpu::rows16::of(bytes.data(), 23, 16);
    std::vector<std::int32_t> words(6 * 16);
    cpu::interleave_words(rows, 0, 23, words.data());
    std::vector<std::uint8_t> segment(16 * 23);
    cpu::interleave_segment(rows, 0, 23, segment.data());
    int wrong = 0;
    for (std::size_t r = 0; r < 16; ++r) {
        for (std::size_t b = 0; b < 24; ++b) {
            int const stored = b < 23 ? int{bytes[23 * r + b]} : 0;
            wrong += (words[b / 4 * 16 + r] >> 8 * (b % 4) & 255) != stored;
            std::size_t const at = b < 20 ? b / 4 * 64 + 4 * r + b % 4 : b < 22 ? 320 + 2 * r + b % 2 : 352 + r;
            if (b < 23) wrong += int{segment[at]} != stored;
        }
    }
    CHECK(wrong == 0);
}

} // namespace
