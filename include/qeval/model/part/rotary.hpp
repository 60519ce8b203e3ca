// Rotary positions as configurations describe them. Frequencies are floats, each operation rounded as in transformers
// (modeling_rope_utils.py), whose rules these are; llama.cpp has the same ones under other names.
//   default   f_i = theta^(-2i/d) of the pair i of d rotated dimensions
//   linear    f_i / factor
//   dynamic   f_i: what it changes begins behind the context of the configuration
//   llama3    f_i / factor where the wave is long, f_i where it is short, a blend between them
//   yarn      a blend of f_i / factor and f_i along i; magnitude 0.1 ln(factor) + 1
//   longrope  f_i / short_factor_i; magnitude sqrt(1 + ln(factor) / ln(original context))
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/shape.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

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
};

// Numbers of a scaling, from either kind of file.
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
};

// theta^(2i/d), [d / 2]
[[nodiscard]] inline std::vector<float> rotary_periods(double theta, index dimensions) {
    std::vector<float> p;
    index const        half = dimensions / 2;
    for (index i = 0; i < half; ++i) p.push_back(float(std::pow(theta, double(float(i) / float(half)))));
    return p;
}

// Of `dimensions` of a head, nothing scaled.
[[nodiscard]] inline rotary plain_rotary(double theta, index dimensions, rope_order order = rope_order::half_split) {
    rotary r{order};
    for (float const p : rotary_periods(theta, dimensions)) r.frequencies.push_back(1.0f / p);
    return r;
}

namespace detail {

inline void blend_llama3(std::vector<float>& f, rope_scaling const& s) {
    float const pi2 = float(2 * std::numbers::pi), old = float(s.original), low = float(s.low_freq),
                high = float(s.high_freq), factor = float(s.factor);
    for (float& v : f) {
        float const wave = pi2 / v;
        if (wave > old / low) {
            v /= factor;
        } else if (!(wave < old / high)) {
            float const smooth = (old / wave - low) / (high - low);
            v                  = (1 - smooth) * v / factor + smooth * v;
        }
    }
}
inline double yarn_scale(double factor, double by = 1) { return factor <= 1 ? 1.0 : 0.1 * by * std::log(factor) + 1.0; }

inline void blend_yarn(std::vector<float>& f, std::vector<float> const& periods, double theta, rope_scaling const& s) {
    auto const half = double(f.size());
    auto const at   = [&](double rotations) {
        return 2 * half * std::log(s.original / (rotations * 2 * std::numbers::pi)) / (2 * std::log(theta));
    };
    double low = at(s.most_turns), high = at(s.least_turns);
    if (s.truncate) low = std::floor(low), high = std::ceil(high);
    low = std::max(low, 0.0), high = std::min(high, 2 * half - 1);
    if (low == high) high += 0.001;
    for (std::size_t i = 0; i < f.size(); ++i) {
        float const ramp = std::clamp((float(i) - float(low)) / float(high - low), 0.0f, 1.0f), own = 1 - ramp;
        f[i] = 1 / (float(s.factor) * periods[i]) * (1 - own) + f[i] * own;
    }
}

inline std::vector<float> factors_of(json_value const& list, index pairs) {
    std::vector<float> all;
    list.for_each_element([&](std::size_t, json_value v) { all.push_back(float(v.number(1e-6, 1e6))); });
    if (index(all.size()) != pairs)
        list.refuse(std::to_string(all.size()) + " numbers", std::to_string(pairs) + ", one for each pair", "", "CF07");
    return all;
}

inline rope_scaling read_hf_scaling(config_reader const& r, json_value const& from, double positions, index pairs) {
    rope_scaling s;
    auto         kind = from.find("rope_type");
    if (!kind) kind = from.find("type");
    if (kind) s.kind = kind->string();
    if (s.kind == "su") s.kind = "longrope";
    if (s.kind == "mrope") s.kind = "default"; // three positions that are equal where there is text alone
    constexpr std::array known{"default", "linear", "dynamic", "llama3", "yarn", "longrope"};
    if (std::ranges::find(known, s.kind) == known.end())
        kind->fail("default, linear, dynamic, llama3, yarn or longrope", "", "CF07");
    auto const number = [&](char const* key, double otherwise) {
        auto const v = from.find(key);
        return v ? v->number(-1e9, 1e12) : otherwise;
    };
    auto const before = [&] { // the context before scaling; Phi-3 has it beside the scaling
        auto const own = r.find({"original_max_position_embeddings"});
        return number("original_max_position_embeddings", own ? double(own->integer(1, config_limits::positions)) : 0);
    };
    if (s.kind == "linear" || s.kind == "llama3" || s.kind == "yarn") s.factor = from.at("factor").number(1e-6, 1e6);
    if (s.kind == "llama3") {
        s.low_freq  = from.at("low_freq_factor").number(1e-6, 1e6);
        s.high_freq = from.at("high_freq_factor").number(1e-6, 1e6);
        s.original  = double(from.at("original_max_position_embeddings").integer(1, config_limits::positions));
    } else if (s.kind == "yarn") {
        double const stated = before();
        s.original          = stated > 0 ? stated : positions;
        s.most_turns        = number("beta_fast", 32);
        s.least_turns       = number("beta_slow", 1);
        s.mscale            = number("mscale", 0);
        s.mscale_all_dim    = number("mscale_all_dim", 0);
        if (auto const t = from.find("truncate")) s.truncate = t->boolean();
    } else if (s.kind == "longrope") {
        double const stated = before();
        s.factors           = factors_of(from.at("short_factor"), pairs);
        s.original          = stated > 0 ? stated : positions;
        s.factor            = stated > 0 ? positions / stated : number("factor", 1);
    }
    if (auto const a = from.find("attention_factor")) s.attention_factor = a->number(1e-6, 1e6);
    return s;
}

// The type is linear where it is absent, the factor 1; the older key counts where the newer one is absent.
inline rope_scaling read_gguf_scaling(config_reader const& r, double positions, index pairs) {
    rope_scaling s;
    auto const   kind = r.find({"", "rope.scaling.type"});
    s.kind            = kind ? std::string(kind->text()) : "linear";
    if (s.kind == "none") s.kind = "default";
    constexpr std::array known{"default", "linear", "yarn", "longrope"};
    if (std::ranges::find(known, s.kind) == known.end()) kind->fail("none, linear, yarn or longrope", "CF07");
    double const older = r.number({"", "rope.scale_linear"}, 0, 1e6, 0);
    s.factor           = r.number({"", "rope.scaling.factor"}, 0, 1e6, older);
    if (s.factor == 0) s.factor = 1;
    s.original =
        double(r.size({"", "rope.scaling.original_context_length"}, config_limits::positions, index(positions)));
    s.most_turns  = r.number({"", "rope.scaling.yarn_beta_fast"}, 0, 1e6, 32);
    s.least_turns = r.number({"", "rope.scaling.yarn_beta_slow"}, 0, 1e6, 1);
    // Whatever the kind: a GGUF of Phi-3 has the factors of longrope and says no kind.
    s.attention_factor = r.number({"", "rope.scaling.attn_factor"}, 1e-6, 1e6, 1);
    if (s.kind == "yarn") // as the converter writes it; llama.cpp's Llama does not read it
        *s.attention_factor *= r.number({"", "rope.scaling.yarn_attn_factor"}, 1e-6, 1e6, yarn_scale(s.factor));
    bool const  longrope = r.has_tensor("rope_factors_short.weight");
    auto const* factors  = r.tensor(longrope ? "rope_factors_short.weight" : "rope_freqs.weight");
    if (factors != nullptr) {
        s.factors = read_floats(*factors);
        if (index(s.factors.size()) != pairs) {
            throw file_error{{"CF07", r.file() + ", tensor " + qeval::quoted(factors->name),
                              std::to_string(s.factors.size()) + " numbers",
                              std::to_string(pairs) + ", one for each pair", ""}};
        }
    }
    return s;
}

} // namespace detail

// The context in which `positions` may be used. Of the two lists of longrope the first holds up to the context before
// scaling. Which one a longer text needs follows from its whole length, which a step of it does not know.
[[nodiscard]] inline index rotary_context(config_reader const& r, index positions) {
    auto original = r.find({"", "rope.scaling.original_context_length"});
    if (r.is_gguf()) {
        if (!r.has_tensor("rope_factors_short.weight") || !original) return positions;
    } else {
        auto const scaling = r.find({"rope_scaling"});
        auto const longs   = scaling ? scaling->json().find("long_factor") : std::nullopt;
        if (!longs) return positions;
        original = r.find({"original_max_position_embeddings"});
        if (auto const own = scaling->json().find("original_max_position_embeddings")) original = *own;
        if (!original) return positions;
    }
    return std::min(positions, original->integer(1, config_limits::positions));
}

// The scaling of the file for `rule`, before it is applied. positions: the context of the configuration.
[[nodiscard]] inline rope_scaling read_rope_scaling(config_reader const& r, rotary_rule const& rule, index positions,
                                                    index pairs) {
    if (r.is_gguf()) return detail::read_gguf_scaling(r, double(positions), pairs);
    for (std::string_view const key : {"rope_parameters", "rope_scaling"}) { // the first since transformers 5
        auto const found = r.find({key});
        if (!found) continue;
        json_value from = found->json();
        if (!rule.layer_type.empty() && from.find(rule.layer_type)) from = from.at(rule.layer_type);
        return detail::read_hf_scaling(r, from, double(positions), pairs);
    }
    return {};
}

// The positions that `rule` describes in the file. positions: the context of the configuration.
[[nodiscard]] inline rotary read_rotary(config_reader const& r, rotary_rule const& rule, index positions) {
    double theta = r.number(rule.theta_key, 1, 1e15, rule.theta), part = rule.part;
    if (auto const p = r.find({rule.part_key})) part = p->number(0, 1);
    if (auto const found = r.find({"rope_parameters"})) {
        json_value from = found->json();
        if (!rule.layer_type.empty() && from.find(rule.layer_type)) from = from.at(rule.layer_type);
        if (auto const t = from.find("rope_theta")) theta = t->number(1, 1e15);
        if (auto const p = from.find("partial_rotary_factor")) part = p->number(0, 1);
    }
    index rotated = index(double(rule.head_size) * part);
    if (auto const d = r.find({"", "rope.dimension_count"})) rotated = d->integer(0, rule.head_size);
    if (rotated % 2 != 0) {
        throw file_error{{"CF01", r.file() + ", rotated dimensions of a head", std::to_string(rotated),
                          "an even number (rotary pairs)", ""}};
    }
    auto const periods = rotary_periods(theta, rotated);
    rotary     out     = plain_rotary(theta, rotated, r.is_gguf() ? rule.in_gguf : rule.in_hf);
    if (!rule.scaled) return out;
    auto const s = read_rope_scaling(r, rule, positions, rotated / 2);
    if (s.kind == "linear") {
        for (float& f : out.frequencies) f = f / float(s.factor);
    } else if (s.kind == "llama3") {
        detail::blend_llama3(out.frequencies, s);
    } else if (s.kind == "yarn") {
        detail::blend_yarn(out.frequencies, periods, theta, s);
        out.magnitude = float(s.mscale > 0 && s.mscale_all_dim > 0 ? detail::yarn_scale(s.factor, s.mscale) /
                                                                         detail::yarn_scale(s.factor, s.mscale_all_dim)
                                                                   : detail::yarn_scale(s.factor));
    } else if (s.kind == "longrope") {
        out.magnitude = s.factor <= 1 ? 1.0f : float(std::sqrt(1 + std::log(s.factor) / std::log(s.original)));
    }
    for (std::size_t i = 0; i < s.factors.size(); ++i) out.frequencies[i] = 1.0f / (s.factors[i] * periods[i]);
    if (s.attention_factor) out.magnitude = float(*s.attention_factor);
    return out;
}

} // namespace qeval
