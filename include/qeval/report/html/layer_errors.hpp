// Where in the model the stored weights differ from the original ones: a strip of layers for each scheme.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/report/html/section.hpp>
#include <qeval/report/html/table.hpp>
#include <qeval/report/html/text_width.hpp>
#include <qeval/report/text/markup.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::html {

inline constexpr index outside_layers = std::numeric_limits<index>::max(); // sorts last

class layer_strips {
public:
    explicit layer_strips(std::vector<scheme_scores> const& schemes) {
        for (auto const& s : schemes) {
            if (s.tensors.empty()) continue;
            std::map<index, sum> layers;
            strip                one{s.scheme, &s.tensors[0], 0, {}};
            sum                  all;
            for (auto const& t : s.tensors) {
                if (!std::isfinite(t.relative_rmse)) continue;
                layers[t.layer < 0 ? outside_layers : t.layer].add(t.relative_rmse);
                all.add(t.relative_rmse);
                if (!(t.relative_rmse <= one.worst->relative_rmse)) one.worst = &t;
            }
            one.mean = all.root();
            for (auto const& [layer, squares] : layers) {
                double const e = squares.root();
                one.error.emplace(layer, e);
                columns_.emplace(layer, 0);
                if (e > 0) low_ = std::min(low_, e);
                high_ = std::max(high_, e);
            }
            strips_.push_back(std::move(one));
        }
        std::size_t next = 0;
        for (auto& [layer, column] : columns_) column = next++;
    }

    [[nodiscard]] bool empty() const { return strips_.empty() || columns_.empty(); }

    [[nodiscard]] std::string svg() const {
        double const count  = static_cast<double>(columns_.size()),
                     cell   = std::clamp((width - left - right - gap) / count, 3.0, 34.0);
        double const height = top + row * static_cast<double>(strips_.size()) + 24;
        auto const   at     = [&](index layer, std::size_t column) {
            return left + cell * static_cast<double>(column) +
                   (layer == outside_layers && columns_.size() > 1 ? gap : 0);
        };
        std::string out = text("<figure class=\"scroll\" tabindex=\"0\"><svg viewBox=\"0 0 {} {}\" role=\"img\" "
                               "aria-label=\"Error of stored weights by layer; the table below has the worst\">\n",
                               std::max(width, left + cell * count + gap + right), height);
        out += legend();
        std::size_t const every = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(26 / cell)));
        for (auto const& [layer, column] : columns_) {
            bool const outside = layer == outside_layers;
            if (outside || column % every == 0)
                out += markup::label(at(layer, column) + (outside ? 0 : cell / 2), height - 8,
                                     outside ? "outside" : std::to_string(layer), outside ? "" : "mid");
        }
        for (std::size_t k = 0; k < strips_.size(); ++k) {
            double const y = top + row * static_cast<double>(k);
            out += markup::label(left - 10, y + row / 2 + 4, fitted(strips_[k].scheme, left - 12), "end name");
            for (auto const& [layer, e] : strips_[k].error) {
                std::string const where =
                    layer == outside_layers ? std::string("outside the layers") : text("layer {}", layer);
                out += text("<g><title>{}</title>",
                            markup::escaped(strips_[k].scheme + ", " + where + ": " + percent(e, 2) + " %"));
                out += box(at(layer, columns_.at(layer)), y + 2, cell - 1, row - 4, e);
                out += "</g>\n";
            }
        }
        return out.append("</svg></figure>\n");
    }
    [[nodiscard]] std::string worst() const {
        table out("Error of stored weights",
                  {{"scheme", true}, {"all matrices %"}, {"worst %"}, {"worst matrix", true}, {"its format", true}});
        for (auto const& s : strips_) {
            out.row(s.scheme);
            out.cell(percent(s.mean, 3));
            out.cell(percent(s.worst->relative_rmse, 3));
            out.cell(s.worst->name);
            out.cell(s.worst->format);
        }
        return std::move(out).done();
    }

private:
    static constexpr double width = 960, left = 190, right = 20, row = 20, top = 40, gap = 12;

    struct sum {
        double               squares = 0;
        std::size_t          n       = 0;
        void                 add(double e) { squares += e * e, ++n; }
        [[nodiscard]] double root() const {
            return n > 0 ? std::sqrt(squares / static_cast<double>(n)) : undefined_value;
        }
    };
    struct strip {
        std::string             scheme;
        tensor_error const*     worst;
        double                  mean;
        std::map<index, double> error; // by layer
    };

    // From pale to full on a logarithmic scale; an outline alone means no error.
    [[nodiscard]] std::string box(double x, double y, double w, double h, double e) const {
        if (!(e > 0)) return markup::rectangle(x + 0.5, y + 0.5, w - 1, h - 1, "frame");
        double const share = high_ > low_ ? std::log(e / low_) / std::log(high_ / low_) : 1;
        return text("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"heat\" "
                    "fill-opacity=\"{:.2f}\"/>",
                    x, y, w, h, 0.1 + 0.9 * share);
    }
    [[nodiscard]] std::string legend() const {
        if (!(high_ > 0)) return "";
        std::string out = markup::label(left - 10, 20, percent(low_, 2) + " %", "end");
        for (int i = 0; i < 12; ++i) out += box(left + 14 * i, 9, 14, 14, low_ * std::pow(high_ / low_, i / 11.0));
        return out += markup::label(left + 14 * 12 + 8, 20, percent(high_, 2) + " %", "");
    }

    std::vector<strip>           strips_;
    std::map<index, std::size_t> columns_; // layer -> column
    double                       low_ = HUGE_VAL, high_ = 0;
};

[[nodiscard]] inline section layer_section(evaluation_result const& result) {
    layer_strips const strips(result.scores.schemes);
    if (strips.empty()) return {};
    section s{"layers", "Error by layer",
              "<p>Relative error of the stored weights (root mean square over the matrices of a layer), the stronger "
              "the colour the larger; "
              "<em>outside</em>: embedding and output matrices. An empty box is stored without error.</p>\n"};
    s.body += strips.svg();
    s.body += details("The worst matrix of each scheme", strips.worst());
    return s;
}

} // namespace qeval::html
