// What a model is, for programs: the facts of model_lines.hpp. docs/models.md describes the members.
#pragma once

#include <cstddef>
#include <utility>

#include <qeval/io/json/json.hpp>
#include <qeval/model/description.hpp>
#include <qeval/report/model/attention_kind.hpp>
#include <qeval/report/model/feed_forward.hpp>
#include <qeval/report/model/layer_groups.hpp>

namespace qeval {

namespace detail {

[[nodiscard]] inline json attention_json(layer_facts const& l) {
    auto const& a     = l.attention;
    auto const  or_no = [](auto number) { return number > 0 ? json(number) : json(nullptr); };
    return {{"kind", attention_kind(l)},
            {"heads", a.heads},
            {"key_value_heads", a.kv_heads},
            {"head_size", a.head_size},
            {"value_size", a.value_width()},
            {"query_rank", or_no(l.latent.q)},
            {"latent_rank", or_no(l.latent.kv)},
            {"score_cap", or_no(a.soft_cap)},
            {"sinks", l.sinks}};
}
[[nodiscard]] inline json rotation_json(model_description const& m) {
    json all = json::array();
    for (auto const& g : groups_of(m.layers, [](layer_facts const& l) { return l.rotation; })) {
        if (g.what.pairs() == 0) continue;
        auto const& w = g.what.words;
        all.push_back({{"rule", w.rule},
                       {"base", w.base},
                       {"factor", w.factor},
                       {"magnitude", g.what.magnitude},
                       {"rotated", 2 * g.what.pairs()},
                       {"layers", g.layers}});
    }
    return all;
}
[[nodiscard]] inline json experts_json(model_description const& m) {
    auto const widths = feed_forward_of(m);
    for (auto const& g : groups_of(m.layers, [](layer_facts const& l) { return l.routing; })) {
        auto const& r = g.what;
        if (r.experts == 0) continue;
        auto const first = std::size_t(g.layers.front());
        return {{"experts", r.experts},
                {"used", r.used},
                {"width", widths[first].expert},
                {"shared_width", widths[first].shared},
                {"shared_gated", widths[first].gated},
                {"scores", name_of(r.score)},
                {"normalised", r.normalised},
                {"scale", r.scale},
                {"groups", r.groups},
                {"groups_used", r.groups == 0 ? 0 : r.groups_used},
                {"group_worth", r.groups == 0 ? json(nullptr) : json(r.best_two ? "best two" : "best")},
                {"choice_bias", m.layers[first].choice_bias},
                {"layers", g.layers}};
    }
    return nullptr;
}

} // namespace detail

[[nodiscard]] inline json to_json(model_description const& m) {
    json out{{"architecture", m.architecture}, {"layers", m.cache.layers},      {"width", m.width()},
             {"vocabulary", m.vocab_size},     {"context", m.cache.max_tokens}, {"parameters", m.parameters()},
             {"tied_head", m.tied()}};
    if (m.layers.empty()) return out;
    out["attention"]           = detail::attention_json(m.layers.front());
    out["position_embeddings"] = m.positions;
    out["rotation"]            = detail::rotation_json(m);
    json windows               = json::array();
    for (auto const& l : m.layers) windows.push_back(l.attention.window);
    out["windows"]   = std::move(windows);
    out["experts"]   = detail::experts_json(m);
    out["logit_cap"] = m.logit_cap > 0 ? json(m.logit_cap) : json(nullptr);
    return out;
}

} // namespace qeval
