// The text part of a checkpoint of several parts (vision, audio and text): where its configuration stands, and which
// tensors are its own. Its configuration is read by the rules of the text part's own class, and holds what differs from
// the defaults of that class; the other parts are left aside. Origin of the list: transformers 4.57.6.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/counted.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/tensor.hpp>

namespace qeval {

// A class whose text part computes with text alone what its text class computes. Not in this list are those in which
// it does not: Mllama has layers between that see an image, PaliGemma reads a prompt in both directions.
struct multipart_class {
    std::string_view model_type;    // of config.json
    std::string_view hf_class;      // architectures[0] beside it
    std::string_view text;          // model_type of its text part
    bool             fixed = false; // whatever text_config says; false: where it says nothing
};
inline constexpr multipart_class multipart_classes[] = {
    {"gemma3", "Gemma3ForConditionalGeneration", "gemma3_text", true},
    {"qwen2_vl", "Qwen2VLForConditionalGeneration", "qwen2_vl_text", true},
    {"qwen2_5_vl", "Qwen2_5_VLForConditionalGeneration", "qwen2_vl_text", true},
    {"llava", "LlavaForConditionalGeneration", "llama"},
    {"llava_next", "LlavaNextForConditionalGeneration", "llama"},
    {"llava_onevision", "LlavaOnevisionForConditionalGeneration", "qwen2"},
    {"mistral3", "Mistral3ForConditionalGeneration", "mistral"},
    {"idefics3", "Idefics3ForConditionalGeneration", "llama"},
    {"smolvlm", "SmolVLMForConditionalGeneration", "llama"},
};

struct text_part {
    multipart_class const* of;
    json_value             config;     // text_config, or all of config.json, where older files have its fields
    std::string            model_type; // of the text part
};

// Nothing where config.json is that of one part.
[[nodiscard]] inline std::optional<text_part> find_text_part(json_value const& config) {
    auto const said = config.is_object() ? config.find("model_type") : std::nullopt;
    if (!said || !said->is_string()) return std::nullopt;
    for (auto const& c : multipart_classes) {
        if (said->string() != c.model_type) continue;
        auto const  inner = config.find("text_config");
        std::string type(c.text);
        if (inner && !c.fixed) {
            if (auto const own = inner->find("model_type")) type = own->string();
        }
        // Only a fixed class has had its fields at the top.
        return text_part{&c, inner || !c.fixed ? config.at("text_config") : config, std::move(type)};
    }
    return std::nullopt;
}

// The name that a tensor of a text part has in its text class; nothing where none of these prefixes begins it. Classes
// had the names of the first two rules up to transformers 4.51, and save_pretrained still writes them.
[[nodiscard]] inline std::optional<std::string> text_part_name(std::string_view name) {
    using rule                 = std::pair<std::string_view, std::string_view>;
    constexpr std::array rules = {rule{"language_model.model.", "model."}, rule{"language_model.lm_head.", "lm_head."},
                                  rule{"model.language_model.", "model."}, rule{"model.text_model.", "model."}};
    for (auto const& [prefix, own] : rules) {
        if (name.starts_with(prefix)) return std::string(own).append(name.substr(prefix.size()));
    }
    return std::nullopt;
}

// Keeps the tensors of the text part, under their names in the text class, and gives a sentence about the others.
// Where no name has one of the prefixes, as in Qwen2-VL's published files, the names are those of the text class.
[[nodiscard]] inline std::string keep_text_part(std::vector<tensor_view>& tensors) {
    bool const prefixed =
        std::ranges::any_of(tensors, [](auto const& t) { return text_part_name(t.name).has_value(); });
    std::vector<tensor_view> kept;
    std::set<std::string>    others; // the beginnings of their names
    for (auto& t : tensors) {
        auto const own  = text_part_name(t.name);
        bool const text = own || t.name.starts_with("lm_head.") || (!prefixed && t.name.starts_with("model."));
        if (text) {
            kept.push_back(std::move(t));
            if (own) kept.back().name = *own;
        } else {
            auto const inner = t.name.starts_with("model.") ? t.name.find('.') + 1 : 0;
            others.insert(t.name.substr(0, t.name.find('.', inner)));
        }
    }
    auto const  aside = index(tensors.size() - kept.size());
    std::string names;
    for (auto const& name : others) names += (names.empty() ? "" : ", ") + name;
    tensors = std::move(kept);
    return aside == 0 ? std::string() : counted(aside, "tensors") + " of other parts are left aside (" + names + ")";
}

} // namespace qeval
