// What is proved of parameters without a block holds for every block.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/format/parameter_bounds.hpp>

namespace {

static_assert(qeval::sub_scales_of<qeval::q2_k> == qeval::integer_range{0, 15});
static_assert(qeval::sub_scales_of<qeval::q3_k> == qeval::integer_range{-32, 31});
static_assert(qeval::scale_bits_of<qeval::q4_0> == 11);
static_assert(qeval::scale_bits_of<qeval::mxfp4> == 1);
static_assert(qeval::scale_bits_of<qeval::q4_k> == 11 + 6);
static_assert(qeval::scale_bits_of<qeval::q6_k> == 11 + 8);
static_assert(qeval::scale_bits_of<qeval::q8_k> == 24);

// Significant bits of a finite number.
int significant_bits(float x) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &x, 4);
    if ((bits & 0x7f800000u) == 0) return 24; // subnormal: the leading one is elsewhere
    std::uint32_t const fraction = (bits & 0x7fffffu) | 0x800000u;
    return 24 - std::countr_zero(fraction);
}

TEST_CASE("bounds of sub-scales and of significant bits hold for arbitrary blocks") {
    qeval::random_stream const draw(11);
    int                        checked = 0;
    qeval::for_each_format(qeval::catalog{}, [&](auto tag) {
        using F = typename decltype(tag)::type;
        if constexpr (qeval::has_group_scale<F, qeval::any_block>) {
            INFO(qeval::name_of<F>());
            int wrong = 0;
            for (std::uint64_t trial = 0; trial < 200; ++trial) {
                typename F::block_type block;
                for (std::size_t i = 0; i < sizeof block; ++i) {
                    reinterpret_cast<std::uint8_t*>(&block)[i] = static_cast<std::uint8_t>(draw.bits(trial * 1000 + i));
                }
                qeval::one_block const b(block);
                for (int g = 0; g < F::groups; ++g) {
                    float const scale = qeval::scale_of<F>(b, g);
                    if (scale - scale == 0 && scale != 0 && std::fabs(scale) > 1e-30f)
                        wrong += significant_bits(scale) > qeval::scale_bits_of<F>;
                    if constexpr (qeval::has_sub_scales<F, qeval::any_block>) {
                        int const s = F::sub_scale(b, g);
                        wrong += s < qeval::sub_scales_of<F>.first || s > qeval::sub_scales_of<F>.last;
                    }
                }
            }
            CHECK(wrong == 0);
            ++checked;
        }
    });
    CHECK(checked >= 12);
}

} // namespace
