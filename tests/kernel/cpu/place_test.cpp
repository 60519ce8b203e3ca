// The linear that a matrix becomes is the one that was asked for.
// Also tests packed_as.hpp, matrix_kernels.hpp, ../any_packed.hpp, ../multiply_how.hpp.
#include <memory>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/samples.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/kernel/cpu/packed_as.hpp>
#include <qeval/kernel/cpu/place.hpp>
#include <qeval/pack/encode.hpp>

namespace qeval {
namespace {

constexpr index rows = 20, cols = 96;

template <class F>
packed_as<F> matrix(geometry_of<F> geometry = {}) {
    static auto const values = gaussian_sample(rows * cols, 1);
    thread_pool       one(1);
    return packed_as<F>(pack<F>(matrix_view<float const>(values.data(), rows, cols), one, geometry));
}
template <class F>
std::string kernel(multiply_how const& how, geometry_of<F> geometry = {}) {
    thread_pool one(1);
    auto        w = matrix<F>(geometry);
    return std::string(cpu::place(w, how, one)->kernel());
}
multiply_how inputs(any_activation const& a, bool exact_sums = false) { return {{}, &a, exact_sums}; }

} // namespace

TEST_CASE("a compute type, codes of inputs and their rounding each have their path") {
    auto const exact = kernel<q8_0>({});
    CHECK_THAT(exact, Catch::StartsWith("exact/"));
    CHECK_THAT(kernel<q8_0>({compute_type::f16}), Catch::StartsWith("emulated-f16/"));
    CHECK_THAT(kernel<q8_0>({compute_type::bf16}), Catch::StartsWith(cpu::has_bf16_dot ? "bf16/" : "emulated-bf16/"));
    CHECK_THAT(kernel<q8_0>(inputs(any_activation_of<int8_groups_32>)), Catch::StartsWith("integer/"));
    CHECK_THAT(kernel<q8_0>(inputs(any_activation_of<int8_groups_256>)), Catch::StartsWith("integer-256/"));
    CHECK_THAT(kernel<q8_0>(inputs(any_activation_of<int8_token>)), Catch::StartsWith("integer-token/"));
    CHECK(kernel<q8_0>(inputs(any_activation_of<int8_token>, true)) == exact + ", inputs as int8");
    CHECK(kernel<q8_0>(inputs(any_activation_of<fp8_token>)) == exact + ", inputs as fp8");
}

TEST_CASE(
    "integers that a matrix has no path for are rounded and multiplied exactly, and that can be asked beforehand") {
    auto const integers = inputs(any_activation_of<int8_token>);
    CHECK(kernel<nf4>(integers) == kernel<nf4>({}) + ", inputs as int8"); // levels that are no integers
    CHECK(!cpu::follows(matrix<nf4>(), integers));
    CHECK(cpu::follows(matrix<nf4>(), {}));
    CHECK(cpu::follows(matrix<nf4>(), inputs(any_activation_of<int8_token>, true))); // nothing else was asked for
    CHECK(cpu::follows(matrix<int8_sym>(), integers));
    auto const straddling = geometry_named<int8_sym>("int8:sym:g40"); // in rows of 96
    REQUIRE(straddling);
    CHECK(!cpu::follows(matrix<int8_sym>(*straddling), integers));
}

TEST_CASE("outliers are split where they are asked for and the format has a threshold") {
    multiply_how how;
    how.outliers = outlier_choice::per_token;
    CHECK_THAT(kernel<llm_int8>(how), Catch::StartsWith("integer-token/") && Catch::EndsWith(" + f16 outliers"));
    how.outliers = outlier_choice::per_batch;
    CHECK_THAT(kernel<llm_int8>(how), Catch::EndsWith(" + f16 outliers of the batch"));
    CHECK_THAT(kernel<llm_int8>({}), Catch::StartsWith("exact/"));
    CHECK(kernel<q8_0>(how) == kernel<q8_0>({}));
}

TEST_CASE("the kernel layout is a wish, for formats that have one") {
    multiply_how how;
    how.for_one_token = true;
    CHECK(kernel<q8_0>(how) != kernel<q8_0>({}));
    CHECK(kernel<nf4>(how) == kernel<nf4>({}));
}

TEST_CASE("planes of an erased matrix are its stored bytes, each of its shape") {
    auto const  w    = matrix<int8_sym>();
    index       sum  = 0;
    int         many = 0;
    std::size_t left = 0;
    w.for_each_plane([&](plane_shape const& shape, std::span<std::byte const> bytes) {
        CHECK(index(bytes.size()) == shape.element_bytes * shape.count);
        sum += index(bytes.size());
        ++many;
    });
    CHECK(many == 2); // codes and scales
    CHECK(sum == w.bytes());
    w.write([&](std::span<std::byte const> bytes) { left += bytes.size(); });
    CHECK(index(left) == sum);
    matrix<q8_0>().for_each_plane([&](plane_shape const& shape, std::span<std::byte const> bytes) {
        CHECK(shape.element_bytes == int(sizeof(q8_0::block_type)));
        CHECK(shape.count == rows * (cols / 32));
        CHECK(bytes.size() == std::size_t(shape.count) * sizeof(q8_0::block_type));
    });
}

} // namespace qeval
