// The formats of a program by name, and what GGUF files may hold of them.
#include <cstdint>
#include <string_view>

#include <tests/support/catch.hpp>

#include <qeval/format/catalog.hpp>
#include <qeval/scheme/table_of.hpp>

namespace {

struct ggml_type {
    std::uint32_t    id;
    std::string_view name;
    std::uint32_t    weights, bytes;
};
constexpr ggml_type ggml_types[] = {
    // enum ggml_type of ggml.h, block sizes of ggml-common.h; without what no file holds, integers and retired types
    {0, "F32", 1, 4},         {1, "F16", 1, 2},        {2, "Q4_0", 32, 18},      {3, "Q4_1", 32, 20},
    {6, "Q5_0", 32, 22},      {7, "Q5_1", 32, 24},     {8, "Q8_0", 32, 34},      {10, "Q2_K", 256, 84},
    {11, "Q3_K", 256, 110},   {12, "Q4_K", 256, 144},  {13, "Q5_K", 256, 176},   {14, "Q6_K", 256, 210},
    {16, "IQ2_XXS", 256, 66}, {17, "IQ2_XS", 256, 74}, {18, "IQ3_XXS", 256, 98}, {19, "IQ1_S", 256, 50},
    {20, "IQ4_NL", 32, 18},   {21, "IQ3_S", 256, 110}, {22, "IQ2_S", 256, 82},   {23, "IQ4_XS", 256, 136},
    {29, "IQ1_M", 256, 56},   {30, "BF16", 1, 2},      {34, "TQ1_0", 256, 54},   {35, "TQ2_0", 256, 66},
    {39, "MXFP4", 32, 17},    {40, "NVFP4", 64, 36},   {41, "Q1_0", 128, 18},    {42, "Q2_0", 64, 18},
};

} // namespace

TEST_CASE("GGUF files may hold every tensor type of ggml, in ggml's numbers and sizes") {
    auto const types = qeval::table_of<qeval::catalog>().gguf_types();
    CHECK(types.size() == std::size(ggml_types));
    for (ggml_type const& expected : ggml_types) {
        INFO(expected.name);
        int found = 0;
        for (qeval::gguf_type const& t : types) {
            if (t.id != expected.id) continue;
            ++found;
            CHECK(t.name == expected.name);
            CHECK(t.block_size == expected.weights);
            CHECK(t.block_bytes == expected.bytes);
        }
        CHECK(found == 1);
    }
}

TEST_CASE("activation formats of ggml are known by name, but are no types of files") {
    auto const formats = qeval::table_of<qeval::catalog>();
    for (char const* name : {"q8_1", "q8_k"}) {
        REQUIRE(formats.find(name) != nullptr);
        CHECK(!formats.find(name)->gguf_id().has_value());
    }
}
