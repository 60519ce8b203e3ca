// What GPTQ's own libraries write is read in method/golden_test.cpp; here is what is refused, and the matrix by hand.
// Also tests bit_stream.hpp, gptq_modules.hpp, gptq_words.hpp, group_order.hpp, integer_planes.hpp, scale_numbers.hpp
// and stored_parts.hpp.
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/scheme/method/gptq.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/stored_tensors.hpp"

namespace {

using namespace qeval_test;
using some = qeval::format_list<qeval::int2, qeval::int3, qeval::int4, qeval::int8_asym>;

constexpr qeval::index rows = 32, cols = 64;

int code_of(qeval::index r, qeval::index c, int bits) {
    return static_cast<int>((5 * r + 3 * c + r * c) % (1 << bits));
}
int   zero_of(qeval::index r, qeval::index g, int bits) { return 1 + static_cast<int>((r + g) % ((1 << bits) - 1)); }
float scale_of(qeval::index r, qeval::index g) { return 0.5f + 0.25f * static_cast<float>(r) + static_cast<float>(g); }

// `count` numbers of `bits` bits, low bits first, in 32-bit words, as numpy's packbits with bitorder little gives them.
std::vector<std::uint32_t> words_of(qeval::index count, int bits, std::function<int(qeval::index)> const& number) {
    std::vector<std::uint32_t> words(static_cast<std::size_t>(count * bits / 32));
    for (qeval::index bit = 0; bit < count * bits; ++bit) {
        auto const one = static_cast<std::uint32_t>(number(bit / bits) >> bit % bits & 1);
        words[static_cast<std::size_t>(bit / 32)] |= one << bit % 32;
    }
    return words;
}
struct checkpoint_of {
    int                                       bits  = 4;
    qeval::index                              group = 32;
    bool                                      v2    = false;
    std::function<qeval::index(qeval::index)> group_of; // empty: no g_idx

    [[nodiscard]] std::string config(std::string const& more = "") const {
        return R"({"quant_method":"gptq","bits":)" + std::to_string(bits) + R"(,"group_size":)" +
               std::to_string(group) + (v2 ? R"(,"checkpoint_format":"gptq_v2")" : "") + more + "}";
    }
    [[nodiscard]] std::vector<stored_tensor> tensors() const {
        qeval::index const         size = group < 0 ? cols : group, groups = cols / size;
        std::vector<std::uint32_t> codes(static_cast<std::size_t>(cols * bits / 32 * rows)), zeros;
        for (qeval::index r = 0; r < rows; ++r) {
            auto const column = words_of(cols, bits, [&](qeval::index i) { return code_of(r, i, bits); });
            for (std::size_t w = 0; w < column.size(); ++w) codes[w * rows + static_cast<std::size_t>(r)] = column[w];
        }
        std::vector<float> scales;
        for (qeval::index g = 0; g < groups; ++g) {
            auto const line = words_of(rows, bits, [&](qeval::index r) { return zero_of(r, g, bits) - (v2 ? 0 : 1); });
            zeros.insert(zeros.end(), line.begin(), line.end());
            for (qeval::index r = 0; r < rows; ++r) scales.push_back(scale_of(r, g));
        }
        std::vector<stored_tensor> all = {stored("a.qweight", "I32", {cols * bits / 32, rows}, codes),
                                          stored("a.qzeros", "I32", {groups, rows * bits / 32}, zeros),
                                          stored("a.scales", "F16", {groups, rows}, halves(scales))};
        if (group_of) {
            std::vector<std::int32_t> g_idx;
            for (qeval::index i = 0; i < cols; ++i) g_idx.push_back(static_cast<std::int32_t>(group_of(i)));
            all.push_back(stored("a.g_idx", "I32", {cols}, g_idx));
        }
        return all;
    }
    [[nodiscard]] std::vector<float> values() const {
        std::vector<float> all;
        for (qeval::index r = 0; r < rows; ++r) {
            for (qeval::index c = 0; c < cols; ++c) {
                qeval::index const g = group < 0 ? 0 : group_of ? group_of(c) : c / group;
                all.push_back(scale_of(r, g) * static_cast<float>(code_of(r, c, bits) - zero_of(r, g, bits)));
            }
        }
        return all;
    }
};
auto const formats = qeval::table_of<some>();

void refused(checkpoint_of const& c, std::function<void(std::vector<stored_tensor>&)> const& spoil,
             refusal const& wanted, std::string const& more = "") {
    auto tensors = c.tensors();
    spoil(tensors);
    refused_checkpoint(formats, c.config(more), tensors, wanted);
}
auto const nothing = [](std::vector<stored_tensor>&) {};

} // namespace

TEST_CASE("codes, zero points and scales of every width, version and group size are those of the file") {
    for (int const bits : {2, 3, 4, 8}) {
        for (qeval::index const group : {qeval::index{32}, qeval::index{64}, qeval::index{-1}}) {
            for (bool const v2 : {false, true}) {
                checkpoint_of const        c{bits, group, v2, {}};
                quantized_checkpoint const read(formats, c.config(), c.tensors());
                CHECK(read.matrix("a.weight").shape == std::vector<qeval::index>{rows, cols});
                CHECK(read.source().tensors().size() == 1);
                CHECK(read.packed("a.weight")->order() == nullptr);
                CHECK(read.values("a.weight") == c.values());
            }
        }
    }
}

TEST_CASE("with act-order a column belongs to the group that g_idx says, and stands where it stood") {
    for (int const bits : {3, 4, 8}) {
        checkpoint_of const        c{bits, 32, false, [](qeval::index i) { return i * 5 % 64 / 32; }};
        quantized_checkpoint const read(formats, c.config(R"(,"desc_act":true)"), c.tensors());
        CHECK(read.packed("a.weight")->order() != nullptr);
        CHECK(read.values("a.weight") == c.values());
    }
}

TEST_CASE("a configuration that is not understood is refused where it stands") {
    checkpoint_of const good;
    for (std::string const bits : {"1", "5", "16"}) {
        checkpoint_of c;
        refused_checkpoint(formats, R"({"quant_method":"gptq","bits":)" + bits + R"(,"group_size":32})", c.tensors(),
                           {"CF03", "quantization_config.bits", bits, "2, 3, 4 or 8"});
    }
    refused_checkpoint(formats, R"({"quant_method":"gptq","bits":4,"group_size":0})", good.tensors(),
                       {"CF04", "quantization_config.group_size", "0", "-1, or"});
    refused_checkpoint(formats, R"({"quant_method":"gptq","bits":4,"group_size":48})", good.tensors(),
                       {"CF04", "quantization_config.group_size", "48", "a divisor of the 64 columns"});
    refused(good, nothing, {"CF03", "checkpoint_format", "marlin", "gptq_v2"}, R"(,"checkpoint_format":"marlin")");
    refused(good, nothing, {"CF03", "is_marlin_format", "true", "false"}, R"(,"is_marlin_format":true)");
    refused(good, nothing, {"CF03", "dynamic.", "5", "2, 3, 4 or 8"}, R"(,"dynamic":{"+:a":{"bits":5}})");
    refused(good, nothing, {"CF04", "dynamic.", "0", "-1, or"}, R"(,"dynamic":{"a":{"group_size":0}})");
    refused(good, nothing, {"CF03", "dynamic.", "gptq_v2", "nothing", "several layouts"},
            R"(,"dynamic":{"a":{"checkpoint_format":"gptq_v2"}})");
    refused_checkpoint(formats, R"({"quant_method":"gptq","bits":9,"group_size":32,"checkpoint_format":"gptq_p"})",
                       good.tensors(), {"CF03", "bits", "9", "2 to 8"});
}

TEST_CASE("a module that rules set apart has the width and groups that its own parts show, if a rule promises them") {
    for (auto const& [bits, group] : {std::pair{8, qeval::index{32}}, {3, qeval::index{-1}}, {4, qeval::index{64}}}) {
        checkpoint_of const c{bits, group, false, {}};
        std::string const   base = R"({"quant_method":"gptq","bits":4,"group_size":32,"dynamic":)";
        std::string const   rule =
            R"({"-:b":{},"+:.*":{"bits":)" + std::to_string(bits) + R"(,"group_size":)" + std::to_string(group) + "}}}";
        CHECK(quantized_checkpoint(formats, base + rule, c.tensors()).values("a.weight") == c.values());
        refused_checkpoint(formats, base + R"({"+:.*":{"bits":2}}})", c.tensors(),
                           {"CF03", "quantization_config.dynamic", "no rule of modules whose codes have shape",
                            "tensor \"a.qweight\""});
    }
    checkpoint_of const  all;
    quantized_checkpoint read(formats, all.config(R"(,"dynamic":{"+:b":{"bits":8}},"static_groups":true)"),
                              all.tensors());
    CHECK(read.values("a.weight") == all.values());
}

TEST_CASE("parts that are missing, of another shape or type, or too many are refused by name") {
    using all = std::vector<stored_tensor>;
    checkpoint_of const good{4, 32, false, [](qeval::index i) { return i / 32; }};
    refused(good, [](all& t) { t.erase(t.begin() + 1); }, {"CF02", "a.qzeros", "no such tensor", "the other parts"});
    refused(good, [](all& t) { t[2].shape = {1, 64}; }, {"CF02", "a.scales", "[1, 64]", "[2, 32]"});
    refused(good, [](all& t) { t[2].dtype = "I16"; }, {"CF03", "a.scales", "I16", "F16 or BF16"});
    refused(good,
            [](all& t) {
                t[0].shape = {64, 4};
                t[0].dtype = "I32";
            },
            {"CF02", "a.qweight", "[64, 4]", "whole words"});
    refused(good, [](all& t) { t.push_back(stored("a.weight", "F16", {1}, halves({1}))); },
            {"CF02", "a.weight", "a tensor", "none"});
}

TEST_CASE("numbers that no quantizer writes are refused where they stand") {
    using all = std::vector<stored_tensor>;
    checkpoint_of const good{4, 32, false, [](qeval::index i) { return i / 32; }};
    auto const          scale = [](float s) {
        return [s](all& t) {
            auto const h = qeval::f16::from(s);
            std::memcpy(t[2].bytes.data() + 2 * 33, &h, 2);
        };
    };
    refused(good, scale(std::numeric_limits<float>::infinity()), {"ST32", "a.scales\"[33]", "inf", "finite"});
    refused(good, scale(std::numeric_limits<float>::quiet_NaN()), {"ST32", "a.scales\"[33]", "nan", "finite"});
    refused(good, scale(0), {"ST32", "a.scales\"[33]", "0.0", "not zero"});
    refused(good, [](all& t) { t[3].bytes[0] = 2; }, {"CF03", "a.g_idx\"[0]", "2", "0 to 1"});
    refused(good, [](all& t) { t[3].bytes[3] = '\x80'; }, {"CF03", "a.g_idx\"[0]", "-2147483648", "0 to 1"});
    refused(good, [](all& t) { t[3].bytes[0] = 1; }, {"CF03", "a.g_idx", "31 columns in group 0", "32"});
}
