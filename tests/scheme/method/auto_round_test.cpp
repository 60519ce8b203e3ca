// What auto-round itself writes is read in method/golden_test.cpp; here is which layout its words mean, and what is
// refused.
#include <cstdint>
#include <string>
#include <vector>

#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/scheme/method/auto_round.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/stored_tensors.hpp"

namespace {

using namespace qeval_test;
using some         = qeval::format_list<qeval::int2, qeval::int3, qeval::int4, qeval::int8_asym>;
auto const formats = qeval::table_of<some>();

// 32 x 32, all codes 3, zero points stored as 1, scales 1, in GPTQ's layout; AWQ's of such equal fields is the same.
std::vector<stored_tensor> tensors(bool awq = false) {
    std::vector<std::uint32_t> const codes(128, 0x33333333), zeros(4, 0x11111111);
    auto const                       shape = awq ? std::vector<qeval::index>{32, 4} : std::vector<qeval::index>{4, 32};
    return {stored("a.qweight", "I32", shape, codes), stored("a.qzeros", "I32", {1, 4}, zeros),
            stored("a.scales", "F16", {1, 32}, halves(std::vector<float>(32, 1)))};
}
std::string config_of(std::string const& more, int bits = 4, int group = 32) {
    return R"({"quant_method":"auto-round","bits":)" + std::to_string(bits) + R"(,"group_size":)" +
           std::to_string(group) + (more.empty() ? "" : ",") + more + "}";
}
void refused(std::string const& more, refusal const& wanted) {
    refused_checkpoint(formats, config_of(more), tensors(), wanted);
}

} // namespace

TEST_CASE("packing_format says whose layout it is; none is GPTQ's first") {
    auto const value = [](std::string const& format, bool awq = false) {
        auto const more = format.empty() ? "" : R"("data_type":"int","packing_format":")" + format + "\"";
        auto const all  = quantized_checkpoint(formats, config_of(more), tensors(awq)).values("a.weight");
        CHECK(all == std::vector<float>(32 * 32, all.front()));
        return all.front();
    };
    CHECK(value("") == 1); // 3 - (1 + 1)
    CHECK(value("auto_round:auto_gptq") == 1);
    CHECK(value("auto_round") == 2);
    CHECK(value("auto_round:gptqmodel") == 2);
    CHECK(value("auto_round:auto_awq", true) == 2);
    auto old = config_of("");
    old.replace(old.find("auto-round"), 10, "intel/auto-round");
    CHECK(quantized_checkpoint(formats, old, tensors()).values("a.weight").front() == 1);
}

TEST_CASE("modules of which extra_config speaks have other numbers, or are left alone") {
    auto const rules = [](std::string const& rule) { return R"("extra_config":{"a":)" + rule + "}"; };
    auto const read  = [&](std::string const& rule, int bits, int group) {
        return quantized_checkpoint(formats, config_of(rules(rule), bits, group), tensors()).values("a.weight").front();
    };
    CHECK(read(R"({"bits":16})", 4, 32) == 1);
    CHECK(read(R"({"bits":4})", 8, -1) == 1);
    CHECK(read(R"({"group_size":32,"data_type":"int","act_bits":16})", 4, 16) == 1);
    refused(rules(R"({"bits":5})"), {"CF03", "extra_config.a.bits", "5", "2, 3, 4 or 8"});
    refused(rules(R"({"bits":4,"act_bits":8})"), {"CF03", "extra_config.a.act_bits", "8", "16 bits"});
    refused(rules(R"({"data_type":"mx_fp"})"), {"CF03", "extra_config.a.data_type", "mx_fp", "\"int\""});
    refused_checkpoint(formats, config_of(rules(R"({"bits":8})"), 2), tensors(),
                       {"CF03", "quantization_config.extra_config", "no rule of modules", "a.qweight"});
    refused(R"("packing_format":"auto_round:auto_awq",)" + rules(R"({"group_size":64})"),
            {"CF03", "extra_config.a.group_size", "64", "32, as of all modules", "AWQ"});
}

TEST_CASE("what AutoRound stores in layouts of its own is refused by name") {
    refused(R"("data_type":"nv_fp")", {"CF03", "quantization_config.data_type", "nv_fp", "\"int\""});
    refused(R"("act_bits":8)", {"CF03", "quantization_config.act_bits", "8", "16"});
    refused(R"("packing_format":"auto_round:llm_compressor")",
            {"CF03", "packing_format", "llm_compressor", "\"auto_round:auto_gptq\", \"auto_round\"", "exported"});
    refused_checkpoint(formats, config_of("", 5), tensors(), {"CF03", "quantization_config.bits", "5", "2, 3, 4 or 8"});
    refused_checkpoint(formats, config_of("", 4, 0), tensors(), {"CF04", "quantization_config.group_size", "0", "-1"});
    auto spoiled = tensors();
    spoiled.pop_back();
    refused_checkpoint(formats, config_of(""), spoiled, {"CF02", "a.scales", "no such tensor", "the other parts"});
}
