// What a configuration says beside its architecture: tokens that begin and end a text, and how weights are stored.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/taken_default.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>

namespace qeval {

// Weights that the checkpoint itself stores quantized (HF quantization_config).
struct stored_quantization {
    std::string          method; // "gptq", "awq", "bitsandbytes", "compressed-tensors", "qeval"
    std::optional<index> bits;
    std::optional<index> group_size; // -1: a whole row
};

struct text_end {
    index       id = 0;
    std::string place; // where the files say so: "config.json", "tokenizer.ggml.eos_token_id", "its spelling"
};
struct config_facts {
    std::optional<index>               bos          = {};
    std::vector<index>                 eos          = {}; // each of them ends a text
    std::vector<text_end>              ends         = {}; // the same, once for each place
    std::optional<stored_quantization> quantization = {};
    std::vector<taken_default>         defaults     = {}; // what they do not say, and the class does
    std::vector<std::string>           notes        = {}; // what the files say that is left aside
};

namespace detail {

// Published ways of storing weights that are not read, and what helps.
struct unread_method {
    std::string_view name, likely;
};
inline constexpr unread_method unread_methods[] = {
    {"fp8", "weights of 8 bits with a scale for each block (weight_scale_inv), as DeepSeek-V3 is published; a copy in "
            "bf16, which fp8_cast_bf16.py beside it writes, and its GGUF are read"},
    {"mxfp4", "gpt-oss as it is published; a copy that transformers saved in bf16, and its GGUF are read"}};

inline stored_quantization read_quantization(json_value q, index width) {
    stored_quantization out;
    auto const          method = q.at("quant_method");
    out.method                 = method.string();
    if (out.method == "gptq" || out.method == "awq") {
        auto const bits = q.at("bits");
        out.bits        = bits.integer(1, 64);
        bool const good =
            *out.bits == 4 || (out.method == "gptq" && (*out.bits == 2 || *out.bits == 3 || *out.bits == 8));
        if (!good) bits.fail(out.method == "awq" ? "4" : "2, 3, 4 or 8", "", "CF03");
        auto const group = q.at("group_size");
        out.group_size   = group.integer(-1, config_limits::width);
        if (*out.group_size == 0 || (*out.group_size > 0 && width % *out.group_size != 0)) {
            group.fail("-1, or a divisor of hidden_size " + std::to_string(width), "", "CF04");
        }
    } else if (out.method == "bitsandbytes") {
        bool const four  = q.find("load_in_4bit") && q.at("load_in_4bit").boolean();
        bool const eight = q.find("load_in_8bit") && q.at("load_in_8bit").boolean();
        if (four == eight)
            q.refuse(four ? "4 and 8 bits" : "neither 4 nor 8 bits", "load_in_4bit or load_in_8bit", "", "CF03");
        out.bits = four ? 4 : 8;
    } else if (out.method != "compressed-tensors" && out.method != "qeval") {
        auto const stranger = std::ranges::find(unread_methods, out.method, &unread_method::name);
        method.fail("gptq, awq, bitsandbytes, compressed-tensors or qeval",
                    std::string(stranger == std::end(unread_methods) ? "" : stranger->likely), "CF03");
    }
    return out;
}

// The ids that an entry of config.json or generation_config.json lists: one number, or several. Those that the
// vocabulary does not have are left aside, as every other reader does; -1 is a common way to say "none".
inline void add_ids(config_reader const& r, config_entry entry, index vocabulary, std::vector<index>& ids) {
    auto const add = [&](config_entry one) {
        if (auto const id = one.integer_within(0, vocabulary - 1)) return ids.push_back(*id);
        r.note(one.place() + ": " + one.found() + " is left aside, the vocabulary has " + std::to_string(vocabulary) +
               " tokens");
    };
    if (!entry.json().is_array()) return add(entry);
    entry.json().for_each_element([&](std::size_t, json_value id) { add(id); });
}

} // namespace detail

// `width`: of the hidden states, which groups of quantized columns must divide. `vocabulary`: ids are less.
[[nodiscard]] inline config_facts read_facts(config_reader const& r, index width, index vocabulary) {
    config_facts facts;
    if (auto const* metadata = r.metadata()) {
        if (auto const words = read_gguf_vocabulary(*metadata)) {
            if (words->bos && *words->bos < vocabulary) facts.bos = words->bos;
            for (auto const& end : words->ends_found) {
                if (end.id < vocabulary) facts.ends.push_back({end.id, end.place});
            }
            for (auto const& note : words->notes) r.note(note);
        }
    } else {
        std::vector<index> begins;
        if (auto const bos = r.find({"bos_token_id"})) detail::add_ids(r, *bos, vocabulary, begins);
        if (!begins.empty()) facts.bos = begins.front();
        auto const add = [&](std::optional<config_entry> const& eos, std::string const& place) {
            std::vector<index> ids;
            if (eos) detail::add_ids(r, *eos, vocabulary, ids);
            for (index const id : ids) facts.ends.push_back({id, place});
        };
        add(r.find({"eos_token_id"}), "config.json");
        add(r.find_generation("eos_token_id"), "generation_config.json");
        if (auto const q = r.find({"quantization_config"}))
            facts.quantization = detail::read_quantization(q->json(), width);
    }
    for (auto const& end : facts.ends) facts.eos.push_back(end.id);
    std::ranges::sort(facts.eos);
    facts.eos.erase(std::unique(facts.eos.begin(), facts.eos.end()), facts.eos.end());
    facts.defaults = r.defaults();
    facts.notes    = r.notes();
    return facts;
}

} // namespace qeval
