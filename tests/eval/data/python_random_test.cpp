// What CPython 3.11's random.Random gives.
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/eval/data/python_random.hpp>

using numbers = std::vector<std::uint32_t>;

TEST_CASE("getrandbits(32) after random.seed(), past the first 624 words too") {
    CHECK(qeval::python_random(0).word() == 3626764237u);
    qeval::python_random r(42);
    CHECK(r.word() == 2746317213u);
    CHECK(r.word() == 478163327u);
    CHECK(r.word() == 107420369u);
    qeval::python_random far(7);
    for (int i = 0; i < 699; ++i) (void)far.word();
    CHECK(far.word() == 72291700u);
}
TEST_CASE("numbers below n, to the largest n of 32 bits") {
    qeval::python_random r(1);
    numbers              drawn;
    for (std::uint32_t const n : {1u, 2u, 3u, 5u, 100u, 2147483648u, 4294967295u}) drawn.push_back(r.below(n));
    CHECK(drawn == numbers{0, 0, 1, 0, 63, 1930549411u, 2028277857u});
}
TEST_CASE("sample() draws from a pool, or from a set where there is much to draw from") {
    qeval::python_random r(1234);
    CHECK(r.sample(7473, 5) == numbers{6374, 3610, 957, 61, 742});
    CHECK(r.sample(7473, 5) == numbers{7462, 6610, 4769, 286, 5501});
    CHECK(r.sample(7473, 5) == numbers{5677, 687, 806, 6279, 2905});
    CHECK(r.sample(20, 5) == numbers{7, 0, 18, 17, 11});                    // the pool
    CHECK(r.sample(100, 9) == numbers{82, 79, 61, 78, 59, 19, 11, 23, 91}); // the set, for more than five
    qeval::python_random other(1234);
    CHECK(other.sample(22, 6) == numbers{14, 3, 0, 2, 1, 18}); // 22 is within the pool that six make larger
    CHECK(other.sample(7473, 8) == numbers{806, 6279, 2905, 1939, 142, 252, 6461, 129});
    CHECK(other.sample(5, 5) == numbers{2, 3, 4, 1, 0});
    CHECK(qeval::python_random(4294967295u).sample(30, 5) == numbers{20, 19, 6, 16, 9});
    CHECK(other.sample(5, 0).empty());
}
