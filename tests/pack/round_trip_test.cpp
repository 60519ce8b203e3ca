#include <cmath>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/pack/round_trip.hpp>

TEST_CASE("the error of a round trip is relative to the weights' root mean square") {
    std::vector<float> const w{3, -4, 0, 0}, d{3, -4, 0, 1}; // rms 2.5
    auto const               e = qeval::compare_round_trip(w, d);
    CHECK(e.rmse == Approx(1 / 5.0));
    CHECK(e.max == Approx(1 / 2.5));
    CHECK(e.cosine == Approx(25 / (5 * std::sqrt(26.0))));
}

TEST_CASE("weights that come back as they were, or are all zero, have no error") {
    std::vector<float> const w{1, 2, -3}, none(3);
    for (auto const* v : {&w, &none}) {
        auto const e = qeval::compare_round_trip(*v, *v);
        CHECK(e.rmse == 0);
        CHECK(e.max == 0);
        CHECK(e.cosine == Approx(1));
    }
}

TEST_CASE("weights that are lost altogether have a cosine of 0") {
    std::vector<float> const w{1, 2}, d{0, 0};
    CHECK(qeval::compare_round_trip(w, d).cosine == 0);
    CHECK(qeval::compare_round_trip(w, d).rmse == Approx(1));
}
