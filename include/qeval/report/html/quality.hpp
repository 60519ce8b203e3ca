// The measures of quality that an evaluation has, one number for each scheme.
#pragma once

#include <string>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/report/text/item_counts_text.hpp>

namespace qeval::html {

struct quality {
    std::string           name;
    bool                  lower_is_better = false;
    std::vector<estimate> of;     // by scheme; undefined where it has none
    std::vector<index>    failed; // by scheme: how many of the items failed
};

// The perplexity's error is its protocol's own, as everywhere in reports.
[[nodiscard]] inline estimate shown_score(text_scores const& t, metric_scores const& m) {
    return m.metric.name == "perplexity" ? t.perplexity.perplexity : m.score;
}

// The first text's perplexity and divergence, then the first metric of each further text and of each task.
[[nodiscard]] inline std::vector<quality> qualities(evaluation_scores const& scores) {
    std::vector<quality> all;
    if (scores.schemes.empty()) return all;
    auto const& first = scores.schemes[0];
    auto const  add   = [&](std::string name, bool lower, auto const& of, auto const& counts) {
        quality q{std::move(name), lower, {}, {}};
        for (auto const& s : scores.schemes) {
            q.of.push_back(of(s));
            q.failed.push_back(counts(s).failed);
        }
        all.push_back(std::move(q));
    };
    for (std::size_t i = 0; i < first.texts.size(); ++i) {
        auto const& metric = first.texts[i].task.metrics[0].metric;
        auto const  counts = [i](scheme_scores const& s) -> item_counts const& { return s.texts[i].task; };
        add(
            first.texts[i].task.task + (metric.name == "perplexity" ? "" : " " + metric.name), !metric.higher_is_better,
            [i](scheme_scores const& s) { return shown_score(s.texts[i], s.texts[i].task.metrics[0]); }, counts);
        if (i == 0 && scores.schemes.size() > 1 && scores.schemes[1].texts[0].divergence) {
            add(
                "KL divergence from " + scores.reference, true,
                [](scheme_scores const& s) { return s.texts[0].divergence ? s.texts[0].divergence->kl : estimate{}; },
                counts);
        }
    }
    for (std::size_t i = 0; i < first.tasks.size(); ++i) {
        auto const&  metric = first.tasks[i].metrics[0].metric;
        double const unit   = metric.kind == metric_kind::proportion ? 100 : 1;
        add(
            first.tasks[i].task + " " + metric.name + (unit > 1 ? ", %" : "") +
                (is_partial(first.tasks[i]) ? ", partial data" : ""),
            !metric.higher_is_better,
            [i, unit](scheme_scores const& s) {
                auto const& score = s.tasks[i].metrics[0].score;
                return estimate{unit * score.value, unit * score.error};
            },
            [i](scheme_scores const& s) -> item_counts const& { return s.tasks[i]; });
    }
    return all;
}

} // namespace qeval::html
