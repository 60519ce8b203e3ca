// What transformers makes of gpt-oss's blocks is checked in method/golden_test.cpp; here is what is refused, and a
// block by hand.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <qeval/format/catalog/mxfp4.hpp>
#include <qeval/scheme/method/mxfp4.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/stored_tensors.hpp"

namespace {

using namespace qeval_test;
using some                  = qeval::format_list<qeval::mxfp4>;
auto const        formats   = qeval::table_of<some>();
std::string const config_of = R"({"quant_method":"mxfp4","modules_to_not_convert":["lm_head"]})";

// rows * 2 blocks for each of 2 experts; a stack of scales as small as this stays one tensor, a larger one is split.
std::vector<stored_tensor> tensors(qeval::index rows) {
    std::vector<std::uint8_t> codes, scales;
    for (qeval::index b = 0; b < 2 * rows * 2; ++b) {
        scales.push_back(static_cast<std::uint8_t>(120 + b % 16));
        for (int j = 0; j < 16; ++j) codes.push_back(static_cast<std::uint8_t>(b * 31 + j * 17 + 5));
    }
    return {stored("a.gate_up_proj_blocks", "U8", {2, rows, 2, 16}, codes),
            stored("a.gate_up_proj_scales", "U8", {2, rows, 2}, scales)};
}
std::vector<float> values(qeval::index rows, qeval::index expert) {
    constexpr float    e2m1[] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
    std::vector<float> all;
    for (qeval::index b = expert * rows * 2; b < (expert + 1) * rows * 2; ++b) {
        for (int i = 0; i < 32; ++i) {
            auto const byte = static_cast<std::uint8_t>(b * 31 + i / 2 * 17 + 5);
            int const  code = i % 2 == 0 ? byte & 15 : byte >> 4;
            all.push_back(std::ldexp(e2m1[code & 7] * (code < 8 ? 1.0f : -1.0f), static_cast<int>(120 + b % 16) - 127));
        }
    }
    return all;
}

} // namespace

TEST_CASE("the blocks of every expert are its matrix, whether or not their scales were split") {
    for (qeval::index const rows : {3, 200}) {
        quantized_checkpoint const read(formats, config_of, tensors(rows));
        CHECK(read.source().tensors().size() == 2);
        for (qeval::index const e : {0, 1}) {
            std::string const name = "a.gate_up_proj." + std::to_string(e) + ".weight";
            CHECK(read.matrix(name).shape == std::vector<qeval::index>{rows, 64});
            CHECK(read.values(name) == values(rows, e));
        }
    }
}

TEST_CASE("blocks without scales, of another shape or with an exponent that is no number are refused") {
    auto spoiled = tensors(3);
    spoiled.pop_back();
    refused_checkpoint(formats, config_of, spoiled,
                       {"CF02", "gate_up_proj_scales", "no such tensor", "the other parts"});
    spoiled          = tensors(3);
    spoiled[1].shape = {2, 2, 3};
    refused_checkpoint(formats, config_of, spoiled, {"CF02", "gate_up_proj_scales", "[2, 2, 3]", "[2, 3, 2]"});
    spoiled          = tensors(3);
    spoiled[0].shape = {2, 3, 4, 8};
    refused_checkpoint(formats, config_of, spoiled, {"CF02", "gate_up_proj_blocks", "[2, 3, 4, 8]", "16]"});
    spoiled             = tensors(3);
    spoiled[1].bytes[1] = '\xff';
    refused_checkpoint(formats, config_of, spoiled, {"ST32", "gate_up_proj_scales\", block 1", "255", "0 to 254"});
}
