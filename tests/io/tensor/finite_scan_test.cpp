#include <cstring>
#include <limits>
#include <vector>

#include <qeval/core/half.hpp>
#include <qeval/io/tensor/finite_scan.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;

qeval::tensor_view view(std::vector<float> const& values) {
    return {"w",
            "F32",
            {qeval::index(values.size())},
            std::as_bytes(std::span(values)),
            {},
            std::make_shared<std::string const>("m.safetensors")};
}
auto copy_of(std::vector<float> const& values) {
    return [&values](qeval::index first, std::span<float> out) {
        std::memcpy(out.data(), values.data() + first, out.size_bytes());
    };
}

} // namespace

TEST_CASE("finite weights pass, subnormal and largest ones included") {
    qeval::thread_pool       pool(2);
    std::vector<float> const values = {0, -0.0f, 1e-45f, std::numeric_limits<float>::max(),
                                       std::numeric_limits<float>::lowest()};
    CHECK_FALSE(qeval::scan_finite(5, copy_of(values), pool).has_value());
    CHECK_FALSE(qeval::scan_finite(0, copy_of(values), pool).has_value());
}
TEST_CASE("ST32 NaN or infinite weights are refused with tensor, first index and count, for any number of threads") {
    std::vector<float> values(200'000, 1.0f);
    values[131'072] = std::numeric_limits<float>::infinity(); // of the third chunk
    values[131'071] = std::numeric_limits<float>::quiet_NaN();
    values[199'999] = -std::numeric_limits<float>::infinity();
    for (int threads : {1, 2, 3}) {
        qeval::thread_pool pool(threads);
        auto const         bad = qeval::scan_finite(200'000, copy_of(values), pool);
        REQUIRE(bad.has_value());
        CHECK(bad->first == 131'071);
        CHECK(bad->count == 3);
        check_refused([&] { qeval::check_finite(view(values), "ST32", copy_of(values), pool); },
                      {"ST32", "m.safetensors, tensor \"w\", element 131071", "nan (3 such values)", "finite weights",
                       "--allow-nonfinite"});
    }
}
TEST_CASE("GG24 a quantized block with an infinite or NaN scale is refused") {
    // Q8_0: f16 scale, 32 codes. The scan sees decoded values, so a zero code under an infinite scale counts, too.
    for (std::uint16_t const scale : {std::uint16_t{0x7c00}, std::uint16_t{0xfc00}, std::uint16_t{0x7e01}}) {
        std::vector<std::byte> blocks(2 * 34);
        std::memcpy(blocks.data() + 34, &scale, 2);
        auto const decode = [&](qeval::index first, std::span<float> out) {
            for (std::size_t i = 0; i < out.size(); ++i) {
                auto const  at = std::size_t(first) + i;
                qeval::f16  d;
                std::int8_t q = 0;
                std::memcpy(&d, blocks.data() + at / 32 * 34, 2);
                std::memcpy(&q, blocks.data() + at / 32 * 34 + 2 + at % 32, 1);
                out[i] = d.to_float() * float(q);
            }
        };
        qeval::tensor_view const t{
            "blk.0.ffn_up.weight", "Q8_0", {2, 32}, blocks, {}, std::make_shared<std::string const>("m.gguf")};
        qeval::thread_pool pool(1);
        check_refused(
            [&] { qeval::check_finite(t, "GG24", decode, pool); },
            {"GG24", "m.gguf, tensor \"blk.0.ffn_up.weight\", element 32", "nan (32 such values)", "finite weights"});
    }
}

TEMPLATE_TEST_CASE("numbers as a file has them are finite where their values are", "", float, qeval::f16, qeval::bf16) {
    constexpr float          infinity = std::numeric_limits<float>::infinity();
    std::vector<float> const bad{infinity, -infinity, std::numeric_limits<float>::quiet_NaN()};
    for (std::size_t size : {std::size_t{1}, std::size_t{255}, std::size_t{256}, std::size_t{700}}) {
        std::vector<TestType> numbers(size);
        for (std::size_t i = 0; i < size; ++i) // the largest ones and subnormal ones of all three
            numbers[i] = qeval::store_as<TestType>(i % 3 == 0 ? -65504.0f : i % 3 == 1 ? 1e-7f : 1.5f);
        CHECK(qeval::all_finite(std::span<TestType const>(numbers)));
        for (std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
            for (float const value : bad) {
                auto other = numbers;
                other[at]  = qeval::store_as<TestType>(value);
                CHECK_FALSE(qeval::all_finite(std::span<TestType const>(other)));
            }
        }
    }
}
