// Ascend (msModelSlim): quant_model_description*.json beside the weights says of each tensor how it is quantized, and
// model_quant_type of the checkpoint. The layouts of linear layers and of the key-value cache are a file each in
// ascend/. W8A8S is W8A8 of a sparse matrix. Origin: msModelSlim 26.1.0, save/ascendv1.py, and 8.0,
// llm_ptq_tools/save/complex_quantifier.py.
#pragma once

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include <qeval/core/error.hpp>
#include <qeval/format/name.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/input_rule.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/ascend/channel_cache.hpp>
#include <qeval/scheme/method/ascend/fixed_inputs.hpp>
#include <qeval/scheme/method/ascend/scaled_weights.hpp>
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
                ascend::read_fixed(parts, module, model);
            } else {
                auto& matrix = ascend::read_scaled(parts, module, description);
                if (!known->input.empty())
                    matrix.input = std::make_shared<input_rule const>(input_rule{std::string(known->input)});
            }
        });
        for (auto const* key : {"kv_cache_type", "kv_quant_type"}) {
            auto const said = description.find(key);
            if (!said || parts.prescribed_cache()) continue;
            if (said->string() != "C8") said->fail("\"C8\"", "", "CF03");
            parts.prescribe(ascend::read_cache(*said, model, parts));
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
};

} // namespace qeval
