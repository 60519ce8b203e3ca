// How formats become bytes on the integer path, as the compiler proves it.
#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/kernel/integer_form.hpp>

namespace {

using qeval::integer_form_of;

TEST_CASE("sub-scales go into the byte where every product fits, and only there") {
    STATIC_REQUIRE(qeval::folds_sub_scales<qeval::q2_k>); // 3 * 15
    STATIC_REQUIRE(qeval::folds_sub_scales<qeval::q3_k>); // -4 * 31 .. -4 * -32: 253 values
    STATIC_REQUIRE(!qeval::folds_sub_scales<qeval::q4_k>);
    CHECK(integer_form_of<qeval::q2_k>.scale_groups == 1);
    CHECK(integer_form_of<qeval::q2_k>.offset_groups == 2);
    CHECK(integer_form_of<qeval::q2_k>.lowest == 0);
    CHECK(integer_form_of<qeval::q3_k>.lowest == -124);
    CHECK(integer_form_of<qeval::q3_k>.offset_groups == 0);
}

TEST_CASE("groups of 16 are two to 32 columns, zero points go into the byte where they fit") {
    CHECK(integer_form_of<qeval::q6_k>.scale_groups == 2);
    CHECK(integer_form_of<qeval::q6_k>.lowest == -32);
    CHECK(integer_form_of<qeval::q8_0>.lowest == -128);
    CHECK(integer_form_of<qeval::q8_0>.short_scales);
    CHECK(integer_form_of<qeval::int4>.lowest == -15); // 0 .. 15 less 0 .. 15
    CHECK(!integer_form_of<qeval::int4>.row_zeros);
    CHECK(!integer_form_of<qeval::int8_sym>.short_scales); // any f32
    CHECK(integer_form_of<qeval::nf4>.scale_groups == 0);  // levels are no integers
}

TEST_CASE("adding an integer to the bits of 3 * 2^22 gives the sum, and a short scale times it is exact") {
    qeval::random_stream const draw(4);
    for (std::uint64_t i = 0; i < 10000; ++i) {
        int const   n      = static_cast<int>(draw.bits(2 * i) % (1u << 23)) - (1 << 22);
        float const biased = qeval::bit_cast<float>(0x4b400000 + n);
        REQUIRE(biased == 12582912.0f + static_cast<float>(n));
        float const scale =
            static_cast<float>(static_cast<int>(draw.bits(2 * i + 1) % (1u << 22))) * 0x1p-30f; // 22 bits
        REQUIRE(static_cast<double>(-12582912.0f * scale) == -12582912.0 * static_cast<double>(scale));
        REQUIRE(static_cast<float>(static_cast<double>(biased) * scale - 12582912.0 * scale) ==
                static_cast<float>(n) * scale);
    }
}

} // namespace
