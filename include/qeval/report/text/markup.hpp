// HTML and SVG as text: escaping, and the few shapes that the report draws.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/report/text/text.hpp>

namespace qeval::markup {

[[nodiscard]] inline std::string escaped(std::string_view raw) {
    std::string out;
    for (char const c : raw) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            if (static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r')
                out += c;
            else
                out += "\uFFFD"; // no control character is text of a page
        }
    }
    return out;
}

// The same, with places where a long name may go on in the next line.
[[nodiscard]] inline std::string breakable(std::string_view raw) {
    std::string out;
    while (!raw.empty()) {
        std::size_t const end   = raw.find_first_of("_:");
        auto const        piece = raw.substr(0, end == raw.npos ? end : end + 1);
        raw.remove_prefix(piece.size());
        out.append(escaped(piece)).append(raw.empty() ? "" : "<wbr>");
    }
    return out;
}

// A linear or logarithmic axis from data to pixels.
class axis {
public:
    axis(double low, double high, double from, double to, bool logarithmic = false)
        : log_(logarithmic), from_(from), to_(to) {
        low_  = scaled(low);
        high_ = scaled(high);
        if (!(high_ > low_)) { // one value only: some room on both sides
            double const room = std::max(std::fabs(low_) * 0.05, 1e-9);
            low_ -= room;
            high_ += room;
        }
    }
    [[nodiscard]] double at(double x) const { return from_ + (scaled(x) - low_) / (high_ - low_) * (to_ - from_); }
    // Round numbers inside: steps of 1, 2 or 5 times a power of ten.
    [[nodiscard]] std::vector<double> ticks(int wanted = 6) const {
        if (!log_) return even(low_, high_, wanted);
        bool const          dense = high_ - low_ < 3; // decades
        int const           apart = std::max(1, static_cast<int>((high_ - low_) / 10));
        std::vector<double> t;
        for (int e = static_cast<int>(std::floor(low_)); e <= static_cast<int>(std::ceil(high_)); ++e) {
            for (double const m : {1.0, 2.0, 5.0}) {
                double const x = m * std::pow(10.0, e), at = std::log10(x);
                if ((m == 1 ? e % apart == 0 : dense) && at >= low_ - 1e-9 && at <= high_ + 1e-9) t.push_back(x);
            }
        }
        return t.size() >= (dense ? 4 : 3) ? t : even(std::pow(10.0, low_), std::pow(10.0, high_), wanted);
    }

private:
    [[nodiscard]] double                     scaled(double x) const { return log_ ? std::log10(x) : x; }
    [[nodiscard]] static std::vector<double> even(double low, double high, int wanted) {
        double const        raw = (high - low) / wanted, power = std::pow(10.0, std::floor(std::log10(raw)));
        double const        step = power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10);
        std::vector<double> t;
        for (double n = std::ceil(low / step - 1e-9); n * step <= high + step * 1e-9; ++n)
            t.push_back(n == 0 ? 0 : n * step); // no -0
        return t;
    }

    bool   log_;
    double low_ = 0, high_ = 0, from_, to_;
};

// What stands at ticks: as few digits as tell each from the next one.
[[nodiscard]] inline std::vector<std::string> tick_labels(std::vector<double> const& ticks) {
    std::vector<std::string> labels;
    for (int digits = 6; digits <= 17; ++digits) {
        labels.clear();
        for (double const t : ticks) labels.push_back(text("{:.{}g}", t, digits));
        if (std::adjacent_find(labels.begin(), labels.end()) == labels.end()) break;
    }
    return labels;
}

[[nodiscard]] inline std::string line(double x1, double y1, double x2, double y2, std::string_view style) {
    return text("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>", x1, y1, x2, y2, style);
}
[[nodiscard]] inline std::string label(double x, double y, std::string_view what, std::string_view style) {
    return text("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\">{}</text>", x, y, style, escaped(what));
}
[[nodiscard]] inline std::string rectangle(double x, double y, double width, double height, std::string_view style) {
    return text("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"{}\"/>", x, y,
                std::max(0.0, width), height, style);
}

} // namespace qeval::markup
