// GPTQ (AutoGPTQ, GPTQModel): quantization_config {"quant_method": "gptq", bits, group_size, ...}, or
// quantize_config.json beside the weights. "dynamic" has rules {"+:REGEX": {bits, group_size}, "-:REGEX": {}} of
// modules that have other numbers, or are not quantized. How matrices are stored: see gptq_modules.hpp and
// gptq_words.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/scheme/method/gptq_modules.hpp>
#include <qeval/scheme/method/gptq_words.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct gptq_method {
    static constexpr std::string_view names[] = {"gptq"};

    static void read(json_value const& config, stored_parts& parts) {
        gptq_words const          words = read_words(config);
        std::vector<gptq_promise> promised{{bits_of(config.at("bits"), words), group_of(config.at("group_size"))}};
        auto const                rules = config.find("dynamic");
        if (rules && rules->size() > 0) {
            rules->for_each_member([&](std::string const& modules, json_value rule) {
                if (!modules.starts_with("-:")) promised.push_back(other_than(promised.front(), rule, words));
            });
        }
        gptq_modules(std::move(promised), words, config.at("group_size"), rules ? *rules : config).read(parts);
    }

    static int bits_of(json_value const& said, gptq_words const& words) {
        auto const bits  = static_cast<int>(said.integer(1, 64));
        bool const plain = bits == 2 || bits == 3 || bits == 4 || bits == 8, planes = bits >= 2 && bits <= 8;
        if (words.planar ? !planes : !plain) said.fail(words.planar ? "2 to 8" : "2, 3, 4 or 8", "", "CF03");
        return bits;
    }
    static index group_of(json_value const& said) {
        index const group = said.integer(-1, std::int64_t{1} << 30);
        if (group == 0) said.fail("-1, or a number of columns", "", "CF04");
        return group;
    }

private:
    static gptq_words read_words(json_value const& config) {
        gptq_words words;
        for (auto const* key : {"checkpoint_format", "format"}) {
            auto const said = config.find(key);
            if (!said) continue;
            words.v2     = said->string() == "gptq_v2";
            words.planar = said->string() == "gptq_p";
            if (!words.v2 && !words.planar && said->string() != "gptq") {
                said->fail("\"gptq\", \"gptq_v2\" or \"gptq_p\"",
                           "a layout made for one kernel (Marlin and the like): the checkpoint that it was made from",
                           "CF03");
            }
        }
        if (auto const marlin = config.find("is_marlin_format"); marlin && marlin->boolean())
            marlin->fail("false", "Marlin's layout: the checkpoint that it was made from is read", "CF03");
        return words;
    }
    static gptq_promise other_than(gptq_promise all, json_value const& rule, gptq_words const& words) {
        for (auto const* key : {"method", "quant_method", "format", "checkpoint_format", "pack_dtype"}) {
            if (auto const layout = rule.find(key))
                layout->fail("nothing", "modules in several layouts, which are not read", "CF03");
        }
        if (auto const bits = rule.find("bits")) all.bits = bits_of(*bits, words);
        if (auto const group = rule.find("group_size")) all.group = group_of(*group);
        return all;
    }
};

} // namespace qeval
