// Which experts the tokens of a batch go to: the rule of routing_rule, whatever the device. A few numbers for each
// token, so that devices may compute them on the host.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/model/shape.hpp>

namespace qeval {

namespace detail {

// The `n` largest of `values`, the first of equals, in descending order.
inline std::vector<std::size_t> largest_of(std::span<float const> values, index n) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    auto const before = [&](std::size_t a, std::size_t b) {
        return values[a] > values[b] || (values[a] == values[b] && a < b);
    };
    std::partial_sort(order.begin(), order.begin() + n, order.end(), before);
    order.resize(std::size_t(n));
    return order;
}
// Exponentials in double, each share rounded once.
inline std::vector<float> softmax_of(std::span<float const> logits) {
    float const         most = *std::max_element(logits.begin(), logits.end());
    std::vector<double> e(logits.size());
    for (std::size_t i = 0; i < e.size(); ++i) e[i] = std::exp(double(logits[i]) - double(most));
    double const       sum = std::accumulate(e.begin(), e.end(), 0.0);
    std::vector<float> shares(e.size());
    for (std::size_t i = 0; i < e.size(); ++i) shares[i] = float(e[i] / sum);
    return shares;
}
// Experts outside of the best groups cannot be chosen: `choice` becomes lower than any score there.
inline void keep_best_groups(routing_rule const& rule, std::vector<float>& choice) {
    auto const         size = choice.size() / std::size_t(rule.groups);
    std::vector<float> worth;
    for (std::size_t g = 0; g < std::size_t(rule.groups); ++g) {
        auto const group = std::span(choice).subspan(g * size, size);
        auto const best  = largest_of(group, rule.best_two ? 2 : 1);
        worth.push_back(group[best[0]] + (rule.best_two ? group[best[1]] : 0.0f));
    }
    std::vector<bool> kept(worth.size());
    for (auto const g : largest_of(worth, rule.groups_used)) kept[g] = true;
    for (std::size_t e = 0; e < choice.size(); ++e) {
        if (!kept[e / size]) choice[e] = -INFINITY;
    }
}

} // namespace detail

// logits: [n, experts]. bias: [experts], added to the scores that choose; or empty. Shares are given for each expert.
[[nodiscard]] inline std::vector<expert_share> route_tokens(matrix_view<float const> logits, routing_rule const& rule,
                                                            std::span<float const> bias) {
    using scores = routing_rule::scores;
    std::vector<expert_share> all(std::size_t(rule.experts));
    for (index r = 0; r < logits.rows; ++r) {
        std::vector<float> score(logits.row(r).begin(), logits.row(r).end());
        if (rule.score == scores::softmax) score = detail::softmax_of(score);
        if (rule.score == scores::sigmoid) {
            for (float& s : score) s = float(1 / (1 + std::exp(-double(s))));
        }
        std::vector<float> choice = score;
        for (std::size_t e = 0; e < bias.size(); ++e) choice[e] += bias[e];
        if (rule.groups > 0) detail::keep_best_groups(rule, choice);
        auto const         chosen = detail::largest_of(choice, rule.used);
        std::vector<float> weight;
        for (auto const e : chosen) weight.push_back(score[e]);
        if (rule.score == scores::softmax_chosen) weight = detail::softmax_of(weight);
        if (rule.normalised) {
            float sum = rule.score == scores::sigmoid ? 1e-20f : 0.0f;
            for (float const w : weight) sum += w;
            for (float& w : weight) w /= sum;
        }
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            all[chosen[i]].rows.push_back(r);
            all[chosen[i]].weights.push_back(weight[i] * rule.scale);
        }
    }
    return all;
}

} // namespace qeval
