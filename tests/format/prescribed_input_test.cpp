// What checkpoints prescribe for inputs, against compressed-tensors' own rounding.
// Also tests ../io/tensor/input_rule.hpp.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <qeval/format/prescribed_input.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/tensor/input_rule.hpp>

#include "tests/format/prescribed_input_golden.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace qeval_test;

// make_prescribed_inputs.py: row()
std::vector<float> row() {
    std::vector<float> x;
    for (std::int64_t i = 0; i < 4096; ++i) {
        auto const mixed = (i * 2654435761 + 12345) % 1048573;
        int const  power = static_cast<int>(i % 256 < 64 ? i / 256 : -(i / 100));
        x.push_back(512 <= i && i < 768 ? 0.0f : std::ldexp(static_cast<float>(mixed - 524286), power - 20));
    }
    return x;
}
std::string sum(std::span<float const> values) { return qeval::sha256_hex(std::as_bytes(values)); }

} // namespace

TEST_CASE("inputs are rounded bit for bit as the library that prescribes it does") {
    auto const x = row();
    REQUIRE(sum(x) == prescribed_row);
    for (auto const& wanted : prescribed_cases) {
        INFO(wanted.name);
        auto const* how = qeval::find_prescribed_input(qeval::prescribed_inputs{}, wanted.name);
        REQUIRE(how != nullptr);
        CHECK(how->name == wanted.name);
        std::vector<float> out(x.size());
        how->round(x, out, {wanted.scale, wanted.zero, wanted.group});
        for (float& v : out) v += 0.0f; // -0 is 0
        for (std::size_t i = 0; i < 8; ++i) {
            std::uint32_t bits;
            std::memcpy(&bits, &out[i], sizeof bits);
            CHECK(bits == wanted.first[i]);
        }
        CHECK(sum(out) == wanted.sha256);
    }
    CHECK(qeval::find_prescribed_input(qeval::prescribed_inputs{}, "int8") == nullptr);
}
