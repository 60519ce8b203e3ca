// Stored bytes against quality, with intervals and the line of schemes that no other beats in both.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/eval/result/result.hpp>
#include <qeval/report/html/label_layout.hpp>
#include <qeval/report/html/quality.hpp>
#include <qeval/report/html/section.hpp>
#include <qeval/report/html/table.hpp>
#include <qeval/report/html/text_width.hpp>
#include <qeval/report/text/item_counts_text.hpp>
#include <qeval/report/text/markup.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::html {

class pareto_chart {
public:
    pareto_chart(std::vector<scheme_scores> const& schemes, quality const& what) : schemes_(schemes), what_(what) {
        double largest = 0;
        for (std::size_t i = 0; i < schemes.size(); ++i) {
            if (!std::isfinite(what.of[i].value) || schemes[i].weight_bytes == 0) continue;
            points_.push_back({i, static_cast<double>(schemes[i].weight_bytes) / (1 << 20), what.of[i].value,
                               std::isfinite(what.of[i].error) ? 1.96 * what.of[i].error : 0, what.failed[i] > 0});
            largest = std::max(largest, points_.back().size);
        }
        if (largest >= 2048) {
            unit_ = "GiB";
            for (auto& p : points_) p.size /= 1024;
        }
        std::stable_sort(points_.begin(), points_.end(), [&](point const& a, point const& b) {
            return a.size != b.size ? a.size < b.size : better(a.value, b.value);
        });
        double best = what.lower_is_better ? HUGE_VAL : -HUGE_VAL;
        for (auto& p : points_) {
            p.best = !p.failed && better(p.value, best);
            if (p.best) best = p.value;
        }
    }

    [[nodiscard]] bool empty() const { return points_.size() < 2; }

    [[nodiscard]] std::string svg() const {
        double x_low = HUGE_VAL, x_high = 0, y_low = HUGE_VAL, y_high = -HUGE_VAL, y_least = HUGE_VAL;
        for (auto const& p : points_) {
            x_low   = std::min(x_low, p.size);
            x_high  = std::max(x_high, p.size);
            y_low   = std::min(y_low, p.value - p.margin);
            y_high  = std::max(y_high, p.value + p.margin);
            y_least = std::min(y_least, p.value);
        }
        bool const log_y = what_.lower_is_better && y_least > 0 && y_high / y_least > 4;
        if (log_y) y_low = std::max(y_low, y_least / 2); // an interval that reaches zero has no end on this axis
        // Equal scores have room around them, too: a twentieth of what they are.
        bool const         alike = y_high - y_low <= 1e-6 * std::fabs(y_high);
        double const       room  = 0.05 * (alike ? std::max(std::fabs(y_high), 1e-9) : y_high - y_low);
        markup::axis const y(log_y ? y_low / 1.2 : y_low - room, log_y ? y_high * 1.2 : y_high + room, height - bottom,
                             top, log_y);
        auto const         up        = y.ticks();
        auto const         up_labels = markup::tick_labels(up);
        double             left      = narrowest_left;
        for (auto const& l : up_labels) left = std::max(left, text_width(l) + 12);
        markup::axis const x(x_low / 1.1, x_high * 1.15, left, width - right, true);
        auto const         across        = x.ticks();
        auto const         across_labels = markup::tick_labels(across);

        std::string out = text("<figure class=\"scroll\" tabindex=\"0\"><svg viewBox=\"0 0 {} {}\" role=\"group\" "
                               "aria-label=\"Size against {}\">\n",
                               width, height, markup::escaped(what_.name));
        for (std::size_t i = 0; i < across.size(); ++i) {
            double const at = x.at(across[i]);
            out += markup::line(at, top, at, height - bottom, "grid");
            out += markup::label(at, height - bottom + 18, across_labels[i], "mid");
        }
        for (std::size_t i = 0; i < up.size(); ++i) {
            double const at = y.at(up[i]);
            out += markup::line(left, at, width - right, at, "grid");
            out += markup::label(left - 8, at + 4, up_labels[i], "end");
        }
        out += markup::label(
            left, 16, what_.name + (what_.lower_is_better ? " (lower is better)" : " (higher is better)"), "axis");
        out += markup::label(width - right, height - 8, "stored weights, " + unit_, "end");
        std::string path;
        for (auto const& p : points_)
            if (p.best) path += text("{}{:.1f},{:.1f}", path.empty() ? "M" : "L", x.at(p.size), y.at(p.value));
        out.append("<path d=\"").append(path).append("\" class=\"front\"/>\n");
        return out.append(marks(x, y, left, log_y ? y_low : -HUGE_VAL)).append("</svg></figure>\n");
    }

private:
    static constexpr double width = 960, height = 460, narrowest_left = 64, right = 16, top = 30, bottom = 46;
    static constexpr double line = 15; // of text

    struct point {
        std::size_t scheme = 0;
        double      size = 0, value = 0, margin = 0; // 95 %
        bool        failed = false;                  // some of its items: on no line
        bool        best   = false;
    };
    [[nodiscard]] bool better(double a, double b) const { return what_.lower_is_better ? a < b : a > b; }

    // Intervals below all dots, then dots with names: first the reference's, then those of the line, then the others.
    [[nodiscard]] std::string marks(markup::axis const& x, markup::axis const& y, double left, double least) const {
        label_layout layout({left + 2, top - 8, width - right, height - bottom - 2});
        std::string  out;
        for (auto const& p : points_) {
            double const px = x.at(p.size), py = y.at(p.value);
            double const low = y.at(std::max(p.value - p.margin, least)), high = y.at(p.value + p.margin);
            out += markup::line(px, low, px, high, "bar");
            layout.keep_clear(label_layout::box{px - 6, py - 6, px + 6, py + 6});
            layout.keep_clear(label_layout::segment{px, low, px, high});
        }
        point const* before = nullptr;
        for (auto const& p : points_) {
            if (!p.best) continue;
            if (before != nullptr)
                layout.keep_clear(
                    label_layout::segment{x.at(before->size), y.at(before->value), x.at(p.size), y.at(p.value)});
            before = &p;
        }
        std::vector<point const*> order;
        for (auto const& p : points_) order.push_back(&p);
        auto const rank = [](point const* p) { return p->scheme == 0 ? 0 : p->best ? 1 : 2; };
        std::stable_sort(order.begin(), order.end(), [&](point const* a, point const* b) { return rank(a) < rank(b); });
        for (point const* p : order) out += mark(*p, x.at(p->size), y.at(p->value), layout);
        return out;
    }
    [[nodiscard]] std::string mark(point const& p, double px, double py, label_layout& layout) const {
        auto const&       s      = schemes_[p.scheme];
        std::string const number = std::to_string(p.scheme + 1);
        std::string       name = fitted(s.scheme, 170), out = "<a href=\"#scheme-";
        double const      bold  = p.scheme == 0 ? 1.15 : 1;
        auto              place = layout.place(px, py, bold * text_width(name) + 4, line);
        if (!place) {
            name  = number; // of its row in the table of scores
            place = layout.place(px, py, bold * text_width(name) + 4, line);
        }
        out.append(number).append("\"><title>");
        out.append(markup::escaped(s.scheme + ": " + bytes_text(s.weight_bytes) + ", " +
                                   score_text(what_.of[p.scheme], 1, {what_.failed[p.scheme], false})))
            .append("</title>");
        if (place && place->leader) {
            auto const& l = *place->leader;
            out += markup::line(l.x1, l.y1, l.x2, l.y2, "leader");
        }
        out += text("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" class=\"dot{}{}\"/>", px, py,
                    p.failed ? " failed"
                    : p.best ? " best"
                             : "",
                    p.scheme == 0 ? " reference" : "");
        if (place)
            out += markup::label((place->where.left + place->where.right) / 2, place->where.bottom - 4, name,
                                 p.scheme == 0 ? "mid name reference" : "mid name");
        return out.append("</a>\n");
    }

    std::vector<scheme_scores> const& schemes_;
    quality const&                    what_;
    std::vector<point>                points_;
    std::string                       unit_ = "MiB";
};

[[nodiscard]] inline section pareto_section(evaluation_result const& result) {
    section     s{"front", "Size and quality", ""};
    std::string more;
    for (auto const& q : qualities(result.scores)) {
        pareto_chart const chart(result.scores.schemes, q);
        if (chart.empty()) continue;
        if (s.body.empty()) {
            s.body = "<p>Stored weights against quality, with 95&nbsp;% intervals. The dashed line joins the schemes "
                     "that no other beats in both. A number stands where a name had no room: it is the row of the "
                     "table below. A dot without either says its name under the pointer. A dashed circle is a score "
                     "over failed items.</p>\n" +
                     chart.svg();
        } else {
            more.append("<h3>").append(markup::escaped(q.name)).append("</h3>\n").append(chart.svg());
        }
    }
    if (!more.empty()) s.body += details("Size against every other measure", more, false);
    return s;
}

} // namespace qeval::html
