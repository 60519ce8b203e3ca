// What a model is, a line for each part: for people. model_json.hpp has the same for programs.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/counted.hpp>
#include <qeval/model/description.hpp>
#include <qeval/report/model/attention_kind.hpp>
#include <qeval/report/model/feed_forward.hpp>
#include <qeval/report/model/layer_groups.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval {

using fact_line = std::pair<std::string, std::string>; // "windows", "512 in layers 0-4"

namespace detail {

[[nodiscard]] inline std::string attention_text(layer_facts const& l) {
    auto const& a   = l.attention;
    std::string out = text("{}: {} of {}", attention_kind(l), counted(a.heads, "heads"), a.head_size);
    if (l.latent.kv > 0) {
        out += text(", values of {}; keys and values from a vector of {}, queries ", a.value_width(), l.latent.kv);
        out += l.latent.q > 0 ? text("from one of {}", l.latent.q) : "in one step";
    } else if (a.kv_heads != a.heads) {
        out += text(", {} of keys and values", a.kv_heads);
    }
    if (a.soft_cap > 0) out += text("; scores capped at {}", a.soft_cap);
    if (l.sinks) out += "; a sink for each head";
    return out;
}
[[nodiscard]] inline std::string rule_text(std::string const& rule) {
    return rule == "listed" ? "each pair by a factor of the file" : rule == "default" ? "not scaled" : rule;
}
[[nodiscard]] inline std::string rotation_text(model_description const& m) {
    std::string out;
    struct rotation {
        rotary_words words;
        index        rotated                           = 0;
        bool         operator==(rotation const&) const = default;
    };
    auto const of = [](layer_facts const& l) {
        return l.rotated > 0 ? rotation{l.rotation.words, l.rotated} : rotation();
    };
    for (auto const& g : groups_of(m.layers, of)) {
        auto const& [words, rotated] = g.what;
        auto one = rotated == 0 ? std::string("none") : text("{}, base {}", rule_text(words.rule), words.base);
        if (words.factor != 1) one += text(", factor {}", words.factor);
        index const head = m.layers[std::size_t(g.layers.front())].attention.head_size;
        if (rotated > 0)
            one += rotated == head ? ", whole heads" : text(", {} of {} elements of a head", rotated, head);
        out += (out.empty() ? "" : "; ") + one + in_layers(g.layers, m.cache.layers);
    }
    return m.positions ? out + "; each position has a vector that is added to its token's" : out;
}
[[nodiscard]] inline std::string windows_text(model_description const& m) {
    std::string out;
    for (auto const& g : groups_of(m.layers, [](layer_facts const& l) { return l.attention.window; }))
        out += (out.empty() ? "" : "; ") + (g.what > 0 ? text("{} positions", g.what) : std::string("none")) +
               in_layers(g.layers, m.cache.layers);
    return out;
}
[[nodiscard]] inline std::string routing_text(layer_facts const& l) {
    auto const& r   = l.routing;
    std::string out = text("{} used, by {}", r.used, name_of(r.score));
    if (r.groups > 0)
        out += text(", from the best {} of {} groups by their best {}", r.groups_used, r.groups,
                    r.best_two ? "two" : "one");
    if (l.choice_bias) out += ", chosen with a bias";
    if (r.normalised) out += ", weights divided by their sum";
    if (r.scale != 1) out += text(", times {}", r.scale);
    return out;
}
[[nodiscard]] inline std::string experts_text(model_description const& m) {
    auto const  widths = feed_forward_of(m);
    std::string out;
    for (auto const& g : groups_of(m.layers, [](layer_facts const& l) { return l.routing; })) {
        auto const first = std::size_t(g.layers.front());
        auto       one   = std::string("none");
        if (g.what.experts > 0) {
            auto const& w = widths[first];
            one           = text("{} of width {}, {}", g.what.experts, w.expert, routing_text(m.layers[first]));
            if (w.shared > 0) one += text("; a {}shared block of width {}", w.gated ? "gated " : "", w.shared);
        }
        out += (out.empty() ? "" : "; ") + one + in_layers(g.layers, m.cache.layers);
    }
    return out;
}

} // namespace detail

[[nodiscard]] inline std::vector<fact_line> model_lines(model_description const& m) {
    if (m.layers.empty()) return {};
    return {{"attention", detail::attention_text(m.layers.front())},
            {"rotation", detail::rotation_text(m)},
            {"windows", detail::windows_text(m)},
            {"experts", detail::experts_text(m)}};
}

} // namespace qeval
