#include <cmath>
#include <cstdint>
#include <set>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>

TEST_CASE("counting in steps of the golden ratio gives the published SplitMix64 sequences") {
    // Output n of the reference generator with this seed is mix64(seed + n * golden).
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;
    // Seed 1234567: the vectors that the prng comparison pages of Rosetta Code and rand_xoshiro list.
    constexpr std::uint64_t published[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                           4593380528125082431u, 16408922859458223821u};
    for (std::uint64_t n = 0; n < 5; ++n) CHECK(qeval::mix64(1234567u + n * golden) == published[n]);
    // Seed 0, from the tests of java.util.SplittableRandom's mixing function.
    CHECK(qeval::mix64(0) == 0xe220a8397b1dcdafu);
    CHECK(qeval::mix64(golden) == 0x6e789e6aa1b965f4u);
    CHECK(qeval::mix64(2 * golden) == 0x06c45d188009454fu);
}

TEST_CASE("a draw is a pure function of seed, document, sample and position") {
    constexpr qeval::random_stream a(1, 2, 3);
    static_assert(a.bits(7) == qeval::random_stream(1, 2, 3).bits(7));
    std::uint64_t const forward = a.bits(0) ^ a.bits(1);
    CHECK((a.bits(1) ^ a.bits(0)) == forward);
}

TEST_CASE("streams with different names share no draw") {
    std::set<std::uint64_t> seen;
    for (std::uint64_t seed = 0; seed < 8; ++seed)
        for (std::uint64_t document = 0; document < 8; ++document)
            for (std::uint64_t sample = 0; sample < 8; ++sample)
                for (std::uint64_t position = 0; position < 8; ++position)
                    seen.insert(qeval::random_stream(seed, document, sample).bits(position));
    CHECK(seen.size() == 8 * 8 * 8 * 8);
}

TEST_CASE("uniform draws fill [0, 1) evenly") {
    qeval::random_stream const r(42);
    constexpr int              n   = 100000;
    double                     sum = 0, squares = 0;
    int                        cells[16] = {};
    for (std::uint64_t i = 0; i < n; ++i) {
        double const u = r.uniform(i);
        REQUIRE(u >= 0);
        REQUIRE(u < 1);
        sum += u;
        squares += u * u;
        ++cells[int(u * 16)];
    }
    CHECK(std::abs(sum / n - 0.5) < 0.004); // 4 standard errors
    CHECK(std::abs(squares / n - 1.0 / 3) < 0.004);
    for (int c : cells) CHECK(std::abs(c - n / 16) < 5 * std::sqrt(n / 16.0));
}

TEST_CASE("a draw below n is below n and reaches every value") {
    qeval::random_stream const r(7);
    for (std::uint64_t n : {1u, 2u, 3u, 10u}) {
        std::set<std::uint64_t> seen;
        for (std::uint64_t i = 0; i < 1000; ++i) seen.insert(r.below(n, i));
        CHECK(seen.size() == n);
        CHECK(*seen.rbegin() == n - 1);
    }
    for (std::uint64_t i = 0; i < 100; ++i) CHECK(r.below(~std::uint64_t(0), i) < ~std::uint64_t(0));
}
