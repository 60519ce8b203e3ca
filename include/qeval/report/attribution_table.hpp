// What each source of error adds to a scheme's loss: neighbouring rows of an evaluation, subtracted.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <qeval/eval/result/result.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>

namespace qeval {

// A scheme's parts in the order in which they are added, each with the row that has everything up to it.
struct attributed_scheme {
    std::string                                      scheme;
    std::vector<std::pair<std::string, std::string>> parts; // part, row
};

// The first text decides: log-perplexity adds up over the parts, KL divergence and agreement are shown up to each part.
[[nodiscard]] inline text_table attribution_table(evaluation_result const&              result,
                                                  std::vector<attributed_scheme> const& schemes) {
    text_table table({{"scheme", true},
                      {"source of error", true},
                      {"ln perplexity, added", false},
                      {"KL div, added", false},
                      {"KL div up to it", false},
                      {"top-1 % up to it", false}});
    auto const row = [&](std::string const& name) -> text_scores const* {
        for (auto const& s : result.scores.schemes) {
            if (s.scheme == name && !s.texts.empty()) return &s.texts[0];
        }
        return nullptr;
    };
    auto const signed_number = [](double x) {
        return std::isnan(x) ? std::string(absent) : (x < 0 ? "-" : "+") + small(std::fabs(x));
    };
    for (auto const& s : schemes) {
        text_scores const* before = row(result.scores.reference);
        for (auto const& [part, name] : s.parts) {
            text_scores const* const after = row(name);
            if (before == nullptr || after == nullptr || !after->divergence) continue;
            double const kl        = after->divergence->kl.value,
                         kl_before = before->divergence ? before->divergence->kl.value : 0;
            table.add(
                {&part == &s.parts.front().first ? s.scheme : "", part,
                 signed_number(std::log(after->perplexity.perplexity.value / before->perplexity.perplexity.value)),
                 signed_number(kl - kl_before), small(kl), percent(after->divergence->top_agreement.value)});
            before = after;
        }
    }
    return table;
}

} // namespace qeval
