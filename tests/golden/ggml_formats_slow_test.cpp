// Three million weights a type, byte for byte against ggml's own encoders, and four million, bit for bit, against its
// decoders.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tests/golden/ggml_check.hpp>
#include <tests/support/catch.hpp>

namespace {

using namespace qeval_test;

// Where the floats of a block lie, as make_ggml.py has them: random bytes must stay finite.
struct float_fields {
    std::string_view format;
    std::vector<int> at;
};
float_fields const fields[] = {{"Q4_1", {0, 2}}, {"Q5_1", {0, 2}}, {"Q2_K", {80, 82}}, {"Q3_K", {108}},
                               {"Q4_K", {0, 2}}, {"Q5_K", {0, 2}}, {"Q6_K", {208}},    {"Q8_K", {2}},
                               {"TQ1_0", {52}},  {"TQ2_0", {64}},  {"IQ1_M", {54}},    {"NVFP4", {}}};

std::vector<int> floats_of(std::string_view format) {
    for (auto const& f : fields) {
        if (f.format == format) return f.at;
    }
    return {0};
}

TEST_CASE("millions of Gaussian and heavy-tailed weights encode to ggml's bytes", "[golden]") {
    check_ggml_blocks("blocks", [](format_golden const& g) { return g.rows > 96; });
}

TEST_CASE("with importance, too", "[golden]") {
    check_ggml_blocks("blocks, importance", [](format_golden const& g) { return g.rows > 96; });
}

TEST_CASE("four million weights of random bytes decode to ggml's values, bit for bit", "[golden]") {
    auto const all     = [](format_golden const&) { return true; };
    auto const checked = for_each_ggml_golden("values", all, [](auto tag, format_golden const& g) {
        using F = typename decltype(tag)::type;
        if constexpr (qeval::in_blocks<F>) {
            REQUIRE(g.rows * g.cols >= 4'000'000);
            auto const bytes = block_bytes(g.format, g.rows, sizeof(typename F::block_type), floats_of(g.format));
            std::vector<float> values(static_cast<std::size_t>(g.rows * g.cols));
            auto const*        block = reinterpret_cast<typename F::block_type const*>(bytes.data());
            qeval::decode_row(qeval::packed_view<F>{block, 1, g.rows * g.cols}, 0, 0, values);
            auto const text = difference(g, std::as_bytes(std::span(values)), sizeof(float));
            INFO(text);
            CHECK(text.empty());
        }
    });
    CHECK((checked == formats_with("values")));
}

} // namespace
