// What AutoAWQ writes is read in method/golden_test.cpp; here is what is refused, and the matrix by hand.
#include <cstdint>
#include <string>
#include <vector>

#include <qeval/format/catalog/integers.hpp>
#include <qeval/scheme/method/awq.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/stored_tensors.hpp"

namespace {

using namespace qeval_test;
using some = qeval::format_list<qeval::int4>;

constexpr qeval::index rows = 16, cols = 64, groups = 2;
constexpr int          output_of_nibble[] = {0, 2, 4, 6, 1, 3, 5, 7}; // AutoAWQ's order_map

int   code_of(qeval::index r, qeval::index c) { return static_cast<int>((5 * r + 3 * c + r * c) % 16); }
int   zero_of(qeval::index r, qeval::index g) { return static_cast<int>((r + 9 * g) % 16); }
float scale_of(qeval::index r, qeval::index g) { return 0.5f + 0.25f * static_cast<float>(r) + static_cast<float>(g); }

template <class Number>
std::vector<std::uint32_t> words_of(qeval::index lines, Number const& number) {
    std::vector<std::uint32_t> words;
    for (qeval::index line = 0; line < lines; ++line) {
        for (qeval::index first = 0; first < rows; first += 8) {
            std::uint32_t word = 0;
            for (int k = 0; k < 8; ++k)
                word |= static_cast<std::uint32_t>(number(first + output_of_nibble[k], line)) << 4 * k;
            words.push_back(word);
        }
    }
    return words;
}
std::vector<stored_tensor> tensors() {
    std::vector<float> scales;
    for (qeval::index g = 0; g < groups; ++g) {
        for (qeval::index r = 0; r < rows; ++r) scales.push_back(scale_of(r, g));
    }
    return {stored("a.qweight", "I32", {cols, rows / 8}, words_of(cols, code_of)),
            stored("a.qzeros", "I32", {groups, rows / 8}, words_of(groups, zero_of)),
            stored("a.scales", "F16", {groups, rows}, halves(scales)), stored("a.bias", "F16", {1}, halves({1}))};
}
auto const  formats = qeval::table_of<some>();
std::string said(std::string const& rest = R"("bits":4,"group_size":32,"zero_point":true,"version":"gemm")") {
    return R"({"quant_method":"awq",)" + rest + "}";
}
void refused(std::string const& rest, refusal const& wanted) {
    refused_checkpoint(formats, said(rest), tensors(), wanted);
}

} // namespace

TEST_CASE("codes and zero points of an AWQ checkpoint come out of their interleaved nibbles") {
    quantized_checkpoint const read(formats, said(), tensors());
    CHECK(read.matrix("a.weight").shape == std::vector<qeval::index>{rows, cols});
    CHECK(read.matrix("a.weight").type == "int4:g32");
    CHECK(read.source().find("a.bias") != nullptr);
    std::vector<float> wanted;
    for (qeval::index r = 0; r < rows; ++r) {
        for (qeval::index c = 0; c < cols; ++c)
            wanted.push_back(scale_of(r, c / 32) * static_cast<float>(code_of(r, c) - zero_of(r, c / 32)));
    }
    CHECK(read.values("a.weight") == wanted);
}

TEST_CASE("an AWQ configuration that is not understood is refused where it stands") {
    refused(R"("bits":8,"group_size":32)", {"CF03", "quantization_config.bits", "8", "4"});
    refused(R"("bits":4,"group_size":48)",
            {"CF04", "quantization_config.group_size", "48", "a divisor of the 64 columns"});
    refused(R"("bits":4,"group_size":0)", {"CF04", "quantization_config.group_size", "0", "-1"});
    refused(R"("bits":4,"group_size":32,"version":"marlin")", {"CF03", "version", "marlin", "gemm"});
    refused(R"("bits":4,"group_size":32,"zero_point":false)", {"CF03", "zero_point", "false", "true"});
}

TEST_CASE("parts of an AWQ matrix that are missing or of another shape are refused by name") {
    auto some = tensors();
    some.erase(some.begin() + 2);
    refused_checkpoint(formats, said(), some, {"CF02", "a.scales", "no such tensor", "the other parts"});
    some          = tensors();
    some[1].shape = {1, 4};
    refused_checkpoint(formats, said(), some, {"CF02", "a.qzeros", "[1, 4]", "[2, 2]"});
}
