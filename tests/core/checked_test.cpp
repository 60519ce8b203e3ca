#include <cstdint>
#include <limits>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/checked.hpp>
#include <qeval/core/random.hpp>

namespace {

__extension__ using wide = unsigned __int128;

constexpr std::uint64_t top = std::numeric_limits<std::uint64_t>::max();

// Edges, and draws of every magnitude.
std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> all{0, 1, 2, 3, 7, 8, top, top - 1, top - 7, top / 2, top / 2 + 1, top / 3};
    for (int shift = 0; shift < 64; ++shift) {
        all.push_back(std::uint64_t(1) << shift);
        all.push_back((std::uint64_t(1) << shift) - 1);
        all.push_back(qeval::mix64(std::uint64_t(shift)) >> shift);
    }
    return all;
}

bool agrees(std::optional<qeval::checked> got, wide truth) {
    return got ? wide(got->value()) == truth : truth > wide(top);
}

} // namespace

TEST_CASE("sums and products are exact or refused, never wrapped") {
    for (std::uint64_t a : numbers())
        for (std::uint64_t b : numbers()) {
            if (!agrees(qeval::checked{a}.add(b), wide(a) + b)) FAIL(a << " + " << b);
            if (!agrees(qeval::checked{a}.mul(b), wide(a) * b)) FAIL(a << " * " << b);
        }
    SUCCEED();
}

TEST_CASE("rounding up to an alignment gives the smallest multiple or is refused") {
    for (std::uint64_t a : numbers())
        for (int shift = 0; shift < 64; ++shift) {
            wide const alignment = wide(1) << shift;
            wide const truth     = (wide(a) + alignment - 1) / alignment * alignment;
            if (!agrees(qeval::checked{a}.align_up(std::uint64_t(alignment)), truth)) FAIL(a << " to 2^" << shift);
        }
    SUCCEED();
}

TEST_CASE("a shape product that wraps is rejected") {
    using shape = std::vector<std::int64_t>;
    CHECK(qeval::checked_product(shape{3, 4, 5}) == 60u);
    CHECK(qeval::checked_product(shape{}) == 1u);
    CHECK(qeval::checked_product(shape{1 << 20, 0, 1 << 20}) == 0u);
    CHECK(qeval::checked_product(shape{std::int64_t(1) << 32, std::int64_t(1) << 31}) == std::uint64_t(1) << 63);
    CHECK_FALSE(qeval::checked_product(shape{std::int64_t(1) << 32, std::int64_t(1) << 32}));
    CHECK_FALSE(qeval::checked_product(shape{std::int64_t(1) << 62, 4, 0})); // refused on the way, whatever follows
    CHECK_FALSE(qeval::checked_product(shape{2, -1}));
}

TEST_CASE("a range fits exactly when its true end does") {
    for (std::uint64_t begin : numbers())
        for (std::uint64_t length : numbers())
            for (std::uint64_t size : {std::uint64_t(0), std::uint64_t(8), top / 2, top})
                if (qeval::fits(begin, length, size) != (wide(begin) + length <= size))
                    FAIL(begin << " + " << length << " in " << size);
    SUCCEED();
}
