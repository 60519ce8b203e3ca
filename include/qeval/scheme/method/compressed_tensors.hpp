// compressed-tensors (llm-compressor): quantization_config {"quant_method": "compressed-tensors", "config_groups":
// {...}, "format": ...}. Of a linear layer [out, in], by format:
//   pack-quantized    weight_packed I32 [out, words], codes of a row one behind the other, low bits first: q +
//   2^(bits-1);
//                     weight_shape [2]; weight_zero_point I32, packed likewise along out, [words, groups], where not
//                     symmetric; weight_g_idx I32 [in], the group of each input, where it is not i / group_size
//   int-quantized     weight I8 [out, in]; weight_zero_point I8 where not symmetric
//   float-quantized   weight F8_E4M3 [out, in]
// and weight_scale [out, groups], [out, 1] for a channel, [1] for a tensor, [out / R, in / C] for blocks: w = scale *
// (q - z). Which it is, every module's own parts say; config_groups must promise it. Inputs are rounded as
// config_groups say.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/bit_stream.hpp>
#include <qeval/scheme/method/group_order.hpp>
#include <qeval/scheme/method/integer_planes.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct compressed_tensors_method {
    static constexpr std::string_view names[] = {"compressed-tensors"};

    static void read(json_value const& config, stored_parts& parts) {
        auto const groups = read_groups(config);
        for (auto const& module : parts.modules_with("weight_packed")) read_packed(parts, module, groups, config);
        for (auto const& module : parts.modules_with("weight_scale")) read_plain(parts, module, groups, config);
    }

private:
    // What a config group promises of its modules. Weights share a scale in parts of `height` rows and `width` columns,
    // 0 for all of them.
    struct group_args {
        int         bits   = 0;
        bool        floats = false, symmetric = true;
        index       height = 1, width = 0;
        std::string input = {}; // activation format; empty: as computed

        [[nodiscard]] bool has_scales(std::vector<index> const& shape, index rows, index cols) const {
            auto const  parts = [](index all, index size) { return size == 0 ? 1 : (all + size - 1) / size; };
            index const down = parts(rows, height), across = parts(cols, width);
            if (down * across == 1) return std::ranges::all_of(shape, [](index d) { return d == 1; });
            return shape == std::vector<index>{down, across} || (across == 1 && shape == std::vector<index>{down});
        }
        // As names of formats say it; a channel is what they have where they say nothing.
        [[nodiscard]] std::string sizes() const {
            if (width == 0) return height == 0 ? ":tensor" : "";
            return height == 1 ? ":g" + std::to_string(width)
                               : ":" + std::to_string(height) + "x" + std::to_string(width);
        }
    };

    static std::vector<group_args> read_groups(json_value const& config) {
        for (auto const* key : {"kv_cache_scheme", "sparsity_config", "transform_config"}) {
            auto const said = config.find(key);
            if (!said || said->size() == 0) continue;
            if (auto const format = said->find("format"); format && format->string() == "dense") continue;
            said->fail("nothing",
                       "a key-value cache with scales, sparse storage or online rotations, which are not computed here",
                       "CF03");
        }
        std::vector<group_args> all;
        config.at("config_groups").for_each_member([&](std::string const&, json_value group) {
            all.push_back(read_weights(group.at("weights")));
            if (auto const output = group.find("output_activations"))
                output->fail("null", "outputs that are rounded, which is not computed here", "CF03");
            if (auto const input = group.find("input_activations")) all.back().input = read_input(*input);
        });
        return all;
    }
    static group_args read_weights(json_value const& w) {
        group_args        args;
        auto const        bits = w.at("num_bits"), type = w.at("type"), strategy = w.at("strategy");
        std::string const how = strategy.string();
        args.bits             = static_cast<int>(bits.integer(1, 64));
        args.floats           = type.string() == "float";
        args.symmetric        = w.at("symmetric").boolean();
        if (!args.floats && type.string() != "int") type.fail("\"int\" or \"float\"", "", "CF03");
        bool const known =
            args.floats ? args.bits == 8 : args.bits == 2 || args.bits == 3 || args.bits == 4 || args.bits == 8;
        if (!known)
            bits.fail(args.floats ? "8, for floats" : "2, 3, 4 or 8", "a format whose scales have scales of their own",
                      "CF03");
        if (how == "tensor") {
            args.height = 0;
        } else if (how == "group") {
            args.width = w.at("group_size").integer(1, std::int64_t{1} << 30);
        } else if (how == "block") {
            auto const block = w.at("block_structure");
            args.height = block[0].integer(1, 65536), args.width = block[1].integer(1, 65536);
        } else if (how != "channel") {
            strategy.fail("\"group\", \"channel\", \"tensor\" or \"block\"", "", "CF03");
        }
        return args;
    }
    // Dynamic scales of a token are found when it comes; stored ones are not computed yet.
    static std::string read_input(json_value const& input) {
        auto const dynamic = input.at("dynamic"), bits = input.at("num_bits"), strategy = input.at("strategy"),
                   type = input.at("type");
        if (!dynamic.is_boolean() || !dynamic.boolean())
            dynamic.fail("true", "inputs with a stored scale, which are not computed here", "CF03");
        if (bits.integer(1, 64) != 8) bits.fail("8", "", "CF03");
        if (!input.at("symmetric").boolean()) input.at("symmetric").fail("true", "", "CF03");
        bool const floats = type.string() == "float";
        if (strategy.string() == "token") return floats ? "fp8" : "int8:255";
        auto const size = input.find("group_size");
        if (!floats || strategy.string() != "group" || !size || size->integer(1, 1 << 30) != 128)
            strategy.fail("\"token\", or \"group\" of 128 floats", "", "CF03");
        return "fp8:128";
    }
    // The group of the configuration whose promise the parts of a module keep.
    template <class Keeps>
    static group_args const& kept_by(std::vector<group_args> const& groups, json_value const& config,
                                     tensor_view const& codes, tensor_view const& scales, Keeps const& keeps) {
        auto const found = std::ranges::find_if(groups, keeps);
        if (found != groups.end()) return *found;
        config.at("config_groups")
            .refuse("no group of modules whose weights have shape " + shape_text(codes.shape) + " and type " +
                        codes.type + ", and scales of shape " + shape_text(scales.shape),
                    "one, for " + codes.place(), "a configuration of another checkpoint", "CF03");
    }

    static void read_packed(stored_parts& parts, std::string const& module, std::vector<group_args> const& groups,
                            json_value const& config) {
        auto const packed = parts.take(module, "weight_packed", {"I32"}, {-1, -1});
        auto const sides  = parts.take(module, "weight_shape", {"I64", "I32"}, {2});
        auto const side   = [&](index i) -> index {
            return sides.type == "I64" ? stored_number<std::int64_t>(sides.bytes, i)
                                         : stored_number<std::int32_t>(sides.bytes, i);
        };
        index const rows = side(0), cols = side(1), words = packed.shape[1];
        if (rows != packed.shape[0] || rows < 1 || cols < 1 || cols > words * 16) {
            throw file_error{
                {"CF02", packed.place(), "shape " + shape_text(packed.shape),
                 "words of the codes of " + shape_text(std::vector<index>{rows, cols}) + ", as weight_shape says",
                 "parts of two checkpoints"}};
        }
        auto const scales = parts.take_named(module + ".weight_scale", {"F16", "BF16", "F32"});
        bool const zeroed = parts.find(module, "weight_zero_point") != nullptr;
        auto const keeps  = [&](group_args const& g) {
            return !g.floats && g.symmetric == !zeroed && g.height <= 1 && stream_of(g.bits, cols, words) &&
                   g.has_scales(scales.shape, rows, cols);
        };
        auto const&      args   = kept_by(groups, config, packed, scales, keeps);
        bit_stream const stream = *stream_of(args.bits, cols, words);
        index const      count = scales.count() == 1 ? 1 : scales.count() / rows, group = cols / count;
        if (cols % count != 0) {
            throw file_error{{"CF04", scales.place(), std::to_string(count) + " groups",
                              "a divisor of the " + std::to_string(cols) + " columns", ""}};
        }
        auto const zeros = parts.take_if(module, "weight_zero_point", {"I32"}, {stream.words(rows), count});
        auto const g_idx = parts.take_if(module, "weight_g_idx", {"I32"}, {cols});

        integer_matrix m{args.bits, rows, cols, group, packed.place(), {}, {}, {}};
        m.scale = [scales, of_all = args.height == 0, count](index r, index g) {
            return good_scale(scales, of_all ? 0 : r * count + g);
        };
        if (zeros) {
            m.zero = [zeros = *zeros, stream, count](index r, index g) {
                return stream.code(zeros.bytes, g, count, r);
            };
        }
        std::string const format = m.format();
        auto&             pool   = parts.pool();
        auto              make   = [m = std::move(m), packed, g_idx, stream, words, &pool]() mutable {
            auto const order  = g_idx ? order_by_group(*g_idx, m.group) : nullptr;
            auto const places = places_of(order, m.cols);
            m.codes           = [&](index first, index last, std::uint8_t* to) {
                for (index r = first; r < last; ++r) {
                    for (index i = 0; i < m.cols; ++i) {
                        to[(r - first) * m.cols + places[static_cast<std::size_t>(i)]] =
                            static_cast<std::uint8_t>(stream.code(packed.bytes, r * words, 1, i));
                    }
                }
            };
            return made_of(integer_planes(m, pool), order);
        };
        parts.put(module, packed, format, rows, cols, make).input = args.input;
    }
    // Codes of 3 bits have been packed in two ways: ten to a word, and one behind the other.
    static std::optional<bit_stream> stream_of(int bits, index cols, index words) {
        for (bool const to_a_word : {false, true}) {
            if (bit_stream const s{bits, to_a_word}; s.words(cols) == words) return s;
        }
        return std::nullopt;
    }

    static void read_plain(stored_parts& parts, std::string const& module, std::vector<group_args> const& groups,
                           json_value const& config) {
        auto const codes  = parts.take(module, "weight", {"I8", "F8_E4M3"}, {-1, -1});
        auto const scales = parts.take_named(module + ".weight_scale", {"F16", "BF16", "F32"});
        stored_parts::refuse_empty(codes);
        bool const  floats = codes.type == "F8_E4M3";
        index const rows = codes.shape[0], cols = codes.shape[1];
        auto const  zeros = floats ? std::nullopt : parts.take_if(module, "weight_zero_point", {"I8"}, scales.shape);
        auto const  keeps = [&](group_args const& g) {
            return g.bits == 8 && g.floats == floats && g.symmetric == !zeros && g.has_scales(scales.shape, rows, cols);
        };
        auto const&       args   = kept_by(groups, config, codes, scales, keeps);
        std::string const kind   = floats ? "" : zeros ? ":asym" : ":sym";
        std::string const format = (floats ? "fp8_e4m3" : "int8") + args.sizes() + kind;
        auto&             matrix = parts.put(module, codes, format, rows, cols, [=] {
            auto const numbers = good_scales(scales);
            if (!zeros) return made_of({codes.bytes, std::as_bytes(std::span(numbers))});
            auto const from_zero = [](std::span<std::byte const> bytes) { // as int8:asym counts
                std::vector<std::byte> all(bytes.begin(), bytes.end());
                for (auto& b : all) b ^= std::byte{0x80};
                return all;
            };
            auto const q = from_zero(codes.bytes), z = from_zero(zeros->bytes);
            return made_of({std::span(q), std::as_bytes(std::span(numbers)), std::span(z)});
        });
        matrix.input             = args.input;
    }
};

} // namespace qeval
