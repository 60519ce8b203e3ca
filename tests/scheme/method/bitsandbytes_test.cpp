// What bitsandbytes writes is read in method/golden_test.cpp; here is what is refused, and matrices by hand.
#include <cstdint>
#include <string>
#include <vector>

#include <qeval/format/catalog/fp4.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/scheme/method/bitsandbytes.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/stored_tensors.hpp"

namespace {

using namespace qeval_test;
using some         = qeval::format_list<qeval::nf4, qeval::nf4_dq, qeval::fp4, qeval::fp4_dq, qeval::llm_int8>;
auto const formats = qeval::table_of<some>();

constexpr qeval::index rows = 4, cols = 64;
std::string const      four  = R"({"quant_method":"bitsandbytes","load_in_4bit":true})";
std::string const      eight = R"({"quant_method":"bitsandbytes","load_in_8bit":true})";

std::vector<std::uint8_t> codes() {
    std::vector<std::uint8_t> all;
    for (int i = 0; i < rows * cols / 2; ++i) all.push_back(static_cast<std::uint8_t>(37 * i + 11));
    return all;
}
template <class F>
std::vector<float> levels() {
    std::vector<float> all;
    for (int q = 0; q < 16; ++q) all.push_back(F::level(q));
    return all;
}
std::vector<float> dynamic_levels() {
    std::vector<float> all;
    for (int q = 0; q < 256; ++q) all.push_back(qeval::levels<qeval::dynamic_map>::value(q));
    return all;
}
stored_tensor state(std::string const& type, std::string const& rest = "") {
    std::string const text =
        R"({"quant_type":")" + type + R"(","blocksize":64,"dtype":"float16","shape":[4,64])" + rest + "}";
    return stored("a.weight.quant_state.bitsandbytes__" + type, "U8", {qeval::index(text.size())},
                  std::vector<char>(text.begin(), text.end()));
}
std::vector<stored_tensor> plain() {
    return {stored("a.weight", "U8", {rows * cols / 2, 1}, codes()),
            stored("a.weight.absmax", "F32", {4}, std::vector<float>{1, 0.5f, 0, 3}),
            stored("a.weight.quant_map", "F32", {16}, levels<qeval::nf4>()), state("nf4")};
}
std::vector<stored_tensor> nested(std::vector<float> const& map = dynamic_levels(), int block = 256) {
    return {stored("a.weight", "U8", {rows * cols / 2, 1}, codes()),
            stored("a.weight.absmax", "U8", {4}, std::vector<std::uint8_t>{0, 127, 200, 255}),
            stored("a.weight.nested_absmax", "F32", {1}, std::vector<float>{0.75f}),
            stored("a.weight.nested_quant_map", "F32", {256}, map),
            stored("a.weight.quant_map", "F32", {16}, levels<qeval::nf4>()),
            state("nf4", R"(,"nested_blocksize":)" + std::to_string(block) +
                             R"(,"nested_offset":0.25,"nested_dtype":"float32")")};
}
std::vector<float> values(std::vector<float> const& absmax) {
    std::vector<float> all;
    auto const         bytes = codes();
    for (std::size_t i = 0; i < bytes.size() * 2; ++i) {
        int const q = i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15;
        all.push_back(levels<qeval::nf4>()[static_cast<std::size_t>(q)] * absmax[i / 64]);
    }
    return all;
}

} // namespace

TEST_CASE("four bits are the codes and the largest magnitudes of the file") {
    quantized_checkpoint const read(formats, four, plain());
    CHECK(read.matrix("a.weight").type == "nf4");
    CHECK(read.matrix("a.weight").shape == std::vector<qeval::index>{rows, cols});
    CHECK(read.source().tensors().size() == 1);
    CHECK(read.values("a.weight") == values({1, 0.5f, 0, 3}));
}

TEST_CASE(
    "magnitudes that are quantized themselves stay so, and are the same numbers where the file's map is another") {
    auto       map = dynamic_levels();
    auto const of  = [&](std::size_t code) { return map[code] * 0.75f + 0.25f; };
    {
        quantized_checkpoint const read(formats, four, nested());
        CHECK(read.matrix("a.weight").type == "nf4:dq");
        CHECK(read.values("a.weight") == values({of(0), of(127), of(200), of(255)}));
    }
    map[200] = 0.5f;
    for (auto const& tensors : {nested(map), nested(map, 128)}) {
        quantized_checkpoint const read(formats, four, tensors);
        CHECK(read.matrix("a.weight").type == "nf4");
        CHECK(read.values("a.weight") == values({of(0), of(127), of(200), of(255)}));
    }
}

TEST_CASE("eight bits are codes and a magnitude for each row") {
    std::vector<stored_tensor> const tensors = {
        stored("a.weight", "I8", {2, 3}, std::vector<std::int8_t>{127, -127, 1, 0, 64, -3}),
        stored("a.SCB", "F32", {2}, std::vector<float>{127, 2})};
    quantized_checkpoint const read(formats, eight, tensors);
    CHECK(read.matrix("a.weight").type == "int8");
    float const step = 1.0f / 127;
    CHECK(read.values("a.weight") ==
          std::vector<float>{127 * (127 * step), -127 * (127 * step), 127 * step, 0, 64 * (2 * step), -3 * (2 * step)});
}

TEST_CASE("a bitsandbytes configuration or state that is not understood is refused where it stands") {
    refused_checkpoint(formats, R"({"quant_method":"bitsandbytes"})", plain(),
                       {"CF03", "quantization_config", "neither", "load_in"});
    refused_checkpoint(formats, R"({"quant_method":"bitsandbytes","load_in_4bit":true,"load_in_8bit":true})", plain(),
                       {"CF03", "quantization_config", "4 and 8", "load_in"});
    refused_checkpoint(formats, R"({"quant_method":"bitsandbytes","load_in_8bit":true,"llm_int8_threshold":0.0})",
                       plain(), {"CF03", "llm_int8_threshold", "0.0", "6"});
    auto const refused = [](std::size_t which, stored_tensor const& other, refusal const& wanted) {
        auto tensors   = plain();
        tensors[which] = other;
        refused_checkpoint(formats, four, tensors, wanted);
    };
    auto map = levels<qeval::nf4>();
    map[3] += 1e-6f;
    refused(2, stored("a.weight.quant_map", "F32", {16}, map), {"CF03", "quant_map\"[3]", "-0.39", "of nf4"});
    refused(1, stored("a.weight.absmax", "F32", {3}, std::vector<float>{1, 2, 3}), {"CF02", "absmax", "[3]", "[4]"});
    refused(1, stored("b", "F32", {1}, std::vector<float>{1}), {"CF02", "absmax", "no such tensor", "other parts"});
    refused(0, stored("a.weight", "U8", {64, 2}, codes()), {"CF02", "a.weight", "[64, 2]", "[-1, 1]"});
    std::string const broken = "{\"quant_type\":";
    refused(3,
            stored("a.weight.quant_state.bitsandbytes__nf4", "U8", {qeval::index(broken.size())},
                   std::vector<char>(broken.begin(), broken.end())),
            {"JS01", "quant_state", "quant_type", "JSON"});
}

TEST_CASE("bytes that are stored as numbers of another type are the same bytes, and must be as many") {
    auto tensors     = plain();
    tensors[0].dtype = "BF16";
    tensors[0].shape = {rows * cols / 4, 1};
    CHECK(quantized_checkpoint(formats, four, tensors).values("a.weight") == values({1, 0.5f, 0, 3}));
    tensors[0].bytes.resize(64);
    tensors[0].shape = {32, 1};
    refused_checkpoint(formats, four, tensors, {"CF02", "a.weight", "64 bytes", "128 for shape [4, 64]"});
}
