// What compressed-tensors writes is read in method/golden_test.cpp; here is what is refused, and matrices by hand.
// Also tests compressed_tensors/cache_scheme.hpp, compressed_tensors/config_groups.hpp,
// compressed_tensors/input_promise.hpp, compressed_tensors/layouts.hpp, compressed_tensors/mx_quantized.hpp,
// compressed_tensors/naive_quantized.hpp, compressed_tensors/nvfp4_pack_quantized.hpp,
// compressed_tensors/pack_quantized.hpp, compressed_tensors/sparse_24_bitmask.hpp, compressed_tensors/weight_rule.hpp
// and mx_blocks.hpp.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/fp8.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/format/catalog/mxfp4.hpp>
#include <qeval/format/catalog/mxfp8.hpp>
#include <qeval/scheme/method/compressed_tensors.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/stored_tensors.hpp"

namespace {

using namespace qeval_test;
using some =
    qeval::format_list<qeval::dense_bf16, qeval::int3_sym, qeval::int4, qeval::int4_sym, qeval::int5_sym, qeval::int6,
                       qeval::int8_sym, qeval::int8_asym, qeval::fp8_e4m3, qeval::mxfp4, qeval::mxfp8_e4m3>;
auto const formats = qeval::table_of<some>();

constexpr qeval::index rows = 16, cols = 64;

std::string weights(int bits, std::string const& strategy, bool symmetric = true, std::string const& type = "int") {
    std::string const size = strategy == "group"   ? R"(,"group_size":32)"
                             : strategy == "block" ? R"(,"block_structure":[8,32])"
                                                   : "";
    return R"({"num_bits":)" + std::to_string(bits) + R"(,"type":")" + type + R"(","strategy":")" + strategy +
           R"(","symmetric":)" + (symmetric ? "true" : "false") + R"(,"dynamic":false)" + size + "}";
}
// A group of its own layout; `targets`: JSON.
std::string group_of(std::string const& format, std::string const& group_weights, std::string const& input = "null",
                     std::string const& targets = R"(["Linear"])") {
    return R"({"targets":)" + targets + R"(,"format":")" + format + R"(","weights":)" + group_weights +
           R"(,"input_activations":)" + input + R"(,"output_activations":null})";
}
std::string config_of(std::vector<std::string> const& groups, std::string const& more = "") {
    std::string all;
    for (std::size_t i = 0; i < groups.size(); ++i)
        all += (i > 0 ? R"(,"group_)" : R"("group_)") + std::to_string(i) + R"(":)" + groups[i];
    return R"({"quant_method":"compressed-tensors","format":"mixed-precision","config_groups":{)" + all +
           R"(},"ignore":["lm_head"])" + more + "}";
}
std::string packed_config(std::string const& group_weights, std::string const& more = "") {
    return config_of({group_of("pack-quantized", group_weights)}, more);
}
std::string plain_config(std::string const& group_weights, std::string const& input = "null") {
    return config_of({group_of("naive-quantized", group_weights, input)});
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
        std::vector<std::uint32_t> lines(static_cast<std::size_t>((rows * bits + 31) / 32 * groups));
        for (qeval::index g = 0; g < groups; ++g) {
            auto const column = words_of(rows, bits, 0, [&](qeval::index r) { return zero_of(r, g); });
            for (std::size_t w = 0; w < column.size(); ++w)
                lines[w * static_cast<std::size_t>(groups) + static_cast<std::size_t>(g)] = column[w];
        }
        all.push_back(stored("a.weight_zero_point", "I32", {(rows * bits + 31) / 32, groups}, lines));
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
                         one{5, "group", 2, 0, false, "int5:g32:sym"}, one{6, "group", 2, 0, true, "int6:g32"},
                         one{7, "group", 2, 0, false, "int8:g32:sym"}, one{7, "channel", 1, 0, true, "int8:asym"},
                         one{8, "group", 2, 0, false, "int8:g32:sym"}, one{8, "channel", 1, 0, false, "int8:sym"},
                         one{3, "group", 2, 0, false, "int3:g32:sym"}, one{3, "group", 2, 10, false, "int3:g32:sym"}}) {
        INFO(o.bits << " bits, " << o.strategy << ", zeros " << o.zeros);
        auto const                 tensors = packed(o.bits, o.groups, o.zeros, o.room);
        quantized_checkpoint const read(formats, packed_config(weights(o.bits, o.strategy, !o.zeros)), tensors);
        CHECK(read.source().tensors().size() == 1);
        CHECK(qeval::same_name(read.packed("a.weight")->format(), o.format));
        CHECK(read.values("a.weight") == values(o.bits, o.groups, o.zeros));
        CHECK(read.matrix("a.weight").input == nullptr);
    }
}

TEST_CASE("scales of 32 bits keep their values, whatever the width of the codes") {
    for (int const bits : {3, 4, 8}) {
        auto  tensors = packed(bits, 2);
        auto  numbers = scales(2);
        auto  wanted  = values(bits, 2);
        float most    = 1.0f + 1e-7f;
        for (auto& s : numbers) s *= most;
        tensors[1] = stored("a.weight_scale", "F32", {rows, 2}, numbers);
        for (qeval::index r = 0; r < rows; ++r) {
            for (qeval::index c = 0; c < cols; ++c)
                wanted[static_cast<std::size_t>(r * cols + c)] =
                    scale_of(r, c / 32) * most * static_cast<float>(code_of(r, c, bits) - (1 << (bits - 1)));
        }
        quantized_checkpoint const read(formats, packed_config(weights(bits, "group")), tensors);
        CHECK(qeval::same_name(read.packed("a.weight")->format(), "int8:g32:sym"));
        CHECK(read.values("a.weight") == wanted);
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
    CHECK(quantized_checkpoint(formats, packed_config(weights(4, "group")), tensors).values("a.weight") == wanted);
    tensors.back().bytes[4] = 2;
    refused_checkpoint(formats, packed_config(weights(4, "group")), tensors,
                       {"CF03", "a.weight_g_idx\"[1]", "2", "0 to 1"});
}

TEST_CASE("bytes and floats have the scales of the tensor, of channels, groups or blocks") {
    struct one {
        std::string               type, strategy, format;
        std::vector<qeval::index> shape;
        int                       bits = 8;
    };
    for (one const& o :
         {one{"F8_E4M3", "tensor", "fp8_e4m3:tensor", {1}}, one{"F8_E4M3", "channel", "fp8_e4m3", {rows, 1}},
          one{"F8_E4M3", "block", "fp8_e4m3:8x32", {2, 2}}, one{"I8", "channel", "int8:sym", {rows, 1}},
          one{"I8", "group", "int8:g32:sym", {rows, 2}}, one{"I8", "tensor", "int8:tensor:sym", {}},
          one{"I8", "group", "int8:g32:sym", {rows, 2}, 4}}) {
        bool const                 floats = o.type != "I8";
        quantized_checkpoint const read(
            formats, plain_config(weights(o.bits, o.strategy, true, floats ? "float" : "int")), plain(o.type, o.shape));
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

TEST_CASE("OCP's formats have an exponent for 32 weights of a row") {
    std::vector<std::uint8_t> codes, bytes, exponents;
    for (qeval::index i = 0; i < rows * cols / 2; ++i) codes.push_back(static_cast<std::uint8_t>(i * 37 + i / 16));
    for (qeval::index i = 0; i < rows * cols; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 5 % 120));
    for (qeval::index i = 0; i < rows * 2; ++i) exponents.push_back(static_cast<std::uint8_t>(110 + i));
    auto const scale  = stored("a.weight_scale", "U8", {rows, 2}, exponents);
    auto const nibble = [&](qeval::index i) { return codes[static_cast<std::size_t>(i / 2)] >> 4 * (i % 2) & 15; };
    std::vector<stored_tensor> const four  = {stored("a.weight_packed", "U8", {rows, cols / 2}, codes), scale},
                                     eight = {stored("a.weight", "F8_E4M3", {rows, cols}, bytes), scale};
    std::vector<float> fours, eights;
    for (qeval::index i = 0; i < rows * cols; ++i) {
        float const power = std::ldexp(1.0f, static_cast<int>(i / 32) + 110 - 127);
        fours.push_back(power * qeval::e2m1::value(static_cast<unsigned>(nibble(i))));
        eights.push_back(power * qeval::e4m3::value(bytes[static_cast<std::size_t>(i)]));
    }
    auto const mxfp4 = config_of({group_of("mxfp4-pack-quantized", weights(4, "group", true, "float"))});
    auto const mxfp8 = config_of({group_of("mxfp8-quantized", weights(8, "group", true, "float"))});
    CHECK(quantized_checkpoint(formats, mxfp4, four).values("a.weight") == fours);
    CHECK(quantized_checkpoint(formats, mxfp8, eight).values("a.weight") == eights);

    auto const refused = [&](std::string const& config, std::vector<stored_tensor> tensors,
                             std::function<void(std::vector<stored_tensor>&)> const& spoil, refusal const& wanted) {
        spoil(tensors);
        refused_checkpoint(formats, config, tensors, wanted);
    };
    using all = std::vector<stored_tensor>;
    for (auto const& [config, tensors] : {std::pair(mxfp4, four), std::pair(mxfp8, eight)}) {
        refused(config, tensors, [](all& t) { t[1].bytes[3] = '\xff'; },
                {"ST32", "a.weight_scale\", block 3", "255", "0 to 254"});
        refused(config, tensors,
                [](all& t) {
                    t[1].shape = {2, rows};
                },
                {"CF03", "config_groups.group_0", "other weights", "scales of shape [2, 16]"});
        refused(config, tensors, [](all& t) { t[1].dtype = "I8"; }, {"CF03", "a.weight_scale", "I8", "U8"});
    }
    refused(mxfp8, four, [](all&) {}, {"CF02", "a.weight\"", "no such tensor", "the other parts"});
    refused(mxfp4, eight, [](all&) {}, {"CF02", "a.weight_packed", "no such tensor", "the other parts"});
    refused(config_of({group_of("mxfp4-pack-quantized", weights(8, "group", true, "float"))}, ""), four, [](all&) {},
            {"CF03", "config_groups.group_0", "other weights", "a.weight_packed"});
}

TEST_CASE("NVFP4 has a scale of 8 bits for 16 weights, which the number of the tensor divides") {
    std::vector<std::uint8_t> codes, numbers;
    for (qeval::index i = 0; i < rows * cols / 2; ++i) codes.push_back(static_cast<std::uint8_t>(i * 37 + i / 16));
    for (qeval::index i = 0; i < rows * 4; ++i) numbers.push_back(static_cast<std::uint8_t>(1 + i * 2 % 126));
    std::vector<stored_tensor> const good = {stored("a.weight_packed", "U8", {rows, cols / 2}, codes),
                                             stored("a.weight_scale", "F8_E4M3", {rows, 4}, numbers),
                                             stored("a.weight_global_scale", "F32", {1}, std::vector<float>{91.7f})};
    std::vector<float>               wanted;
    for (qeval::index i = 0; i < rows * cols; ++i) {
        auto const  code  = codes[static_cast<std::size_t>(i / 2)] >> 4 * (i % 2) & 15;
        float const scale = qeval::e4m3::value(numbers[static_cast<std::size_t>(i / 16)]) / 91.7f;
        wanted.push_back(qeval::e2m1::value(static_cast<unsigned>(code)) * scale);
    }
    auto const weights_of = [](int bits, int group) {
        return R"({"num_bits":)" + std::to_string(bits) +
               R"(,"type":"float","strategy":"tensor_group","symmetric":true,)" + R"("dynamic":false,"group_size":)" +
               std::to_string(group) + "}";
    };
    auto const input  = R"({"num_bits":4,"type":"float","strategy":"tensor_group","symmetric":true,"dynamic":"local",)"
                        R"("group_size":16,"scale_dtype":"torch.float8_e4m3fn"})";
    auto const config = config_of({group_of("nvfp4-pack-quantized", weights_of(4, 16))});
    auto const both   = config_of({group_of("nvfp4-pack-quantized", weights_of(4, 16), input)});
    CHECK(quantized_checkpoint(formats, config, good).values("a.weight") == wanted);
    auto rounded = good;
    rounded.push_back(stored("a.input_global_scale", "F32", {1}, std::vector<float>{12.5f}));
    quantized_checkpoint const read(formats, both, rounded);
    CHECK(read.values("a.weight") == wanted);
    CHECK(read.matrix("a.weight").input->activation == "nvfp4:stored");
    CHECK(read.matrix("a.weight").input->numbers.scale == 12.5f);

    auto const refused = [&](std::string const& said, std::function<void(std::vector<stored_tensor>&)> const& spoil,
                             refusal const& wanted_error) {
        auto tensors = good;
        spoil(tensors);
        refused_checkpoint(formats, said, tensors, wanted_error);
    };
    using all         = std::vector<stored_tensor>;
    auto const number = [](float n) { return stored("a.weight_global_scale", "F32", {1}, std::vector<float>{n}); };
    refused(both, [](all&) {}, {"CF02", "a.input_global_scale", "no such tensor", "the other parts"});
    refused(config, [](all& t) { t.pop_back(); },
            {"CF02", "a.weight_global_scale", "no such tensor", "the other parts"});
    for (float const bad : {0.0f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
        refused(config, [&](all& t) { t[2] = number(bad); }, {"ST32", "a.weight_global_scale\"[0]", "", "finite"});
    refused(config, [&](all& t) { t[2] = number(1e-38f); }, {"ST32", "a.weight_scale", "inf", "finite"});
    refused(config, [](all& t) { t[1].bytes[5] = '\x7f'; }, {"ST32", "a.weight_scale\"[5]", "nan", "finite"});
    refused(config, [](all& t) { t[1].bytes[5] = '\0'; }, {"ST32", "a.weight_scale\"[5]", "0", "not zero"});
    refused(config,
            [](all& t) {
                t[1].shape = {rows / 2, 8};
            },
            {"CF03", "config_groups.group_0", "other weights", "scales of shape [8, 8]"});
    refused(config, [](all& t) { t[1].dtype = "U8"; }, {"CF03", "config_groups.group_0", "other weights", "type U8"});
    refused(config_of({group_of("nvfp4-pack-quantized", weights_of(4, 32))}), [](all&) {},
            {"CF03", "config_groups.group_0", "other weights", "a.weight_packed"});
    refused(config_of({group_of("nvfp4-pack-quantized", weights_of(8, 16))}), [](all&) {},
            {"CF03", "config_groups.group_0", "other weights", "a.weight_packed"});
}

TEST_CASE("of four sparse weights two are stored, quantized or not, and the others are zero") {
    constexpr unsigned        masks[] = {3, 5, 9, 6, 10, 12}; // all that have two of four
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(rows * cols / 8));
    std::vector<std::int8_t>  codes, all_codes;
    std::vector<qeval::bf16>  numbers;
    std::vector<float>        floats;
    for (qeval::index four = 0; four < rows * cols / 4; ++four) {
        unsigned const mask = masks[four * 7 % 6];
        bits[static_cast<std::size_t>(four / 2)] |= static_cast<std::uint8_t>(mask << 4 * (four % 2));
        for (unsigned i = 0; i < 4; ++i) {
            auto const code = static_cast<std::int8_t>((four * 4 + i) % 251 - 125);
            bool const kept = (mask >> i & 1) != 0;
            if (kept) codes.push_back(code), numbers.push_back(qeval::bf16::from(0.25f * static_cast<float>(code)));
            all_codes.push_back(kept ? code : std::int8_t{0});
            floats.push_back(0.25f * static_cast<float>(all_codes.back()));
        }
    }
    std::string const sparse = R"(,"sparsity_config":{"format":"sparse-24-bitmask","sparsity_structure":"2:4"})";
    auto const        shape  = stored("a.shape", "I64", {2, 1}, std::vector<std::int64_t>{rows, cols});
    auto const        mask   = stored("a.bitmask", "U8", {rows, cols / 8}, bits);
    std::vector<stored_tensor> const plain_numbers = {shape, mask,
                                                      stored("a.compressed", "BF16", {rows, cols / 2}, numbers)};
    std::string const                only          = R"({"quant_method":"compressed-tensors")" + sparse + "}";
    quantized_checkpoint const       read(formats, only, plain_numbers);
    CHECK(read.source().tensors().size() == 1);
    CHECK(read.matrix("a.weight").type == "BF16");
    CHECK(read.values("a.weight") == floats);

    auto quantized  = plain("I8", {rows, 1});
    quantized[0]    = stored("a.weight", "I8", {rows, cols}, all_codes);
    auto const int8 = weights(8, "channel");
    auto const wanted =
        quantized_checkpoint(formats, config_of({group_of("int-quantized", int8)}), quantized).values("a.weight");
    quantized[0] = stored("a.compressed", "I8", {rows, cols / 2}, codes);
    quantized.insert(quantized.end(), {shape, mask});
    auto const config = config_of({group_of("int-quantized", int8)}, sparse);
    CHECK(quantized_checkpoint(formats, config, quantized).values("a.weight") == wanted);

    auto const refused = [&](std::function<void(std::vector<stored_tensor>&)> const& spoil, refusal const& error) {
        auto tensors = plain_numbers;
        spoil(tensors);
        refused_checkpoint(formats, only, tensors, error);
    };
    using all = std::vector<stored_tensor>;
    refused([](all& t) { t.erase(t.begin()); }, {"CF02", "a.shape", "no such tensor", "the other parts"});
    refused([](all& t) { t.pop_back(); }, {"CF02", "a.compressed", "no such tensor", "the other parts"});
    refused([](all& t) { t[0].bytes[0] = 17; }, {"CF02", "a.compressed", "[16, 32]", "half of [17, 64]"});
    refused([](all& t) { t[0].bytes[8] = 62; }, {"CF02", "a.compressed", "[16, 32]", "half of [16, 62]"});
    refused([](all& t) { t[1].shape = {rows / 2, cols / 4}; }, {"CF02", "a.bitmask", "[8, 16]", "[16, 8]"});
    refused([](all& t) { t[1].bytes[9] = '\x37'; }, {"CF03", "a.bitmask\", row 1, columns from 8", "3 of four", "two"});
    refused([&](all& t) { t.push_back(plain("I8", {rows, 1})[0]); }, {"CF02", "a.weight", "a tensor", "none"});
    auto const one_of_four = R"({"quant_method":"compressed-tensors","sparsity_config":{"format":"sparse-24-bitmask",)"
                             R"("sparsity_structure":"1:4"}})";
    refused_checkpoint(formats, one_of_four, plain_numbers, {"CF03", "sparsity_structure", "1:4", "2:4"});
}

TEST_CASE("of several groups the one with the nearest target decides: a name, an expression, a class") {
    std::string const          int4 = weights(4, "group"), int8 = weights(8, "channel");
    std::vector<stored_tensor> tensors = packed(4, 2);
    auto const                 bytes   = plain("I8", {rows, 1});
    for (std::string const name : {"model.b_proj", "model.c_proj"}) {
        for (auto t : bytes) {
            t.name.replace(0, 1, name);
            tensors.push_back(t);
        }
    }
    for (auto& t : tensors) {
        if (t.name.starts_with("a.")) t.name.replace(0, 1, "model.a_proj");
    }
    auto const made = [&](std::string const& first, std::string const& second, std::string const& third) {
        auto const input = [](char const* type) {
            return R"({"num_bits":8,"symmetric":true,"strategy":"token","dynamic":true,"type":")" + std::string(type) +
                   R"("})";
        };
        return config_of({group_of("int-quantized", int8, input("int"), first),
                          group_of("pack-quantized", int4, "null", second),
                          group_of("int-quantized", int8, input("float"), third)});
    };
    quantized_checkpoint const read(formats, made(R"(["Linear"])", R"(["model.a_proj"])", R"(["re:.*[ac]_proj$"])"),
                                    tensors);
    CHECK(read.values("model.a_proj.weight") == values(4, 2));
    CHECK(read.matrix("model.b_proj.weight").input->activation == "int8:255");
    CHECK(read.matrix("model.c_proj.weight").input->activation == "fp8");
    // An expression fits from the beginning of a name.
    refused_checkpoint(formats, made(R"(["re:b_proj"])", R"(["re:.*a_"])", R"(["re:model.c"])"), tensors,
                       {"CF03", "config_groups", "model.b_proj", "stored quantized"});
    refused_checkpoint(formats, made(R"(["re:("])", R"(["re:.*a_"])", R"(["Linear"])"), tensors,
                       {"TK02", "config_groups.group_0.targets[0]", "", ""});
    refused_checkpoint(formats,
                       R"({"quant_method":"compressed-tensors","format":"int-quantized","ignore":["re:.*b_"],)"
                       R"("config_groups":{"g":{"targets":["Linear"],"weights":)" +
                           int8 + "}}}",
                       {tensors.begin() + 3, tensors.end()}, {"CF03", "ignore", "model.b_proj", "not quantized"});
}

TEST_CASE("inputs are prescribed as the group says, with the numbers that stand beside the module") {
    auto const input = [](std::string const& type, std::string const& rest, int bits = 8, bool symmetric = true) {
        return R"({"num_bits":)" + std::to_string(bits) + R"(,"type":")" + type + R"(","symmetric":)" +
               (symmetric ? "true," : "false,") + rest + "}";
    };
    std::string const token = R"("strategy":"token","dynamic":true)", whole = R"("strategy":"tensor","dynamic":false)";
    auto const        rule = [&](std::string const& said, std::vector<stored_tensor> const& more = {}) {
        auto tensors = plain("I8", {rows, 1});
        tensors.insert(tensors.end(), more.begin(), more.end());
        quantized_checkpoint const read(formats, plain_config(weights(8, "channel"), said), tensors);
        CHECK(read.source().tensors().size() == 1);
        return *read.matrix("a.weight").input;
    };
    auto const scale = stored("a.input_scale", "F32", {1}, std::vector<float>{0.125f});
    auto const zero  = stored("a.input_zero_point", "I8", {1}, std::vector<std::int8_t>{-7});
    CHECK(rule(input("int", token)).activation == "int8:255");
    CHECK(rule(input("float", token)).activation == "fp8");
    CHECK(rule(input("float", R"("strategy":"group","group_size":128,"dynamic":true)")).activation == "fp8:128");
    auto const groups = rule(input("float", R"("strategy":"group","group_size":64,"dynamic":true)"));
    CHECK(groups.activation == "fp8:groups");
    CHECK(groups.numbers.group == 64);
    auto const floats = rule(input("float", whole), {scale});
    CHECK(floats.activation == "fp8:stored");
    CHECK(floats.numbers.scale == 0.125f);
    auto const integers = rule(input("int", whole, 8, false), {scale, zero});
    CHECK(integers.activation == "int8:stored");
    CHECK(integers.numbers == qeval::input_numbers{0.125f, -7, 0});

    auto const refused = [&](std::string const& said, std::vector<stored_tensor> const& more, refusal const& wanted) {
        auto tensors = plain("I8", {rows, 1});
        tensors.insert(tensors.end(), more.begin(), more.end());
        refused_checkpoint(formats, plain_config(weights(8, "channel"), said), tensors, wanted);
    };
    refused(input("int", R"("strategy":"tensor","dynamic":true)"), {},
            {"CF03", "input_activations", "strategy \"tensor\", dynamic true", "a scale for each token"});
    refused(input("int", token, 6), {}, {"CF03", "input_activations", "6 bits", "8 bits"});
    refused(input("int", token, 8, false), {}, {"CF03", "input_activations.symmetric", "false", "true"});
    refused(input("int", whole), {}, {"CF02", "a.input_scale", "no such tensor", "the other parts"});
    refused(input("int", whole, 8, false), {scale},
            {"CF02", "a.input_zero_point", "no such tensor", "the other parts"});
    refused(input("int", whole), {stored("a.input_scale", "F32", {2}, std::vector<float>{1, 1})},
            {"CF02", "a.input_scale", "[2]", "one number"});
    for (float const bad : {0.0f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
        refused(input("int", whole), {stored("a.input_scale", "F32", {1}, std::vector<float>{bad})},
                {"ST32", "a.input_scale\"[0]", "", "a finite number"});
}

TEST_CASE("a cache is kept as the configuration says, under the scales of every layer") {
    auto const scheme = [](std::string const& type, int bits = 8, char const* strategy = "tensor",
                           char const* dynamic = "false", char const* symmetric = "true") {
        return packed_config(weights(4, "group"), R"(,"kv_cache_scheme":{"num_bits":)" + std::to_string(bits) +
                                                      R"(,"type":")" + type + R"(","strategy":")" + strategy +
                                                      R"(","dynamic":)" + dynamic + R"(,"symmetric":)" + symmetric +
                                                      "}");
    };
    auto const with_scales = [](std::vector<std::string> const& names) {
        auto  tensors = packed(4, 2);
        float scale   = 0.25f;
        for (auto const& name : names)
            tensors.push_back(stored("model.layers." + name + "_scale", "BF16", {1},
                                     std::vector<qeval::bf16>{qeval::bf16::from(scale *= 2)}));
        return tensors;
    };
    std::vector<std::string> const two = {"0.self_attn.k", "0.self_attn.v", "1.self_attn.k", "1.self_attn.v"};
    for (std::string const type : {"float", "int"}) {
        quantized_checkpoint const read(formats, scheme(type), with_scales(two));
        CHECK(read.source().tensors().size() == 1);
        auto const* cache = read.source().cache_format();
        REQUIRE(cache != nullptr);
        CHECK(cache->name() == (type == "int" ? "int8 with stored scales" : "fp8 with stored scales"));
        CHECK(cache->layers() == 2);
        auto const back = [](qeval::kv_format const& format) { // of 3: a multiple of all scales but 2 and 4
            std::byte byte;
            float     x = 3;
            format.encode({&x, 1}, &byte);
            format.decode(&byte, 1, {&x, 1, 1});
            return x;
        };
        CHECK(back(cache->of_keys(0)) == 3);
        CHECK(back(cache->of_values(0)) == 3);
        CHECK(back(cache->of_keys(1)) == (type == "int" ? 4 : 3));
        CHECK(back(cache->of_values(1)) == (type == "int" ? 4 : 3));
    }
    CHECK(quantized_checkpoint(formats, packed_config(weights(4, "group")), packed(4, 2)).source().cache_format() ==
          nullptr);

    auto const refused = [&](std::string const& config, std::vector<stored_tensor> const& tensors,
                             refusal const& wanted) { refused_checkpoint(formats, config, tensors, wanted); };
    auto const good    = with_scales(two);
    refused(scheme("float", 4), good, {"CF03", "kv_cache_scheme.num_bits", "4", "8"});
    refused(scheme("double"), good, {"CF03", "kv_cache_scheme.type", "double", "float"});
    refused(scheme("int", 8, "token"), good, {"CF03", "kv_cache_scheme.strategy", "token", "tensor"});
    refused(scheme("int", 8, "tensor", "true"), good, {"CF03", "kv_cache_scheme.dynamic", "true", "false"});
    refused(scheme("int", 8, "tensor", "false", "false"), good, {"CF03", "kv_cache_scheme.symmetric", "false", "true"});
    refused(scheme("int"), packed(4, 2), {"CF02", "kv_cache_scheme", "no .self_attn.k_scale", "each layer"});
    refused(scheme("int"), with_scales({"0.self_attn.k", "1.self_attn.k", "1.self_attn.v"}),
            {"CF02", "model.layers.0.self_attn.v_scale", "no such tensor", "the other parts"});
    refused(scheme("int"), with_scales({"0.self_attn.k", "0.self_attn.v", "2.self_attn.k", "2.self_attn.v"}),
            {"CF02", "model.layers.1.self_attn.k_scale", "no such tensor", "the other parts"});
    auto wide         = good;
    wide.back().shape = {1, 1};
    refused(scheme("int"), wide, {"CF02", "model.layers.1.self_attn.v_scale", "[1, 1]", "[1]"});
    auto zero         = good;
    zero.back().bytes = std::string(2, '\0');
    refused(scheme("int"), zero, {"ST32", "model.layers.1.self_attn.v_scale", "0", "a finite number"});
}

TEST_CASE("a compressed-tensors configuration that is not understood, or that the file contradicts, is refused") {
    auto const refused = [](std::string const& config, std::vector<stored_tensor> const& tensors,
                            refusal const& wanted) { refused_checkpoint(formats, config, tensors, wanted); };
    auto const good    = packed(4, 2);
    refused(packed_config(weights(9, "group")), good, {"CF03", "weights.num_bits", "9", "2 to 8"});
    refused(packed_config(weights(6, "group", true, "float")), good,
            {"CF03", "weights.num_bits", "6", "4 or 8, for floats"});
    refused(packed_config(weights(4, "row")), good, {"CF03", "weights.strategy", "row", "group"});
    refused(packed_config(weights(8, "group")), good,
            {"CF03", "config_groups.group_0", "other weights", "shape [16, 8] and type I32"});
    refused(packed_config(weights(4, "channel")), good,
            {"CF03", "config_groups.group_0", "other weights", "scales of shape [16, 2]"});
    refused(packed_config(weights(4, "group", false)), good,
            {"CF03", "config_groups.group_0", "other weights", "a.weight_packed"});
    refused(config_of({group_of("marlin-24", weights(4, "group"))}), good,
            {"CF03", "config_groups.group_0.format", "marlin-24", "pack-quantized"});
    refused(packed_config(weights(4, "group"), R"(,"transform_config":{"r":{}})"), good,
            {"CF03", "transform_config", "an object", "nothing"});
    refused(packed_config(weights(4, "group"), R"(,"sparsity_config":{"format":"sparse-bitmask"})"), good,
            {"CF03", "sparsity_config.format", "sparse-bitmask", "sparse-24-bitmask"});
    CHECK(quantized_checkpoint(
              formats,
              packed_config(weights(4, "group"), R"(,"sparsity_config":{"format":"dense"},"kv_cache_scheme":null)"),
              good)
              .source()
              .tensors()
              .size() == 1);
}

TEST_CASE("parts of a compressed matrix that are missing, of another shape, or no numbers are refused by name") {
    auto const refused = [](std::function<void(std::vector<stored_tensor>&)> const& spoil, refusal const& wanted) {
        auto tensors = packed(4, 2, true);
        spoil(tensors);
        refused_checkpoint(formats, packed_config(weights(4, "group", false)), tensors, wanted);
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
