// Also tests text_width.hpp, quality.hpp.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tests/report/browser.hpp>
#include <tests/report/sample_result.hpp>
#include <tests/support/catch.hpp>

#include <qeval/report/html/pareto.hpp>
#include <qeval/report/html/style.hpp>
#include <qeval/report/html_report.hpp>

namespace {

using namespace qeval_test;

// Evaluations whose charts are hard to draw, by name.
std::map<std::string, qeval::evaluation_result> hard_results() {
    std::map<std::string, qeval::evaluation_result> all;
    all["one scheme"]         = sample_result({1, 2, 4, 3, false});
    all["four schemes"]       = sample_result({4, 2, 4, 3, false});
    all["forty schemes"]      = sample_result({40, 3, 12, 3, false});
    all["forty hostile ones"] = sample_result({40, 3, 12, 3, true});
    auto const each_score     = [](qeval::evaluation_result& r, auto const& change) {
        for (std::size_t i = 0; i < r.scores.schemes.size(); ++i) {
            auto& s = r.scores.schemes[i];
            for (auto& t : s.tasks) change(i, t.metrics[0].score);
            for (auto& t : s.texts) change(i, t.perplexity.perplexity);
        }
    };
    for (double const score : {1.0, 0.0, 0.5}) {
        auto& r = all["equal scores of " + std::to_string(score)] = sample_result({12, 2, 4, 3, false});
        each_score(r, [&](std::size_t, qeval::estimate& e) { e = {score, 0}; });
    }
    auto& nearly = all["scores that differ in the last digit"] = sample_result({12, 2, 4, 3, false});
    each_score(nearly, [](std::size_t i, qeval::estimate& e) { e = {0.3 + 1e-17 * static_cast<double>(i), 0}; });
    auto& close = all["scores that differ in the eighth digit"] = sample_result({12, 2, 4, 3, false});
    each_score(close, [](std::size_t i, qeval::estimate& e) { e = {14.34 + 1e-4 * static_cast<double>(i % 3), 0}; });
    auto& sizes = all["equal sizes"] = sample_result({12, 2, 4, 3, false});
    for (auto& s : sizes.scores.schemes) s.weight_bytes = 12'345'678;
    auto& line = all["forty on one line"] = sample_result({40, 1, 4, 3, false});
    each_score(line, [](std::size_t i, qeval::estimate& e) { e = {1.0 - 0.01 * static_cast<double>(i), 0.001}; });
    for (std::size_t i = 0; i < 40; ++i) line.scores.schemes[i].weight_bytes = 40'000'000 - 400'000 * i;
    return all;
}

std::vector<std::string> parts(std::string_view text, std::string_view begin, std::string_view end) {
    std::vector<std::string> all;
    for (auto at = text.find(begin); at != text.npos; at = text.find(begin, at + 1))
        all.emplace_back(text.substr(at + begin.size(), text.find(end, at + begin.size()) - at - begin.size()));
    return all;
}
std::string unescaped(std::string text) {
    for (auto const& [code, c] :
         {std::pair{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}, {"&amp;", '&'}})
        for (std::size_t at = 0; (at = text.find(code)) != text.npos;)
            text.replace(at, std::string_view(code).size(), 1, c);
    return text;
}
std::string attribute(std::string const& element, std::string const& name) {
    auto const found = parts(" " + element, " " + name + "=\"", "\"");
    return found.empty() ? "" : found[0];
}
std::vector<std::string> chart_of(qeval::evaluation_result const& r) {
    return parts(qeval::html_report(r), "<svg ", "</svg>");
}

// What a browser measures: labels over labels, and over lines that are no grid; labels of axes over any line.
constexpr std::string_view measure = R"js(<script>
for (const d of document.querySelectorAll('details')) d.open = true;
const out = []; let labels = 0;
for (const svg of document.querySelectorAll('svg')) {
  const boxes = [], lines = [];
  for (const t of svg.querySelectorAll('text')) {
    const b = t.getBBox();
    // Of the height of a line of text the capitals take the middle.
    boxes.push({name: t.textContent, cls: t.getAttribute('class') || '', l: b.x, r: b.x + b.width, t: b.y + 2,
                b: b.y + b.height - 2});
  }
  for (const e of svg.querySelectorAll('line'))
    lines.push([e.getAttribute('class'), ...['x1', 'y1', 'x2', 'y2'].map(end => +e.getAttribute(end))]);
  for (const e of svg.querySelectorAll('path')) {
    const p = e.getAttribute('d').split(/[ML]/).filter(Boolean).map(s => s.split(',').map(Number));
    for (let i = 1; i < p.length; ++i) lines.push(['front', ...p[i - 1], ...p[i]]);
  }
  const view = svg.viewBox.baseVal;
  labels += boxes.length;
  for (let i = 0; i < boxes.length; ++i) {
    const a = boxes[i];
    if (a.l < -0.5 || a.r > view.width + 0.5) out.push(a.name + ' is cut');
    for (let k = 0; k < i; ++k) {
      const b = boxes[k];
      if (a.l < b.r && b.l < a.r && a.t < b.b && b.t < a.b) out.push(a.name + ' over ' + b.name);
    }
    for (const [cls, x1, y1, x2, y2] of lines) {
      if (cls == 'grid' && a.cls.includes('name')) continue;
      let hit = false;
      for (let n = 0; n <= 2000 && !hit; ++n) {
        const x = x1 + (x2 - x1) * n / 2000, y = y1 + (y2 - y1) * n / 2000;
        hit = x > a.l && x < a.r && y > a.t && y < a.b;
      }
      if (hit) out.push(a.name + ' over a line ' + cls);
    }
  }
}
const pre = document.createElement('pre');
pre.id = 'measured';
pre.textContent = labels + ' labels; ' + out.join('; ');
document.body.append(pre);
</script>)js";

double contrast(std::string const& a, std::string const& b) { // WCAG 2.2: relative luminances
    auto const luminance = [](std::string hex) {
        if (hex.size() == 3) hex = {hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]};
        double sum = 0;
        for (int i = 0; i < 3; ++i) {
            double const c =
                static_cast<double>(std::strtol(hex.substr(static_cast<std::size_t>(2 * i), 2).c_str(), nullptr, 16)) /
                255;
            sum += (i == 0   ? 0.2126
                    : i == 1 ? 0.7152
                             : 0.0722) *
                   (c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4));
        }
        return sum;
    };
    double const x = luminance(a) + 0.05, y = luminance(b) + 0.05;
    return std::max(x, y) / std::min(x, y);
}

} // namespace

TEST_CASE("no two ticks of an axis say the same, whatever the scores are") {
    std::size_t charts = 0;
    for (auto const& [name, result] : hard_results()) {
        for (auto const& svg : chart_of(result)) {
            std::map<std::string, std::vector<std::string>> axes; // by the coordinate that is the same for all
            for (auto const& t : parts(svg, "<text ", "</text>")) {
                auto const style = attribute(t, "class");
                auto const label = t.substr(t.find('>') + 1);
                char*      end   = nullptr;
                if (std::strtod(label.c_str(), &end); *end == '\0' && style == "end")
                    axes["x" + attribute(t, "x")].push_back(label);
                if (*end == '\0' && style == "mid") axes["y" + attribute(t, "y")].push_back(label);
            }
            for (auto const& [axis, labels] : axes) {
                INFO(name << ", " << axis << ", " << labels[0]);
                CHECK(std::set<std::string>(labels.begin(), labels.end()).size() == labels.size());
                CHECK(labels.size() <= 20);
            }
            charts += !axes.empty();
        }
    }
    CHECK(charts > 30);
}

TEST_CASE("labels of charts lie over no line and no other label, by the room that is kept for them") {
    std::size_t names = 0;
    for (auto const& [name, result] : hard_results()) {
        for (auto const& svg : chart_of(result)) {
            struct box {
                std::string text;
                double      left, top, right, bottom;
            };
            std::vector<box>                   boxes;
            std::vector<std::array<double, 4>> lines;
            for (auto const& t : parts(svg, "<text ", "</text>")) {
                std::string const style = attribute(t, "class"), text = t.substr(t.find('>') + 1);
                std::string const shown = unescaped(text);
                double const      width = qeval::html::text_width(shown), x = std::stod(attribute(t, "x")),
                             y    = std::stod(attribute(t, "y"));
                double const left = style.find("end") != style.npos   ? x - width
                                    : style.find("mid") != style.npos ? x - width / 2
                                                                      : x;
                boxes.push_back({text, left, y - 9, left + width, y + 2});
                names += style.find("mid name") != style.npos;
            }
            for (auto const& l : parts(svg, "<line ", "/>")) {
                auto const style = attribute(l, "class");
                if (style == "bar" || style == "leader" || style == "whisker")
                    lines.push_back({std::stod(attribute(l, "x1")), std::stod(attribute(l, "y1")),
                                     std::stod(attribute(l, "x2")), std::stod(attribute(l, "y2"))});
            }
            for (auto const& path : parts(svg, "<path d=\"M", "\"")) {
                std::array<double, 2> before{};
                bool                  first = true;
                for (auto const& p : parts("L" + path + "L", "L", "L")) {
                    if (p.empty()) continue;
                    std::array<double, 2> const at = {std::stod(p), std::stod(p.substr(p.find(',') + 1))};
                    if (!first) lines.push_back({before[0], before[1], at[0], at[1]});
                    before = at;
                    first  = false;
                }
            }
            for (std::size_t i = 0; i < boxes.size(); ++i) {
                box const& a = boxes[i];
                INFO(name << ": " << a.text);
                for (std::size_t k = 0; k < i; ++k) {
                    box const& b = boxes[k];
                    INFO("over " << b.text);
                    CHECK_FALSE((a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom));
                }
                bool hit = false;
                for (auto const& l : lines) {
                    for (int n = 0; n <= 500; ++n) {
                        double const x = l[0] + (l[2] - l[0]) * n / 500, y = l[1] + (l[3] - l[1]) * n / 500;
                        hit = hit || (x > a.left && x < a.right && y > a.top && y < a.bottom);
                    }
                }
                CHECK_FALSE(hit);
            }
        }
    }
    CHECK(names > 300);
}

TEST_CASE("labels of charts lie over no line and no other label in a browser, and none is cut") {
    if (!has_browser()) return;
    for (auto const& [name, result] : hard_results()) {
        INFO(name);
        auto const dom      = browse(qeval::html_report(result) + std::string(measure)).dom;
        auto const measured = parts(dom, "<pre id=\"measured\">", "</pre>");
        REQUIRE(measured.size() == 1);
        INFO(measured[0]);
        CHECK(measured[0].ends_with(" labels; "));
        CHECK((name == "one scheme") == measured[0].starts_with("0 "));
    }
}

TEST_CASE("what is written in report.html can be read in light and dark and on paper") {
    auto const palettes = parts(qeval::html::style, ":root{", "}");
    REQUIRE(palettes.size() == 3);
    for (auto const& palette : palettes) {
        auto const color = [&](std::string const& name) { return parts(palette + ";", "--" + name + ":#", ";").at(0); };
        for (char const* ground : {"bg", "card", "row"})
            for (char const* ink : {"fg", "dim", "ink", "ref", "good", "bad"}) {
                INFO(palette << ": " << ink << " on " << ground);
                CHECK(contrast(color(ink), color(ground)) >= 4.5); // WCAG's AA for text
            }
    }
    CHECK(contrast("000", "fff") == Approx(21));
}
