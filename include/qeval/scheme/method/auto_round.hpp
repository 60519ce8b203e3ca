// AutoRound: quantization_config {"quant_method": "auto-round", bits, group_size, data_type, packing_format, ...} over
// the layouts of others. packing_format "auto_round:auto_gptq", or none, is "gptq"; "auto_round" and
// "auto_round:gptqmodel" are "gptq_v2", "auto_round:auto_awq" is AWQ's "gemm". extra_config has rules {NAME or REGEX:
// {bits, group_size}} of modules with other numbers; 16 bits are not quantized. Origin: auto-round 0.9.2,
// export_to_autoround, inference/backend.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/io/json/json_value.hpp>
#include <qeval/scheme/method/awq.hpp>
#include <qeval/scheme/method/gptq.hpp>
#include <qeval/scheme/method/gptq_modules.hpp>
#include <qeval/scheme/method/gptq_words.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct auto_round_method {
    static constexpr std::string_view names[] = {"auto-round", "intel/auto-round"};

    static void read(json_value const& config, stored_parts& parts) {
        if (auto const kind = config.find("data_type"); kind && kind->string() != "int")
            kind->fail("\"int\"", "floats of few bits: a copy that AutoRound exported for llm_compressor", "CF03");
        if (auto const inputs = config.find("act_bits"); inputs && inputs->integer(1, 64) < 16)
            inputs->fail("16", "inputs that are rounded, which is not computed here for AutoRound", "CF03");
        auto const  said   = config.find("packing_format");
        auto const* layout = said ? std::ranges::find(layouts, said->string(), &layout_of::name) : layouts;
        if (layout == std::end(layouts)) {
            std::string known;
            for (auto const& l : layouts) known += (known.empty() ? "\"" : ", \"") + std::string(l.name) + "\"";
            said->fail(known, "a layout of its own: a copy that AutoRound exported in one of these", "CF03");
        }
        auto const rules = config.find("extra_config");
        if (layout->awq) return read_awq(config, rules, parts);
        gptq_words                words{4, layout->v2, false};
        std::vector<gptq_promise> promised{
            {gptq_method::bits_of(config.at("bits"), words), gptq_method::group_of(config.at("group_size"))}};
        for_each_rule(rules, [&](json_value const& rule) {
            auto other = promised.front();
            if (auto const bits = rule.find("bits")) other.bits = gptq_method::bits_of(*bits, words);
            if (auto const group = rule.find("group_size")) other.group = gptq_method::group_of(*group);
            promised.push_back(other);
        });
        gptq_modules(std::move(promised), words, config.at("group_size"), rules ? *rules : config).read(parts);
    }

private:
    struct layout_of {
        std::string_view name;
        bool             awq, v2;
    };
    static constexpr layout_of layouts[] = {{"auto_round:auto_gptq", false, false},
                                            {"auto_round", false, true},
                                            {"auto_round:gptqmodel", false, true},
                                            {"auto_round:auto_awq", true, false}};

    // Of modules that are quantized.
    template <class F>
    static void for_each_rule(std::optional<json_value> const& rules, F const& f) {
        if (!rules) return;
        rules->for_each_member([&](std::string const&, json_value rule) {
            for (auto const* key : {"data_type", "act_bits"}) {
                auto const other = rule.find(key);
                if (!other || (other->is_string() ? other->string() == "int" : other->integer(1, 64) >= 16)) continue;
                other->fail("\"int\" weights and inputs of 16 bits", "", "CF03");
            }
            if (auto const bits = rule.find("bits"); bits && bits->integer(1, 64) >= 16) return;
            f(rule);
        });
    }
    // AWQ's codes have four bits and one size of groups; modules of another one are told by their shapes.
    static void read_awq(json_value const& config, std::optional<json_value> const& rules, stored_parts& parts) {
        for_each_rule(rules, [&](json_value const& rule) {
            for (auto const* key : {"bits", "group_size"}) {
                auto const other = rule.find(key);
                if (other && other->integer(-1, 1 << 30) != config.at(key).integer(-1, 1 << 30))
                    other->fail(config.at(key).found() + ", as of all modules", "modules of two sizes in AWQ's layout",
                                "CF03");
            }
        });
        awq_method::read(config, parts);
    }
};

} // namespace qeval
