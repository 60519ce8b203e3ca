// Rotary positions as configurations describe them. Frequencies are floats, each operation rounded as in transformers
// (modeling_rope_utils.py), whose rules these are; llama.cpp has the same ones under other names.
//   default   f_i = theta^(-2i/d) of the pair i of d rotated dimensions
//   linear    f_i / factor
//   dynamic   f_i: what it changes begins behind the context of the configuration
//   llama3    f_i / factor where the wave is long, f_i where it is short, a blend between them
//   yarn      a blend of f_i / factor and f_i along i; magnitude 0.1 ln(factor) + 1
//   longrope  f_i / short_factor_i, or f_i / long_factor_i in a context that is longer than the one before scaling;
//             magnitude sqrt(1 + ln(factor) / ln(original context))
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/part/rope_scaling.hpp>
#include <qeval/model/shape.hpp>

namespace qeval {

// theta^(2i/d), [d / 2]
[[nodiscard]] inline std::vector<float> rotary_periods(double theta, index dimensions) {
    std::vector<float> p;
    index const        half = dimensions / 2;
    for (index i = 0; i < half; ++i) p.push_back(float(std::pow(theta, double(float(i) / float(half)))));
    return p;
}

// Of `dimensions` of a head, nothing scaled.
[[nodiscard]] inline rotary plain_rotary(double theta, index dimensions, rope_order order = rope_order::half_split) {
    rotary r{.order = order, .words = {.base = theta}};
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

} // namespace detail

struct rotation {
    rotary       rope;
    rope_scaling scaling; // what the file says of it, and the context that the model is used with
};
// What `rule` describes in the file. positions: the context of the configuration.
[[nodiscard]] inline rotation read_rotation(config_reader const& r, rotary_rule const& rule, index positions) {
    std::optional<double> stated_theta, stated_part;
    if (auto const t = r.find(rule.theta_key)) stated_theta = t->number(1, 1e15);
    if (auto const p = r.find({rule.part_key})) stated_part = p->number(0, 1);
    if (auto const found = r.find({"rope_parameters"})) {
        json_value from = found->json();
        if (!rule.layer_type.empty() && from.find(rule.layer_type)) from = from.at(rule.layer_type);
        if (auto const t = from.find("rope_theta")) stated_theta = t->number(1, 1e15);
        if (auto const p = from.find("partial_rotary_factor")) stated_part = p->number(0, 1);
    }
    double const theta   = stated_theta ? *stated_theta : r.took(rule.theta_key, rule.theta);
    index        rotated = index(double(rule.head_size) * stated_part.value_or(rule.part));
    if (!stated_part && rule.part != 1) r.took({rule.part_key}, rule.part);
    if (auto const d = r.find({"", "rope.dimension_count"}))
        rotated = d->integer(0, rule.head_size);
    else
        r.took({"", "rope.dimension_count"}, rotated);
    if (rotated % 2 != 0) {
        throw file_error{{"CF01", r.file() + ", rotated dimensions of a head", std::to_string(rotated),
                          "an even number (rotary pairs)", ""}};
    }
    auto const periods = rotary_periods(theta, rotated);
    rotation   all{plain_rotary(theta, rotated, r.is_gguf() ? rule.in_gguf : rule.in_hf),
                 read_rope_scaling(r, rule, positions, rotated / 2)};
    if (!rule.scaled) return all;
    auto&       out  = all.rope;
    auto const& s    = all.scaling;
    out.words.rule   = r.has_tensor("rope_factors_short.weight") ? "longrope"
                       : r.is_gguf() && !s.factors.empty()       ? "listed"
                       : s.kind == "linear" && s.factor == 1     ? "default" // scales nothing
                                                                 : s.kind;
    out.words.factor = s.factor;
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
    // A GGUF may have factors of each pair and a scaling, too.
    bool const both = r.is_gguf() && s.kind != "default" && s.factor != 1;
    for (std::size_t i = 0; i < s.factors.size(); ++i)
        out.frequencies[i] = both ? out.frequencies[i] / s.factors[i] : 1.0f / (s.factors[i] * periods[i]);
    if (s.attention_factor) out.magnitude = float(*s.attention_factor);
    return all;
}
[[nodiscard]] inline rotary read_rotary(config_reader const& r, rotary_rule const& rule, index positions) {
    return read_rotation(r, rule, positions).rope;
}

} // namespace qeval
