// Formats stored as planes, byte for byte against bitsandbytes and against the published formulas.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tests/golden/golden_check.hpp>
#include <tests/golden/weight_streams.hpp>
#include <tests/support/catch.hpp>

#include <qeval/format/catalog.hpp>
#include <qeval/pack/decode.hpp>
#include <qeval/pack/encode.hpp>

namespace {

using namespace qeval_test;
using qeval::index;

template <class F>
qeval::packed_matrix<F> pack(format_golden const& g, qeval::geometry_of<F> geometry) {
    auto const         w = weight_stream(g.stream).take(g.rows * g.cols);
    qeval::thread_pool one(1);
    return qeval::pack<F>({w.data(), g.rows, g.cols}, one, geometry);
}

template <class F>
std::vector<float> values(qeval::packed_matrix<F> const& m) {
    std::vector<float> out(static_cast<std::size_t>(m.rows() * m.cols()));
    for (index r = 0; r < m.rows(); ++r) {
        qeval::decode_row(m.view(), r, 0, std::span(out).subspan(std::size_t(r * m.cols()), std::size_t(m.cols())));
    }
    return out;
}

// One code per byte, whatever the packing.
template <class F>
std::vector<std::uint8_t> codes(qeval::packed_matrix<F> const& m) {
    std::vector<std::uint8_t> out(static_cast<std::size_t>(m.rows() * m.cols()));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::uint8_t(F::code(m.view().cell, index(i)));
    return out;
}

// Compares bytes_of(packed matrix) with every golden of that origin and quantity; returns the number of weights.
template <class F, class Bytes>
index check(std::string_view origin, std::string_view format, std::string_view what, std::size_t unit, Bytes bytes_of,
            qeval::geometry_of<F> geometry = {}) {
    index weights = 0;
    for (format_golden const& g : goldens(origin, format, what)) {
        auto       packed = pack<F>(g, geometry);
        auto const bytes  = bytes_of(packed);
        auto const text   = difference(g, std::as_bytes(std::span(bytes)), unit);
        INFO(text);
        CHECK(text.empty());
        weights += g.rows * g.cols;
    }
    return weights;
}

auto plane(std::size_t p) {
    return [p](auto& packed) { return packed.plane(p); };
}
auto const all_values = [](auto& packed) { return values(packed); };
auto const all_codes  = [](auto& packed) { return codes(packed); };

// The golden's name spells the default block size out.
template <class F>
std::string golden_name(index block) {
    std::string name(qeval::name_of<F>());
    return name.insert(3, ":" + std::to_string(block));
}

} // namespace

TEMPLATE_TEST_CASE("a million and more weights get the codes, maxima and values of bitsandbytes", "[golden]",
                   qeval::nf4, qeval::fp4) {
    for (index block : {64, 128}) {
        auto const name = golden_name<TestType>(block);
        CHECK(check<TestType>("bitsandbytes", name, "codes", 1, plane(0), {block}) >= 1'000'000);
        CHECK(check<TestType>("bitsandbytes", name, "absmax", 4, plane(1), {block}) >= 1'000'000);
        CHECK(check<TestType>("bitsandbytes", name, "values", 4, all_values, {block}) >= 1'000'000);
    }
}

TEMPLATE_TEST_CASE("doubly quantized maxima are those of bitsandbytes", "[golden]", qeval::nf4_dq, qeval::fp4_dq) {
    for (index block : {64, 128}) {
        auto const name = golden_name<TestType>(block);
        CHECK(check<TestType>("bitsandbytes", name, "offset", 4, plane(3), {block}) >= 1'000'000);
        CHECK(check<TestType>("bitsandbytes", name, "nested absmax", 4, plane(2), {block}) >= 1'000'000);
        CHECK(check<TestType>("bitsandbytes", name, "absmax codes", 1, plane(1), {block}) >= 1'000'000);
        CHECK(check<TestType>("bitsandbytes", name, "values", 4, all_values, {block}) >= 1'000'000);
    }
}

TEST_CASE("the code books are those of bitsandbytes, bit for bit", "[golden]") {
    auto const check_table = [](std::string_view name, auto value, unsigned size) {
        std::vector<float> table;
        for (unsigned c = 0; c < size; ++c) table.push_back(value(c));
        auto const found = goldens("bitsandbytes", name, "code map");
        REQUIRE(found.size() == 1);
        auto const text = difference(found[0], std::as_bytes(std::span(table)), 4);
        INFO(text);
        CHECK(text.empty());
    };
    check_table("nf4", &qeval::nf4::level, 16);
    check_table("fp4", &qeval::fp4::level, 16);
    check_table("dynamic8", &qeval::levels<qeval::dynamic_map>::value, 256);
}

TEST_CASE("int8 per channel is round-to-nearest-even of w / (absmax / 127)", "[golden]") {
    using F = qeval::int8_sym;
    CHECK(check<F>("formula", "int8_channel", "codes", 1, all_codes) >= 1'000'000);
    CHECK(check<F>("formula", "int8_channel", "scales", 4, plane(1)) >= 1'000'000);
    CHECK(check<F>("formula", "int8_channel", "values", 4, all_values) >= 1'000'000);
}

TEST_CASE("fp8 per channel is torch's float8_e4m3fn of w / (absmax / 448)", "[golden]") {
    using F = qeval::fp8_e4m3;
    CHECK(check<F>("formula", "fp8_channel", "codes", 1, all_codes) >= 1'000'000);
    CHECK(check<F>("formula", "fp8_channel", "scales", 4, plane(1)) >= 1'000'000);
    CHECK(check<F>("formula", "fp8_channel", "values", 4, all_values) >= 1'000'000);
}

TEST_CASE("int4 in groups of 128 is llm-awq's pseudo_quantize_tensor with scales stored as f16", "[golden]") {
    using F              = qeval::int4;
    auto const name      = "int4_g128:scale32";
    auto const all_zeros = [](auto& packed) {
        std::vector<std::uint8_t> out;
        for (index g = 0; g < packed.rows() * packed.cols() / 128; ++g) {
            out.push_back(std::uint8_t(F::group(packed.view().cell, g).zero));
        }
        return out;
    };
    CHECK(check<F>("formula", name, "codes", 1, all_codes) >= 1'000'000);
    CHECK(check<F>("formula", name, "zeros", 1, all_zeros) >= 1'000'000);
    CHECK(check<F>("formula", name, "scales", 2, plane(1)) >= 1'000'000);
    CHECK(check<F>("formula", name, "values", 4, all_values) >= 1'000'000);
}
