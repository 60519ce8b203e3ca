// How KL divergence from the reference is distributed over the positions of the first text, scheme by scheme.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <qeval/eval/result/result.hpp>
#include <qeval/report/html/section.hpp>
#include <qeval/report/html/table.hpp>
#include <qeval/report/html/text_width.hpp>
#include <qeval/report/text/markup.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::html {

using named_divergence = std::pair<std::string, divergence_result const*>;

[[nodiscard]] inline std::string divergence_chart(std::vector<named_divergence> const& all) {
    constexpr double width = 960, left = 190, right = 20, row = 20, top = 12;
    double           low = HUGE_VAL, high = 0;
    for (auto const& [name, d] : all) {
        low  = std::min(low, d->kl_percentiles.p5);
        high = std::max(high, d->kl_percentiles.max);
    }
    low                       = std::max(low, 1e-9); // rounding can leave a divergence of zero, or just below it
    high                      = std::max(high, 10 * low);
    double const       height = top + row * static_cast<double>(all.size()) + 44;
    markup::axis const x(low, high, left, width - right, true);
    auto const         at    = [&](double v) { return x.at(std::isnan(v) ? low : std::clamp(v, low, high)); };
    std::string        out   = text("<figure class=\"scroll\" tabindex=\"0\"><svg viewBox=\"0 0 {} {}\" role=\"img\" "
                                             "aria-label=\"Distribution of KL divergence by scheme; "
                                             "the table below has the numbers\">\n",
                                    width, height);
    auto const         ticks = x.ticks();
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        out += markup::line(x.at(ticks[i]), top, x.at(ticks[i]), height - 40, "grid");
        out += markup::label(x.at(ticks[i]), height - 24, markup::tick_labels(ticks)[i], "mid");
    }
    out += markup::label(width - right, height - 6, "KL divergence, nats a token", "end");
    for (std::size_t k = 0; k < all.size(); ++k) {
        auto const&  d = *all[k].second;
        auto const&  p = d.kl_percentiles;
        double const y = top + row * (static_cast<double>(k) + 0.5);
        out.append("<g><title>")
            .append(markup::escaped(all[k].first + ": mean " + small(d.kl.value)))
            .append("</title>");
        out += markup::label(left - 10, y + 4, fitted(all[k].first, left - 12), "end name");
        out += markup::line(at(p.p5), y, at(p.p99), y, "whisker");
        out += markup::rectangle(at(p.p25), y - 6, at(p.p75) - at(p.p25), 12, "box");
        out += markup::line(at(p.median), y - 7, at(p.median), y + 7, "tick");
        out += markup::line(at(p.max), y - 4, at(p.max), y + 4, "whisker");
        out += text("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" class=\"dot\"/></g>\n", at(d.kl.value), y);
    }
    return out.append("</svg></figure>\n");
}

[[nodiscard]] inline section divergence_section(evaluation_result const& result) {
    std::vector<named_divergence> all;
    for (auto const& s : result.scores.schemes)
        if (!s.texts.empty() && s.texts[0].divergence) all.emplace_back(s.scheme, &*s.texts[0].divergence);
    if (all.empty()) return {};
    table out("Divergence of every scheme", {{"scheme", true},
                                             {"KL mean"},
                                             {"median"},
                                             {"90 %"},
                                             {"99 %"},
                                             {"max"},
                                             {"same top token %"},
                                             {"Δp RMS %"},
                                             {"not finite"}});
    for (auto const& [name, d] : all) {
        auto const& p = d->kl_percentiles;
        out.row(name);
        for (double const v : {d->kl.value, p.median, p.p90, p.p99, p.max}) out.cell(small(v));
        out.cell(percent(d->top_agreement.value));
        out.cell(percent(d->delta_p_rms.value, 2));
        out.cell(std::to_string(d->not_finite));
    }
    section                       s{"divergence", "Divergence from " + result.scores.reference,
              "<p>KL divergence of next-token distributions over the scored positions. Box: 25 to 75&nbsp;% of "
                                    "positions; line: 5 to 99&nbsp;%; "
                                    "bold tick: median; dot: mean; last tick: maximum.</p>\n"};
    std::vector<named_divergence> drawn = all;
    std::erase_if(drawn, [](named_divergence const& d) { return !std::isfinite(d.second->kl.value); });
    if (!drawn.empty()) s.body += divergence_chart(drawn);
    s.body += details("The same as a table", std::move(out).done());
    return s;
}

} // namespace qeval::html
