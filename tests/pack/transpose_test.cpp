// From rows in memory to lanes and back: every number arrives at its place.
#include <cstdint>
#include <cstring>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/pack/transpose.hpp>

namespace {

using lanes = qeval::lanes<2>;

TEMPLATE_TEST_CASE("lane k of weight i is the number i places behind the k-th pointer", "", float, qeval::f16,
                   qeval::bf16) {
    for (int n : {1, 5, 16, 32, 40}) {
        std::vector<std::vector<TestType>> rows(lanes::count);
        TestType const*                    from[lanes::count];
        for (int k = 0; k < lanes::count; ++k) {
            for (int i = 0; i < n; ++i)
                rows[std::size_t(k)].push_back(qeval::store_as<TestType>(static_cast<float>(i - 3 * k)));
            from[k] = rows[std::size_t(k)].data();
        }
        std::vector<lanes> x(std::size_t(n), lanes(0.0f));
        qeval::gather_lanes(from, n, x.data());
        for (int i = 0; i < n; ++i) {
            for (int k = 0; k < lanes::count; ++k) {
                REQUIRE(lane_of(x[std::size_t(i)], k) == qeval::value_of(rows[std::size_t(k)][std::size_t(i)]));
            }
        }
    }
}

TEMPLATE_TEST_CASE("all 65536 halves become the floats they are", "", qeval::f16, qeval::bf16) {
    for (unsigned first = 0; first < 65536; first += qeval::vector_floats) {
        TestType numbers[qeval::vector_floats];
        for (unsigned k = 0; k < qeval::vector_floats; ++k) numbers[k].bits = static_cast<std::uint16_t>(first + k);
        auto const v = qeval::load_floats(numbers);
        for (int k = 0; k < qeval::vector_floats; ++k) {
            float const expected = numbers[k].to_float(), found = v[k];
            bool const  same =
                std::memcmp(&expected, &found, sizeof found) == 0 || (expected != expected && found != found);
            if (!same) FAIL("number " << first + unsigned(k));
        }
    }
}

TEST_CASE("byte j of lane k arrives at place j behind the k-th pointer") {
    constexpr int count = lanes::count;
    for (int n : {1, 16, 32, 50}) {
        std::vector<qeval::byte_lanes<count>> bytes(static_cast<std::size_t>(n));
        for (int j = 0; j < n; ++j) {
            for (int k = 0; k < count; ++k) bytes[std::size_t(j)].v[k] = static_cast<std::uint8_t>(7 * j + 11 * k);
        }
        std::vector<std::vector<std::uint8_t>> rows(count, std::vector<std::uint8_t>(std::size_t(n + 1), 255));
        std::uint8_t*                          to[count];
        for (int k = 0; k < count; ++k) to[k] = rows[std::size_t(k)].data();
        scatter_bytes(bytes.data(), n, to);
        for (int k = 0; k < count; ++k) {
            for (int j = 0; j < n; ++j) REQUIRE(int{to[k][j]} == ((7 * j + 11 * k) & 255));
            REQUIRE(int{to[k][n]} == 255); // nothing behind
        }
    }
}

} // namespace
