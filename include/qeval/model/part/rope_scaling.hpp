// What configurations say of how rotary positions are scaled, read from both kinds of file.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/shape.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

// Numbers of a scaling, from either kind of file, and what the model is used with under it.
struct rope_scaling {
    std::string           kind             = "default";
    double                factor           = 1;
    double                original         = 0; // context before scaling
    std::optional<double> attention_factor = {};
    double                low_freq = 1, high_freq = 4;      // llama3
    double                most_turns = 32, least_turns = 1; // yarn: beta_fast and beta_slow
    double                mscale = 0, mscale_all_dim = 0;
    bool                  truncate = true;
    std::vector<float>    factors  = {}; // of each pair: divide its frequency
    index                 context  = 0;  // tokens of a sequence at most
};

// What an architecture knows of its rotation beside the file.
struct rotary_rule {
    index            head_size  = 0;
    rope_order       in_gguf    = rope_order::half_split; // how rows of q and k lie in a GGUF
    rope_order       in_hf      = rope_order::half_split;
    double           theta      = 10000; // where the file does not say it
    double           part       = 1;     // of the head, likewise
    config_key       theta_key  = {"rope_theta", "rope.freq_base"};
    std::string_view part_key   = "partial_rotary_factor";
    std::string_view layer_type = {};   // rope_parameters has an entry for each type of layer: which one
    bool             scaled     = true; // false: the scaling of the file is for other layers
    rope_scaling     otherwise  = {};   // where config.json does not say it
};

namespace detail {

inline double yarn_scale(double factor, double by = 1) { return factor <= 1 ? 1.0 : 0.1 * by * std::log(factor) + 1.0; }

// Whether the long one of longrope's two lists holds. original: the context before scaling, in which the short one
// does. The context that the model is used with decides, as in llama.cpp and vLLM, so that logits do not depend on how
// a text is cut; where nothing is said, it ends where the short factors do. transformers chooses by the length of each
// text.
inline bool takes_long_factors(config_reader const& r, index original, rope_scaling& s) {
    bool const longer = r.context() > original;
    if (r.context() == 0) s.context = std::min(s.context, original);
    r.note(r.file() + ": longrope's " + (longer ? "long" : "short") + " factors are used, for a context of " +
           std::to_string(longer ? r.context() : original) + " (" + std::to_string(original) + " before scaling)");
    return longer;
}

// Where config.json describes the scaling, under either of its names, of which the first is used since transformers 5.
inline std::optional<json_value> scaling_entry(config_reader const& r, std::string_view layer_type) {
    auto found = r.find({"rope_parameters"});
    if (!found) found = r.find({"rope_scaling"});
    if (!found) return std::nullopt;
    json_value const all = found->json();
    return !layer_type.empty() && all.find(layer_type) ? all.at(layer_type) : all;
}

inline std::vector<float> factors_of(json_value const& list, index pairs) {
    std::vector<float> all;
    list.for_each_element([&](std::size_t, json_value v) { all.push_back(float(v.number(1e-6, 1e6))); });
    if (index(all.size()) != pairs)
        list.refuse(std::to_string(all.size()) + " numbers", std::to_string(pairs) + ", one for each pair", "", "CF07");
    return all;
}

inline void read_hf_scaling(config_reader const& r, json_value const& from, double positions, index pairs,
                            rope_scaling& s) {
    auto kind = from.find("rope_type");
    if (!kind) kind = from.find("type");
    if (kind) s.kind = kind->string();
    // rope_parameters may say the base alone; what has sections of three positions is told by them.
    if (!kind && !r.find({"rope_parameters"}) && !from.find("mrope_section"))
        from.refuse("neither rope_type nor type", "one of them", "", "CF07");
    if (s.kind == "su") s.kind = "longrope";
    if (s.kind == "mrope") s.kind = "default"; // three positions that are equal where there is text alone
    constexpr std::array known{"default", "linear", "dynamic", "llama3", "yarn", "longrope"};
    if (std::ranges::find(known, s.kind) == known.end())
        kind->fail("default, linear, dynamic, llama3, yarn or longrope", "", "CF07");
    auto const number = [&](std::string const& key, double otherwise) {
        auto const v = from.find(key);
        return v ? v->number(-1e9, 1e12) : otherwise;
    };
    auto const said = [&](std::string const& key, double otherwise) { // a number of the rule, with a default of its own
        return from.find(key) ? number(key, otherwise) : r.took({"rope_scaling." + key}, otherwise);
    };
    auto const before = [&]() -> std::optional<config_entry> { // the context before it; Phi-3 has it beside the scaling
        if (auto const own = from.find("original_max_position_embeddings")) return config_entry(*own);
        return r.find({"original_max_position_embeddings"});
    };
    if (s.kind == "linear" || s.kind == "llama3" || s.kind == "yarn" || s.kind == "dynamic") // of dynamic for reports
        s.factor = from.at("factor").number(1e-6, 1e6);
    if (s.kind == "llama3") {
        s.low_freq  = from.at("low_freq_factor").number(1e-6, 1e6);
        s.high_freq = from.at("high_freq_factor").number(1e-6, 1e6);
        s.original  = double(from.at("original_max_position_embeddings").integer(1, config_limits::positions));
    } else if (s.kind == "yarn") {
        auto const   stated   = before();
        double const original = stated ? stated->number(-1e9, 1e12) : 0;
        s.original            = original > 0 ? original : positions;
        s.most_turns          = said("beta_fast", 32);
        s.least_turns         = said("beta_slow", 1);
        s.mscale              = number("mscale", 0);
        s.mscale_all_dim      = number("mscale_all_dim", 0);
        if (auto const t = from.find("truncate")) s.truncate = t->boolean();
    } else if (s.kind == "longrope") {
        auto const  stated   = before();
        index const original = stated ? stated->integer(1, config_limits::positions) : 0;
        bool const  longer   = stated && takes_long_factors(r, original, s);
        s.factors            = factors_of(from.at(longer ? "long_factor" : "short_factor"), pairs);
        s.original           = stated ? double(original) : positions;
        s.factor             = stated ? positions / double(original) : number("factor", 1);
    }
    if (auto const a = from.find("attention_factor")) s.attention_factor = a->number(1e-6, 1e6);
}

// The type is linear where it is absent, the factor 1; the older key counts where the newer one is absent.
inline void read_gguf_scaling(config_reader const& r, index positions, index pairs, rope_scaling& s) {
    auto const kind = r.find({"", "rope.scaling.type"});
    s.kind          = kind ? std::string(kind->text()) : "linear";
    if (s.kind == "none") s.kind = "default";
    constexpr std::array known{"default", "linear", "yarn", "longrope"};
    if (std::ranges::find(known, s.kind) == known.end()) kind->fail("none, linear, yarn or longrope", "CF07");
    if (s.kind == "longrope") s.kind = "linear"; // whose factors are a tensor, and apply with any kind
    auto const stated = [&](config_key key, double low, double otherwise) {
        auto const found = r.find(key);
        return found ? found->number(low, 1e6) : otherwise;
    };
    s.factor = stated({"", "rope.scaling.factor"}, 0, stated({"", "rope.scale_linear"}, 0, 0));
    if (s.factor == 0) s.factor = r.took({"", "rope.scaling.factor"}, 1.0);
    auto const  stated_original = r.find({"", "rope.scaling.original_context_length"});
    index const original        = stated_original ? stated_original->integer(1, config_limits::positions) : positions;
    s.original                  = double(original);
    // Whatever the kind: a GGUF of Phi-3 has the factors of longrope and says no kind.
    s.attention_factor = stated({"", "rope.scaling.attn_factor"}, 1e-6, 1);
    if (s.kind == "yarn") {
        if (!stated_original) r.took({"", "rope.scaling.original_context_length"}, positions);
        s.most_turns  = r.number({"", "rope.scaling.yarn_beta_fast"}, 0, 1e6, 32);
        s.least_turns = r.number({"", "rope.scaling.yarn_beta_slow"}, 0, 1e6, 1);
        // as the converter writes it; llama.cpp's Llama does not read it
        *s.attention_factor *= stated({"", "rope.scaling.yarn_attn_factor"}, 1e-6, yarn_scale(s.factor));
    }
    bool const  both    = r.has_tensor("rope_factors_short.weight");
    bool const  longer  = both && stated_original && takes_long_factors(r, original, s);
    auto const* factors = r.tensor(longer ? "rope_factors_long.weight"
                                   : both ? "rope_factors_short.weight"
                                          : "rope_freqs.weight");
    if (factors != nullptr) {
        s.factors = read_floats(*factors);
        if (index(s.factors.size()) != pairs) {
            throw file_error{{"CF07", r.file() + ", tensor " + qeval::quoted(factors->name),
                              std::to_string(s.factors.size()) + " numbers",
                              std::to_string(pairs) + ", one for each pair", ""}};
        }
    }
}

// The class's own, of YaRN: what a file would say of it.
inline void take_default_scaling(config_reader const& r, rope_scaling const& otherwise, rope_scaling& s) {
    index const context = s.context;
    s                   = otherwise;
    s.context           = context;
    r.took({"rope_scaling.rope_type"}, s.kind);
    r.took({"rope_scaling.factor"}, s.factor);
    r.took({"rope_scaling.beta_fast"}, s.most_turns);
    r.took({"rope_scaling.beta_slow"}, s.least_turns);
    r.took({"rope_scaling.truncate"}, s.truncate);
    r.took({"rope_scaling.original_max_position_embeddings"}, s.original);
}

} // namespace detail

// The scaling of the file for `rule`, before it is applied. positions: the context of the configuration.
[[nodiscard]] inline rope_scaling read_rope_scaling(config_reader const& r, rotary_rule const& rule, index positions,
                                                    index pairs) {
    rope_scaling s{.context = r.context() > 0 ? std::min(r.context(), positions) : positions};
    if (!rule.scaled) return s;
    if (r.is_gguf())
        detail::read_gguf_scaling(r, positions, pairs, s);
    else if (auto const from = detail::scaling_entry(r, rule.layer_type))
        detail::read_hf_scaling(r, *from, double(positions), pairs, s);
    else if (rule.otherwise.kind == "default" || r.is_null("rope_scaling"))
        r.took({"rope_scaling"}, std::monostate());
    else
        detail::take_default_scaling(r, rule.otherwise, s);
    return s;
}

} // namespace qeval
