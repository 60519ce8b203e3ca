// What compressed-tensors writes is read in method/golden_test.cpp; here is what is refused, and matrices by hand.
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <qeval/format/catalog/fp8.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/scheme/method/compressed_tensors.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/stored_tensors.hpp"

namespace {

using namespace qeval_test;
using some = qeval::format_list<qeval::int3_sym, qeval::int4, qeval::int4_sym, qeval::int8_sym, qeval::int8_asym,
                                qeval::fp8_e4m3>;
auto const formats = qeval::table_of<some>();

constexpr qeval::index rows = 16, cols = 64;

std::string weights(int bits, std::string const& strategy, bool symmetric = true, std::string const& type = "int") {
    std::string const size = strategy == "group"   ? R"(,"group_size":32)"
                             : strategy == "block" ? R"(,"block_structure":[8,32])"
                                                   : "";
    return R"({"num_bits":)" + std::to_string(bits) + R"(,"type":")" + type + R"(","strategy":")" + strategy +
           R"(","symmetric":)" + (symmetric ? "true" : "false") + R"(,"dynamic":false)" + size + "}";
}
std::string config_of(std::string const& group_weights, std::string const& input = "null",
                      std::string const& more = "") {
    return R"({"quant_method":"compressed-tensors","format":"pack-quantized","config_groups":{"group_0":)"
           R"({"targets":["Linear"],"weights":)" +
           group_weights + R"(,"input_activations":)" + input + R"(,"output_activations":null}},"ignore":["lm_head"])" +
           more + "}";
}
int code_of(qeval::index r, qeval::index c, int bits) {
    return static_cast<int>((5 * r + 3 * c + r * c) % (1 << bits));
}
int   zero_of(qeval::index r, qeval::index g) { return static_cast<int>((3 * r + g) % 16); }
float scale_of(qeval::index r, qeval::index g) { return 0.5f + 0.25f * static_cast<float>(r) + static_cast<float>(g); }

// Numbers one behind the other, or `room` to a word.
std::vector<std::uint32_t> words_of(qeval::index count, int bits, qeval::index room,
                                    std::function<int(qeval::index)> const& number) {
    std::vector<std::uint32_t> words;
    for (qeval::index i = 0; i < count; ++i) {
        for (int b = 0; b < bits; ++b) {
            auto const at = static_cast<std::size_t>(room > 0 ? i / room * 32 + i % room * bits + b : i * bits + b);
            words.resize(std::max(words.size(), at / 32 + 1));
            words[at / 32] |= static_cast<std::uint32_t>(number(i) >> b & 1) << at % 32;
        }
    }
    return words;
}
std::vector<float> scales(qeval::index groups) {
    std::vector<float> all;
    for (qeval::index r = 0; r < rows; ++r) {
        for (qeval::index g = 0; g < groups; ++g) all.push_back(scale_of(r, g));
    }
    return all;
}
std::vector<stored_tensor> packed(int bits, qeval::index groups, bool zeros = false, qeval::index room = 0) {
    std::vector<std::uint32_t> codes;
    for (qeval::index r = 0; r < rows; ++r) {
        auto const line = words_of(cols, bits, room, [&](qeval::index c) { return code_of(r, c, bits); });
        codes.insert(codes.end(), line.begin(), line.end());
    }
    std::vector<stored_tensor> all = {
        stored("a.weight_packed", "I32", {rows, qeval::index(codes.size()) / rows}, codes),
        stored("a.weight_scale", "F16", {rows, groups}, halves(scales(groups))),
        stored("a.weight_shape", "I64", {2}, std::vector<std::int64_t>{rows, cols})};
    if (zeros) {
        std::vector<std::uint32_t> lines(static_cast<std::size_t>(rows * bits / 32 * groups));
        for (qeval::index g = 0; g < groups; ++g) {
            auto const column = words_of(rows, bits, 0, [&](qeval::index r) { return zero_of(r, g); });
            for (std::size_t w = 0; w < column.size(); ++w)
                lines[w * static_cast<std::size_t>(groups) + static_cast<std::size_t>(g)] = column[w];
        }
        all.push_back(stored("a.weight_zero_point", "I32", {rows * bits / 32, groups}, lines));
    }
    return all;
}
std::vector<float> values(int bits, qeval::index groups, bool zeros = false) {
    std::vector<float> all;
    for (qeval::index r = 0; r < rows; ++r) {
        for (qeval::index c = 0; c < cols; ++c) {
            qeval::index const g = c * groups / cols;
            all.push_back(scale_of(r, g) *
                          static_cast<float>(code_of(r, c, bits) - (zeros ? zero_of(r, g) : 1 << (bits - 1))));
        }
    }
    return all;
}
std::vector<stored_tensor> plain(std::string const& type, std::vector<qeval::index> const& scale_shape,
                                 std::string const& scale_type = "BF16") {
    std::vector<std::int8_t> codes;
    for (qeval::index i = 0; i < rows * cols; ++i) codes.push_back(static_cast<std::int8_t>(i % 120));
    qeval::index count = 1;
    for (auto const d : scale_shape) count *= d;
    std::vector<qeval::bf16> numbers;
    for (qeval::index i = 0; i < count; ++i) numbers.push_back(qeval::bf16::from(0.5f + static_cast<float>(i)));
    return {stored("a.weight", type, {rows, cols}, codes), stored("a.weight_scale", scale_type, scale_shape, numbers)};
}

} // namespace

TEST_CASE("packed codes of every width and strategy are those of the file, symmetric or with zero points") {
    struct one {
        int          bits;
        char const*  strategy;
        qeval::index groups, room;
        bool         zeros;
        char const*  format;
    };
    for (one const& o : {one{4, "group", 2, 0, false, "int4:g32:sym"}, one{4, "group", 2, 0, true, "int4:g32"},
                         one{4, "channel", 1, 0, false, "int4:channel:sym"},
                         one{8, "group", 2, 0, false, "int8:g32:sym"}, one{8, "channel", 1, 0, false, "int8:sym"},
                         one{3, "group", 2, 0, false, "int3:g32:sym"}, one{3, "group", 2, 10, false, "int3:g32:sym"}}) {
        auto const                 tensors = packed(o.bits, o.groups, o.zeros, o.room);
        quantized_checkpoint const read(formats, config_of(weights(o.bits, o.strategy, !o.zeros)), tensors);
        CHECK(read.source().tensors().size() == 1);
        CHECK(qeval::same_name(read.packed("a.weight")->format(), o.format));
        CHECK(read.values("a.weight") == values(o.bits, o.groups, o.zeros));
        CHECK(read.matrix("a.weight").input.empty());
    }
}

TEST_CASE("the group of each input may be said, and columns stand where they stood") {
    auto                      tensors = packed(4, 2);
    std::vector<std::int32_t> g_idx;
    for (qeval::index i = 0; i < cols; ++i) g_idx.push_back(static_cast<std::int32_t>(i * 5 % 64 / 32));
    tensors.push_back(stored("a.weight_g_idx", "I32", {cols}, g_idx));
    std::vector<float> wanted;
    for (qeval::index r = 0; r < rows; ++r) {
        for (qeval::index c = 0; c < cols; ++c)
            wanted.push_back(scale_of(r, g_idx[static_cast<std::size_t>(c)]) *
                             static_cast<float>(code_of(r, c, 4) - 8));
    }
    CHECK(quantized_checkpoint(formats, config_of(weights(4, "group")), tensors).values("a.weight") == wanted);
}

TEST_CASE("bytes and floats have the scales of the tensor, of channels, groups or blocks") {
    struct one {
        std::string               type, strategy, format;
        std::vector<qeval::index> shape;
    };
    for (one const& o :
         {one{"F8_E4M3", "tensor", "fp8_e4m3:tensor", {1}}, one{"F8_E4M3", "channel", "fp8_e4m3", {rows, 1}},
          one{"F8_E4M3", "block", "fp8_e4m3:8x32", {2, 2}}, one{"I8", "channel", "int8:sym", {rows, 1}},
          one{"I8", "group", "int8:g32:sym", {rows, 2}}, one{"I8", "tensor", "int8:tensor:sym", {}}}) {
        bool const                 floats = o.type != "I8";
        quantized_checkpoint const read(formats, config_of(weights(8, o.strategy, true, floats ? "float" : "int")),
                                        plain(o.type, o.shape));
        CHECK(qeval::same_name(read.packed("a.weight")->format(), o.format));
        auto const         found  = read.values("a.weight");
        qeval::index const across = o.shape.size() == 2 ? o.shape[1] : 1, down = o.shape.size() == 2 ? o.shape[0] : 1;
        bool               all = true;
        for (qeval::index r = 0; r < rows; ++r) {
            for (qeval::index c = 0; c < cols; ++c) {
                auto const  code  = static_cast<std::uint8_t>((r * cols + c) % 120);
                float const level = floats ? qeval::e4m3{code}.to_float() : static_cast<float>(code);
                float const scale = 0.5f + static_cast<float>(r * down / rows * across + c * across / cols);
                all               = all && found[static_cast<std::size_t>(r * cols + c)] == scale * level;
            }
        }
        CHECK(all);
    }
}

TEST_CASE("inputs that are rounded token by token are prescribed, others are refused by name") {
    auto const input = [](std::string const& type, std::string const& rest) {
        return R"({"num_bits":8,"type":")" + type + R"(","symmetric":true,)" + rest + "}";
    };
    std::string const token = R"("strategy":"token","dynamic":true)";
    CHECK(quantized_checkpoint(formats, config_of(weights(8, "channel"), input("int", token)), plain("I8", {rows, 1}))
              .matrix("a.weight")
              .input == "int8:255");
    CHECK(quantized_checkpoint(formats, config_of(weights(8, "channel", true, "float"), input("float", token)),
                               plain("F8_E4M3", {rows, 1}))
              .matrix("a.weight")
              .input == "fp8");
    auto const refused = [&](std::string const& rest, refusal const& wanted) {
        refused_checkpoint(formats, config_of(weights(8, "channel"), input("int", rest)), plain("I8", {rows, 1}),
                           wanted);
    };
    refused(R"("strategy":"tensor","dynamic":false)", {"CF03", "input_activations.dynamic", "false", "true"});
    refused(R"("strategy":"tensor","dynamic":true)", {"CF03", "input_activations.strategy", "tensor", "token"});
}

TEST_CASE("a compressed-tensors configuration that is not understood, or that the file contradicts, is refused") {
    auto const refused = [](std::string const& config, std::vector<stored_tensor> const& tensors,
                            refusal const& wanted) { refused_checkpoint(formats, config, tensors, wanted); };
    auto const good    = packed(4, 2);
    refused(config_of(weights(5, "group")), good, {"CF03", "weights.num_bits", "5", "2, 3, 4 or 8"});
    refused(config_of(weights(4, "group", true, "float")), good, {"CF03", "weights.num_bits", "4", "8, for floats"});
    refused(config_of(weights(4, "row")), good, {"CF03", "weights.strategy", "row", "group"});
    refused(config_of(weights(8, "group")), good, {"CF03", "config_groups", "shape [16, 8]", "a.weight_packed"});
    refused(config_of(weights(4, "channel")), good,
            {"CF03", "config_groups", "scales of shape [16, 2]", "a.weight_packed"});
    refused(config_of(weights(4, "group", false)), good, {"CF03", "config_groups", "no group", "a.weight_packed"});
    refused(config_of(weights(4, "group"), "null", R"(,"kv_cache_scheme":{"num_bits":8})"), good,
            {"CF03", "kv_cache_scheme", "an object", "nothing"});
    refused(config_of(weights(4, "group"), "null", R"(,"sparsity_config":{"format":"sparse-24-bitmask"})"), good,
            {"CF03", "sparsity_config", "an object", "nothing"});
    CHECK(quantized_checkpoint(
              formats,
              config_of(weights(4, "group"), "null", R"(,"sparsity_config":{"format":"dense"},"kv_cache_scheme":null)"),
              good)
              .source()
              .tensors()
              .size() == 1);
}

TEST_CASE("parts of a compressed matrix that are missing, of another shape, or no numbers are refused by name") {
    auto const refused = [](std::function<void(std::vector<stored_tensor>&)> const& spoil, refusal const& wanted) {
        auto tensors = packed(4, 2, true);
        spoil(tensors);
        refused_checkpoint(formats, config_of(weights(4, "group", false)), tensors, wanted);
    };
    using all = std::vector<stored_tensor>;
    refused([](all& t) { t.erase(t.begin() + 2); }, {"CF02", "a.weight_shape", "no such tensor", "the other parts"});
    refused([](all& t) { t.erase(t.begin() + 1); }, {"CF02", "a.weight_scale", "no such tensor", "the other parts"});
    refused([](all& t) { t[2].bytes[0] = 17; }, {"CF02", "a.weight_packed", "[16, 8]", "[17, 64]"});
    refused([](all& t) { t[2].bytes[8] = 0; }, {"CF02", "a.weight_packed", "[16, 8]", "[16, 0]"});
    refused([](all& t) { t[3].shape = {4, 1}; }, {"CF02", "a.weight_zero_point", "[4, 1]", "[2, 2]"});
    refused(
        [](all& t) {
            auto const nan = qeval::f16::from(std::numeric_limits<float>::quiet_NaN());
            std::memcpy(t[1].bytes.data() + 6, &nan, 2);
        },
        {"ST32", "a.weight_scale\"[3]", "nan", "finite"});
}
