// How a group of compressed-tensors' configuration has the inputs of its modules rounded: "input_activations":
// {"num_bits", "type", "strategy", "dynamic", "symmetric", "group_size", "scale_dtype"}; numbers that were found
// beforehand stand beside each module: input_scale, input_zero_point, input_global_scale.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/input_rule.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval::compressed_tensors {

enum class input_parts { none, scale, global_scale };

// One row for each rule. `dynamic`: "true" where scales are found when an input comes, "false" where they are stored,
// "local" where a scale of scales is. `group` 0: any number of values.
struct input_kind {
    std::string_view type;
    int              bits;
    std::string_view strategy, dynamic;
    int              group;
    std::string_view scale_type, rule;
    input_parts      parts = input_parts::none;
};
inline constexpr input_kind input_kinds[] = {
    {"int", 8, "token", "true", 0, "", "int8:255"},
    {"float", 8, "token", "true", 0, "", "fp8"},
    {"float", 8, "group", "true", 128, "", "fp8:128"},
    {"float", 8, "group", "true", 32, "torch.uint8", "mxfp8"},
    {"float", 4, "group", "true", 32, "torch.uint8", "mxfp4"},
    {"float", 8, "group", "true", 0, "", "fp8:groups"},
    {"float", 4, "tensor_group", "local", 16, "torch.float8_e4m3fn", "nvfp4:stored", input_parts::global_scale},
    {"float", 4, "tensor_group", "local", 16, "", "nvfp4:stored", input_parts::global_scale}, // before 0.13
    {"int", 8, "tensor", "false", 0, "", "int8:stored", input_parts::scale},
    {"float", 8, "tensor", "false", 0, "", "fp8:stored", input_parts::scale},
};

class input_promise {
public:
    input_promise() = default; // inputs as they are computed
    explicit input_promise(json_value const& said) {
        auto const        dynamic = said.at("dynamic"), symmetric = said.at("symmetric");
        std::string const when = dynamic.is_string() ? dynamic.string() : dynamic.boolean() ? "true" : "false";
        std::string const type = said.at("type").string(), strategy = said.at("strategy").string();
        auto const        bits = said.at("num_bits").integer(1, 64);
        auto const        size = said.find("group_size"), scales = said.find("scale_dtype");
        group_                       = size ? static_cast<int>(size->integer(1, 1 << 30)) : 0;
        std::string const scale_type = scales ? scales->string() : "";
        symmetric_                   = symmetric.boolean();
        auto const is                = [&](input_kind const& k) {
            return k.type == type && k.bits == bits && k.strategy == strategy && k.dynamic == when &&
                   (k.group == 0 ? (group_ > 0) == (strategy == "group") : k.group == group_) &&
                   k.scale_type == scale_type;
        };
        auto const found = std::ranges::find_if(input_kinds, is);
        if (found == std::end(input_kinds)) {
            said.refuse(std::to_string(bits) + " bits, " + type + ", strategy " + qeval::quoted(strategy) +
                            ", dynamic " + when + (size ? ", groups of " + std::to_string(group_) : ""),
                        "inputs of 8 bits with a scale for each token, for groups of it (float) or stored for all; or "
                        "MXFP4, MXFP8, NVFP4",
                        "a rule that is not computed here", "CF03");
        }
        kind_ = &*found;
        if (!symmetric_ && (kind_->parts != input_parts::scale || type == "float"))
            symmetric.fail("true", "zero points of inputs that are not stored, which are not computed here", "CF03");
        if (kind_->parts == input_parts::none)
            shared_ = std::make_shared<input_rule const>(input_rule{std::string(kind_->rule), {1, 0, group_}});
    }

    // The rule of a module, whose numbers are taken out of the checkpoint; nullptr: none.
    [[nodiscard]] std::shared_ptr<input_rule const> of(stored_parts& parts, std::string const& module) const {
        if (kind_ == nullptr || shared_) return shared_;
        input_rule rule{std::string(kind_->rule)};
        bool const whole = kind_->parts == input_parts::scale;
        auto const scale =
            parts.take_named(module + (whole ? ".input_scale" : ".input_global_scale"), {"F16", "BF16", "F32"});
        rule.numbers.scale = good_scale(one(scale), 0);
        if (!symmetric_) {
            auto const zero   = parts.take_named(module + ".input_zero_point", {"I8"});
            rule.numbers.zero = static_cast<float>(stored_number<std::int8_t>(one(zero).bytes, 0));
        }
        return std::make_shared<input_rule const>(rule);
    }

private:
    static tensor_view const& one(tensor_view const& t) {
        if (t.count() == 1) return t;
        throw file_error{{"CF02", t.place(), "shape " + shape_text(t.shape), "one number",
                          "parts of two checkpoints, or a configuration of another one"}};
    }

    input_kind const*                 kind_      = nullptr;
    int                               group_     = 0;
    bool                              symmetric_ = true;
    std::shared_ptr<input_rule const> shared_;
};

} // namespace qeval::compressed_tensors
