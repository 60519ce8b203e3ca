// xtensor arrays and expressions become packed matrices and come back.
#include <tests/support/catch.hpp>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/pack/xtensor.hpp>

namespace {

using namespace qeval;

TEST_CASE("a two-dimensional array comes back from f32 as it went in") {
    dense_matrix w({3, 5});
    for (std::size_t i = 0; i < 15; ++i) w.data()[i] = static_cast<float>(i) - 7.5f;
    bool const same = unpack(pack<dense_f32>(w)) == w; // Catch would make an expression of it
    CHECK(same);
}

TEST_CASE("expressions and other element types are evaluated first") {
    xt::xtensor<double, 2> const w({2, 32}, 0.25);
    auto const                   packed = pack<q8_0>(2.0 * w);
    CHECK(packed.rows() == 2);
    CHECK(packed.cols() == 32);
    CHECK(packed(1, 31) == Approx(0.5).epsilon(0.01));
}

TEST_CASE("a vector is a matrix of one row, and three dimensions are refused") {
    dense_vector const v({7}, 1.0f);
    CHECK(as_view(v).rows == 1);
    CHECK(as_view(v).cols == 7);
    xt::xtensor<float, 3> const cube({2, 2, 2}, 1.0f);
    CHECK_THROWS_WITH(pack<dense_f32>(cube), Catch::Contains("[PK02]") && Catch::Contains("found 3 dimensions"));
}

} // namespace
