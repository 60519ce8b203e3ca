// What transformers makes of such files is in method/golden_test.cpp; here are values by hand, and what is refused.
#include <cstdint>
#include <string>
#include <vector>

#include <qeval/format/catalog/fp8.hpp>
#include <qeval/scheme/method/fp8.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/stored_tensors.hpp"

namespace {

using namespace qeval_test;
using some         = qeval::format_list<qeval::fp8_e4m3>;
auto const formats = qeval::table_of<some>();

constexpr qeval::index rows = 20, cols = 300; // blocks of 16 x 128: two down, three across, the last ones smaller

std::string
config_of(std::string const& rest = R"("activation_scheme":"dynamic","fmt":"e4m3","weight_block_size":[16,128])") {
    return R"({"quant_method":"fp8",)" + rest + "}";
}
std::vector<stored_tensor> tensors() {
    std::vector<std::uint8_t> codes;
    for (qeval::index i = 0; i < rows * cols; ++i)
        codes.push_back(static_cast<std::uint8_t>(i % 120 + (i % 7 == 0 ? 128 : 0)));
    return {stored("a.weight", "F8_E4M3", {rows, cols}, codes),
            stored("a.weight_scale_inv", "F32", {2, 3}, std::vector<float>{0.5f, 1.5f, 0.25f, 3, 0.125f, 7})};
}
// sign, four bits of exponent with bias 7, three of mantissa
float e4m3(int code) {
    int const   exponent = code >> 3 & 15, mantissa = code & 7;
    float const size = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -9)
                                     : std::ldexp(static_cast<float>(8 + mantissa), exponent - 10);
    return code & 128 ? -size : size;
}

} // namespace

TEST_CASE("every block of FP8 codes has its scale, the smaller ones at the ends, too; inputs are prescribed") {
    quantized_checkpoint const read(formats, config_of(), tensors());
    constexpr float            scales[2][3] = {{0.5f, 1.5f, 0.25f}, {3, 0.125f, 7}};
    std::vector<float>         wanted;
    for (qeval::index i = 0; i < rows * cols; ++i)
        wanted.push_back(e4m3(static_cast<int>(i % 120 + (i % 7 == 0 ? 128 : 0))) *
                         scales[i / cols / 16][i % cols / 128]);
    CHECK(read.values("a.weight") == wanted);
    CHECK(read.matrix("a.weight").input->activation == "fp8:128");
    CHECK(read.source().tensors().size() == 1);
}

TEST_CASE("an FP8 checkpoint that is not understood, or whose parts do not fit, is refused by name") {
    auto const refused = [](std::string const& rest, refusal const& wanted) {
        refused_checkpoint(formats, config_of(rest), tensors(), wanted);
    };
    refused(R"("activation_scheme":"static","weight_block_size":[16,128])",
            {"CF03", "activation_scheme", "static", "dynamic"});
    refused(R"("activation_scheme":"dynamic","fmt":"e5m2","weight_block_size":[16,128])",
            {"CF03", "fmt", "e5m2", "e4m3"});
    refused(R"("activation_scheme":"dynamic","weight_block_size":[16,64])",
            {"CF03", "weight_block_size[1]", "64", "128"});
    refused(R"("activation_scheme":"dynamic","weight_block_size":[8,128])",
            {"CF02", "weight_scale_inv", "[2, 3]", "[3, 3]"});
    auto spoiled = tensors();
    spoiled[1].bytes.assign(24, '\0');
    refused_checkpoint(formats, config_of(), spoiled, {"ST32", "weight_scale_inv\"[0]", "0.0", "not zero"});
}
