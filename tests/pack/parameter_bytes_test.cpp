#include <qeval/format/catalog.hpp>
#include <qeval/pack/parameter_bytes.hpp>

#include "tests/support/catch.hpp"

namespace qeval {

TEST_CASE("what of a matrix are scales, zeros and offsets") {
    STATIC_REQUIRE(parameter_bytes<dense_f16>(4, 64) == 0);
    STATIC_REQUIRE(parameter_bytes<q4_0>(4, 64) == 4 * 2 * 2);
    STATIC_REQUIRE(parameter_bytes<q4_0>(4, 65) == 4 * 3 * 2); // of padded blocks, too
    STATIC_REQUIRE(parameter_bytes<q4_1>(1, 32) == 4);
    STATIC_REQUIRE(parameter_bytes<q4_k>(1, 256) == 144 - 128);
    STATIC_REQUIRE(parameter_bytes<q6_k>(2, 256) == 2 * (210 - 192));
    STATIC_REQUIRE(parameter_bytes<mxfp4>(1, 32) == 1);
    STATIC_REQUIRE(parameter_bytes<tq1_0>(1, 256) == 2);
    CHECK(parameter_bytes<nf4>(4, 64) == packed_bytes<nf4>(4, 64) - 4 * 32);
    STATIC_REQUIRE_FALSE(parameter_bytes<iq2_xxs>(1, 256).has_value()); // scales stand among the points
    STATIC_REQUIRE_FALSE(parameter_bytes<iq3_s>(1, 256).has_value());
}

} // namespace qeval
