// compressed-tensors, as method/compressed_tensors.hpp reads it and compressed-tensors 0.19.0 writes it: integers of 2
// to 4 bits, and of 8 bits in groups, as pack-quantized; 8 bits by channel or for a tensor as int-quantized; FP8 as
// float-quantized. A format is a config group, and its targets are the modules that have it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/half.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/catalog/fp8.hpp>
#include <qeval/format/name.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/scheme/method/bit_stream.hpp>
#include <qeval/scheme/method/stored_parts.hpp>
#include <qeval/scheme/output/family/integer_family.hpp>

namespace qeval {

class compressed_tensors_output final : public integer_family {
public:
    static constexpr std::string_view name = "compressed-tensors";

    explicit compressed_tensors_output(quantization const& q, std::uint64_t limit = shard_limit)
        : integer_family(q, name, &holds, limit) {
        plan();
        for (auto const* m : quantized()) groups_[{std::string(m->format->name()), input_of(*m)}].push_back(m);
        count_files();
    }

private:
    static bool holds(any_format const& f) {
        auto const k = integer_kind_of(f.name());
        return geometry_named<fp8_e4m3>(f.name()) ||
               (k && k->height == (k->width == 0 && k->bits == 8 ? k->height : 1));
    }
    using fp8_sizes = geometry_of<fp8_e4m3>;

    [[nodiscard]] std::string_view held() const override {
        return "int2, int3, int4 or int8, with zero points or symmetric, in groups of a row or by channel; "
               "int8:tensor; "
               "fp8_e4m3 by channel, tensor or blocks; columns in their own order";
    }
    [[nodiscard]] bool fits(chosen_matrix const& m) const override {
        auto const k = integer_kind_of(m.format->name());
        return !k || m.slot.cols % k->group(m.slot.cols) == 0;
    }
    [[nodiscard]] static bool packs(integer_kind const& k) { return k.bits < 8 || k.width != 0; }
    [[nodiscard]] bool        says_input(std::string_view input) const override {
        return input.empty() || same_name(input, "int8") || same_name(input, "int8:255") || same_name(input, "fp8") ||
               same_name(input, "fp8:128");
    }

    [[nodiscard]] std::vector<tensor_plan> parts(chosen_matrix const& m) const override {
        auto const  module = module_of(m);
        index const rows = m.slot.rows, cols = m.slot.cols;
        if (auto const size = geometry_named<fp8_e4m3>(m.format->name()))
            return {{module + ".weight", "F8_E4M3", {rows, cols}},
                    {module + ".weight_scale", "F32", scale_shape(*size, rows, cols)}};
        auto const               k = *integer_kind_of(m.format->name());
        bit_stream const         stream{k.bits};
        index const              groups = cols / k.group(cols);
        std::vector<index> const scales = scale_shape({k.height, k.width}, rows, cols);
        std::vector<tensor_plan> all{{module + ".weight_scale", k.bits == 8 ? "F32" : "F16", scales}};
        if (packs(k)) {
            all.push_back({module + ".weight_packed", "I32", {rows, stream.words(cols)}});
            all.push_back({module + ".weight_shape", "I64", {2}});
            if (!k.symmetric) all.push_back({module + ".weight_zero_point", "I32", {stream.words(rows), groups}});
        } else {
            all.push_back({module + ".weight", "I8", {rows, cols}});
            if (!k.symmetric) all.push_back({module + ".weight_zero_point", "I8", scales});
        }
        return all;
    }
    [[nodiscard]] static std::vector<index> scale_shape(fp8_sizes size, index rows, index cols) {
        if (size.height == 0) return {1};
        return {(rows + size.height - 1) / size.height, size.across(cols)};
    }

    [[nodiscard]] std::vector<laid_part> lay(chosen_matrix const& m, any_packed const& packed) override {
        auto const in    = planes_of(packed);
        auto const plans = parts(m);
        if (in.order)
            refuse(m.slot.name + " with its columns sorted by group (act-order)", "columns in their own order",
                   "--output-format gptq");
        auto const k = integer_kind_of(m.format->name());
        if (!k || !packs(*k)) return lay_plain(in, k && !k->symmetric, plans);
        auto const       of = integers_in(in, *k, m.slot.rows, m.slot.cols, m.slot.name);
        bit_stream const stream{of.bits};
        auto             scales = empty_part(plans[0]), codes = empty_part(plans[1]), shape = empty_part(plans[2]);
        for (index r = 0; r < of.rows; ++r) {
            for (index g = 0; g < of.groups(); ++g) {
                index const at = r * of.groups() + g;
                if (of.bits == 8)
                    store_number(scales.bytes, at, of.scale(r, g));
                else
                    store_number(scales.bytes, at, f16::from(of.scale(r, g)));
            }
        }
        for_each_code(of, in, [&, words = stream.words(of.cols)](index r, index i, int code) {
            stream.put(codes.bytes, r * words, 1, i, code);
        });
        store_number(shape.bytes, 0, std::int64_t{of.rows}), store_number(shape.bytes, 1, std::int64_t{of.cols});
        std::vector<laid_part> made{std::move(scales), std::move(codes), std::move(shape)};
        if (of.symmetric()) return made;
        auto& zeros = made.emplace_back(empty_part(plans[3]));
        for (index g = 0; g < of.groups(); ++g) {
            for (index r = 0; r < of.rows; ++r) stream.put(zeros.bytes, g, of.groups(), r, of.zero(r, g));
        }
        return made;
    }
    // Bytes as the format has them; int8:asym counts from 0, the family from -128.
    [[nodiscard]] static std::vector<laid_part> lay_plain(stored_planes const& in, bool from_zero,
                                                          std::vector<tensor_plan> const& plans) {
        std::vector<laid_part> made;
        for (auto const& p : plans) {
            bool const scales = p.name.ends_with("_scale"), zeros = p.name.ends_with("_zero_point");
            auto&      part = made.emplace_back(empty_part(p));
            copy(in.planes[scales ? 1 : zeros ? 2 : 0], part);
            if (from_zero && !scales) {
                for (auto& b : part.bytes) b ^= std::byte{0x80};
            }
            if (!scales) continue;
            for (std::size_t g = 0; g < part.bytes.size() / sizeof(float); ++g) { // of rows of zeros, whose codes are 0
                if (stored_number<float>(part.bytes, static_cast<index>(g)) == 0)
                    store_number(part.bytes, static_cast<index>(g), 1.0f);
            }
        }
        return made;
    }
    static void copy(std::span<std::byte const> from, laid_part& to) { std::ranges::copy(from, to.bytes.begin()); }

    [[nodiscard]] char const* number_type() const override {
        auto const in_16_bits = [](auto const* m) {
            auto const k = integer_kind_of(m->format->name());
            return k && k->bits < 8;
        };
        return std::ranges::any_of(quantized(), in_16_bits) ? "float16" : nullptr;
    }

    [[nodiscard]] static std::string format_name(chosen_matrix const& m) {
        auto const k = integer_kind_of(m.format->name());
        return !k ? "float-quantized" : packs(*k) ? "pack-quantized" : "int-quantized";
    }
    [[nodiscard]] static json weights_of(chosen_matrix const& m) {
        auto const      k = integer_kind_of(m.format->name());
        fp8_sizes const size =
            k ? fp8_sizes{k->height, k->width} : geometry_named<fp8_e4m3>(m.format->name()).value_or(fp8_sizes{});
        bool const blocks = size.height > 1, groups = size.height == 1 && size.width != 0;
        json       w{{"num_bits", k ? k->bits : 8},
               {"type", k ? "int" : "float"},
               {"symmetric", !k || k->symmetric},
               {"strategy", blocks             ? "block"
                                  : groups           ? "group"
                                  : size.height == 0 ? "tensor"
                                                     : "channel"},
               {"dynamic", false}};
        if (blocks) w["block_structure"] = {size.height, size.width};
        if (groups) w["group_size"] = size.width;
        return w;
    }
    // Scales of inputs are found when they come.
    [[nodiscard]] static json inputs_of(std::string_view input) {
        if (input.empty()) return nullptr;
        bool const floats = input.starts_with("fp8"), groups = same_name(input, "fp8:128");
        json       said{{"num_bits", 8},
                  {"type", floats ? "float" : "int"},
                  {"symmetric", true},
                  {"strategy", groups ? "group" : "token"},
                  {"dynamic", true}};
        if (groups) said["group_size"] = 128;
        return said;
    }
    void describe(json& config) const override {
        json        groups = json::object();
        std::size_t n      = 0;
        std::string format;
        for (auto const& [what, members] : groups_) {
            auto const& first   = *members.front();
            auto const  in_file = format_name(first);
            json        targets = json::array();
            if (groups_.size() == 1) {
                targets.push_back("Linear");
            } else {
                for (auto const* m : members) targets.push_back(module_of(*m));
            }
            groups["group_" + std::to_string(n++)] = {{"format", in_file},
                                                      {"targets", targets},
                                                      {"weights", weights_of(first)},
                                                      {"input_activations", inputs_of(what.second)},
                                                      {"output_activations", nullptr}};
            format                                 = format.empty() || format == in_file ? in_file : "mixed-precision";
        }
        config["quantization_config"] = {{"quant_method", "compressed-tensors"},
                                         {"format", format},
                                         {"quantization_status", "compressed"},
                                         {"config_groups", groups},
                                         {"ignore", left_alone()},
                                         {"kv_cache_scheme", nullptr}};
        say_number_type(config);
    }

    std::map<std::pair<std::string, std::string>, std::vector<chosen_matrix const*>> groups_; // of format and inputs
};

} // namespace qeval
