// Ascend (msModelSlim): quant_model_description*.json beside the weights says of each tensor how it is quantized, and
// model_quant_type of the checkpoint. Of a linear layer [out, in], whose codes are weight I8 [out, in]:
//   W8A16           weight_scale, weight_offset [out, 1], or [out, groups]:   w = scale * (q - offset)
//   W8A8_DYNAMIC    the same, no offsets; inputs are rounded a token at a time
//   W8A8, W8A8S     input_scale, input_offset [1], deq_scale [out], quant_bias I32 [out]: inputs are rounded to
//                   x_q = x / input_scale + input_offset, y = (sum x_q q + quant_bias) * deq_scale
// deq_scale is input_scale times the scale of the weights; where torch_dtype is not bfloat16 its bits are stored in
// I64. quant_bias is bias / deq_scale - input_offset * sum q, rounded; the bias stands beside it. W8A8S is W8A8 of a
// sparse matrix. Origin: msModelSlim 26.1.0, save/ascendv1.py, and 8.0, llm_ptq_tools/save/complex_quantifier.py.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/half.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/name.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/input_rule.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/channel_kv.hpp>
#include <qeval/scheme/method/integer_planes.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct ascend_method {
    static constexpr std::string_view names[] = {"ascend"};

    static void read(json_value const& description, json_value const& model, stored_parts& parts) {
        auto const whole = description.at("model_quant_type");
        if (auto const said = model.find("quantize"); said && !same_name(said->string(), whole.string()))
            disagree(*said, whole);
        refuse_what_is_not_computed(description);
        description.for_each_member([&](std::string const& name, json_value how) {
            if (!name.ends_with(".weight") || !how.is_string() || leaves_floats(how.string())) return;
            auto const known = std::ranges::find(quantized, how.string(), &quantized_as::name);
            if (known == std::end(quantized)) how.fail(names_of_all(), "", "CF03");
            if (parts.find(name) == nullptr)
                how.refuse("no such tensor", "a tensor of the checkpoint", "files of two checkpoints", "CF03");
            std::string const module = name.substr(0, name.size() - std::string_view(".weight").size());
            if (known->fixed_inputs) {
                read_fixed(parts, module, model);
            } else {
                auto& matrix = read_scaled(parts, module, description);
                if (!known->input.empty())
                    matrix.input = std::make_shared<input_rule const>(input_rule{std::string(known->input)});
            }
        });
        for (auto const* key : {"kv_cache_type", "kv_quant_type"}) {
            auto const said = description.find(key);
            if (!said || parts.prescribed_cache()) continue;
            if (said->string() != "C8") said->fail("\"C8\"", "", "CF03");
            parts.prescribe(read_cache(*said, model, parts));
        }
        refuse_undescribed(description, parts);
    }

private:
    struct quantized_as {
        std::string_view name, input; // activation format; empty: as computed
        bool             fixed_inputs;
    };
    static constexpr quantized_as quantized[] = {
        {"W8A16", "", false}, {"W8A8", "", true}, {"W8A8S", "", true}, {"W8A8_DYNAMIC", "int8", false}};

    static bool        leaves_floats(std::string_view how) { return how == "FLOAT" || how == "W16A16S"; }
    static std::string names_of_all() {
        std::string all = "\"FLOAT\"";
        for (auto const& q : quantized) all += ", \"" + std::string(q.name) + "\"";
        return all;
    }

    [[noreturn]] static void disagree(json_value const& said, json_value const& whole) {
        said.fail("\"" + whole.string() + "\" in either case, as " + whole.place() + " says",
                  "a config.json of another checkpoint, or one that was not changed for these weights", "CF03");
    }
    static void refuse_what_is_not_computed(json_value const& description) {
        if (auto const said = description.find("fa_quant_type"))
            said->fail("nothing", "attention on rounded queries, which is not computed here", "CF03");
        if (auto const more = description.find("metadata"); more && more->is_object()) {
            if (auto const rotation = more->find("quarot"))
                rotation->fail("nothing", "online rotations, which are not computed here", "CF03");
        }
    }
    // Codes of which the description does not speak would be taken for numbers.
    static void refuse_undescribed(json_value const& description, stored_parts const& parts) {
        for (auto const& module : parts.modules_with("weight")) {
            auto const* t = parts.find(module, "weight");
            if (t->maker || t->type != "I8") continue;
            auto const said = description.find(t->name);
            throw file_error{{"CF03", t->place(), "type I8",
                              "a float tensor, which " +
                                  (said ? said->place() + ", " + said->found()
                                        : "a tensor that " + description.place() + " does not name") +
                                  ", is",
                              "a description of another checkpoint"}};
        }
    }

    static tensor_view take_codes(stored_parts& parts, std::string const& module) {
        auto t = parts.take(module, "weight", {"I8"}, {-1, -1});
        stored_parts::refuse_empty(t);
        return t;
    }

    // An offset of codes from -128 to 127, which are whole numbers, whatever type they are stored in.
    static int good_offset(tensor_view const& t, index i) {
        float const z = scale_number(t, i);
        if (z >= -128 && z <= 127 && z == std::floor(z)) return static_cast<int>(z);
        throw file_error{{"CF03", t.place() + "[" + std::to_string(i) + "]", std::to_string(z),
                          "a whole number from -128 to 127", "a damaged checkpoint"}};
    }

    static tensor_view& read_scaled(stored_parts& parts, std::string const& module, json_value const& description) {
        auto const  codes = take_codes(parts, module);
        index const rows = codes.shape[0], cols = codes.shape[1];
        auto const  scales = parts.take_named(module + ".weight_scale", {"F32", "BF16", "F16"});
        auto const  zeros  = parts.take(module, "weight_offset", {"F32", "BF16", "F16"}, scales.shape);
        index const groups = scales.shape.size() == 1 ? 1 : scales.shape.size() == 2 ? scales.shape[1] : 0;
        if (groups < 1 || scales.shape[0] != rows || cols % groups != 0) {
            throw file_error{{"CF02", scales.place(), "shape " + shape_text(scales.shape),
                              "[" + std::to_string(rows) + ", groups], of " + std::to_string(cols) + " columns",
                              "parts of two checkpoints"}};
        }
        if (auto const said = description.find("group_size"); said && groups > 1) {
            if (auto const size = said->integer(0, std::int64_t{1} << 30); size > 0 && size != cols / groups)
                said->fail(std::to_string(cols / groups) + ", by the shape of " + scales.place(), "", "CF03");
        }
        bool symmetric = true; // which the description does not say
        for (index i = 0; i < zeros.count(); ++i) symmetric = good_offset(zeros, i) == 0 && symmetric;

        integer_matrix m{8, rows, cols, cols / groups, codes.place(), {}, {}, {}};
        m.codes = [codes, cols](index first, index last, std::uint8_t* to) { // counted from -128
            for (auto const b : codes.bytes.subspan(static_cast<std::size_t>(first * cols),
                                                    static_cast<std::size_t>((last - first) * cols)))
                *to++ = std::to_integer<std::uint8_t>(b ^ std::byte{0x80});
        };
        m.scale = [scales, groups](index r, index g) { return good_scale(scales, r * groups + g); };
        if (!symmetric) m.zero = [zeros, groups](index r, index g) { return good_offset(zeros, r * groups + g) + 128; };
        std::string const format = m.format();
        auto&             pool   = parts.pool();
        return parts.put(module, codes, format, rows, cols,
                         [m = std::move(m), &pool] { return made_of(integer_planes(m, pool)); });
    }

    // C8: each channel of the keys of a layer, and of its values, has a scale and an offset.
    static std::shared_ptr<kv_format const> read_cache(json_value const& said, json_value const& model,
                                                       stored_parts& parts) {
        constexpr std::string_view end = ".k_proj.kv_cache_scale";
        auto const                 all = parts.names_ending(end);
        if (all.empty()) said.refuse("no " + std::string(end) + " in the checkpoint", "one for each layer", "", "CF02");
        index const heads = model.at(model.has("num_key_value_heads") ? "num_key_value_heads" : "num_attention_heads")
                                .integer(1, 1 << 20);
        auto const                            before = all.front().substr(0, all.front().find("layers.")) + "layers.";
        std::vector<channel_kv_layers::layer> layers;
        for (std::size_t l = 0; l < all.size(); ++l) {
            std::string const of      = before + std::to_string(l) + ".self_attn.";
            auto const        numbers = [&](std::string const& module) {
                auto const  scales = parts.take(of + module, "kv_cache_scale", {"F32", "BF16", "F16"}, {-1});
                auto const  zeros = parts.take(of + module, "kv_cache_offset", {"F32", "BF16", "F16"}, scales.shape);
                index const count = scales.count();
                if (count < 1 || count % heads != 0) {
                    throw file_error{{"CF02", scales.place(), std::to_string(count) + " channels",
                                      "as many for each of " + std::to_string(heads) + " heads", ""}};
                }
                channel_numbers n{good_scales(scales), {}};
                for (index i = 0; i < count; ++i) n.zeros.push_back(static_cast<float>(good_offset(zeros, i)));
                return channel_kv_layers::by_heads(n, heads);
            };
            auto keys = numbers("k_proj");
            layers.push_back({std::move(keys), numbers("v_proj")});
        }
        return std::make_shared<channel_kv_layers const>(std::move(layers));
    }

    // The scales and offsets of one linear with inputs that are rounded to stored ones.
    struct fixed_parts {
        tensor_view                codes, deq_scale, quant_bias;
        std::optional<tensor_view> bias;
        float                      input_scale  = 1;
        int                        input_offset = 0;

        [[nodiscard]] float deq(index r) const {
            if (deq_scale.type == "F32") return good_scale(deq_scale, r);
            auto const bits = stored_number<std::int64_t>(deq_scale.bytes, r);
            if (auto const f = bit_cast<float>(static_cast<std::uint32_t>(bits));
                static_cast<std::uint64_t>(bits) <= 0xffffffffu && std::isfinite(f) && f != 0)
                return f;
            throw file_error{{"ST32", deq_scale.place() + "[" + std::to_string(r) + "]", std::to_string(bits),
                              "the bits of a float that is finite and not zero", "a damaged checkpoint"}};
        }
        // What is stored twice must be the same: rounded once, and float sums of more than 24 bits before that.
        void check_bias(index r, std::span<std::byte const> row) const {
            std::int64_t sum = 0;
            for (auto const q : row) sum += std::to_integer<int>(q) - (std::to_integer<int>(q) >= 128 ? 256 : 0);
            double const moved = static_cast<double>(sum) * input_offset, whole = moved + quant(r);
            double const b = bias ? static_cast<double>(scale_number(*bias, r)) / static_cast<double>(deq(r)) : 0;
            if (std::fabs(whole - b) <= 1 + (std::fabs(moved) + std::fabs(b)) * 0x1p-22) return;
            throw file_error{{"CF03", quant_bias.place() + "[" + std::to_string(r) + "]",
                              std::to_string(static_cast<std::int64_t>(quant(r))),
                              std::to_string(std::llround(b - moved)) + ", by the codes, the input's offset and " +
                                  (bias ? "the bias" : "no bias beside it"),
                              "parts of two checkpoints"}};
        }
        [[nodiscard]] double quant(index r) const { return stored_number<std::int32_t>(quant_bias.bytes, r); }
    };
    static void read_fixed(stored_parts& parts, std::string const& module, json_value const& model) {
        fixed_parts p{take_codes(parts, module), {}, {}, {}};
        index const rows = p.codes.shape[0], cols = p.codes.shape[1];
        p.deq_scale       = parts.take(module, "deq_scale", {"I64", "F32"}, {rows});
        p.quant_bias      = parts.take(module, "quant_bias", {"I32"}, {rows});
        auto const scale  = parts.take(module, "input_scale", {"F32", "BF16", "F16"}, {1});
        auto const offset = parts.take(module, "input_offset", {"F32", "BF16", "F16"}, {1});
        p.input_scale = good_scale(scale, 0), p.input_offset = good_offset(offset, 0);
        if (auto const* bias = parts.find(module, "bias")) p.bias = *bias;
        refuse_other_dtype(p.deq_scale, model);
        // Earlier versions store the weights' own scales, too.
        (void)parts.take_if(module, "weight_scale", {"F32", "BF16", "F16"}, {rows, 1});
        (void)parts.take_if(module, "weight_offset", {"F32", "BF16", "F16"}, {rows, 1});
        auto& matrix = parts.put(module, p.codes, "int8:sym", rows, cols, [p, rows, cols] {
            std::vector<float> scales(static_cast<std::size_t>(rows));
            for (index r = 0; r < rows; ++r) {
                p.check_bias(r,
                             p.codes.bytes.subspan(static_cast<std::size_t>(r * cols), static_cast<std::size_t>(cols)));
                scales[static_cast<std::size_t>(r)] = p.deq(r) / p.input_scale;
            }
            return made_of({p.codes.bytes, std::as_bytes(std::span(scales))});
        });
        matrix.input = std::make_shared<input_rule const>(
            input_rule{"int8:stored", {p.input_scale, static_cast<float>(p.input_offset), 0}});
    }
    // Its runtimes read deq_scale by the type of the model, whatever the file has.
    static void refuse_other_dtype(tensor_view const& deq_scale, json_value const& model) {
        auto const said = model.has("torch_dtype") ? model.find("torch_dtype") : model.find("dtype");
        if (!said || (said->string() == "bfloat16") == (deq_scale.type == "F32")) return;
        said->fail(deq_scale.type == "F32" ? "\"bfloat16\", for which " + deq_scale.place() + " is stored in F32"
                                           : "\"float16\", for which " + deq_scale.place() + " is stored in I64",
                   "weights that were quantized for another type", "CF03");
    }
};

} // namespace qeval
