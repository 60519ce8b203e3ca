// Differences of two checkpoints, or of two evaluations: a table and a line for people, JSON for programs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/shape_text.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/results_difference.hpp>
#include <qeval/report/tensor_difference.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>

namespace qeval {

namespace detail {

[[nodiscard]] inline json        number_or_null(double x) { return std::isfinite(x) ? json(x) : json(nullptr); }
[[nodiscard]] inline std::string remark_of(tensor_difference const& d) {
    if (d.formats[0].empty()) return "only in the second";
    if (d.formats[1].empty()) return "only in the first";
    if (d.shapes[0] != d.shapes[1]) return "shapes " + shape_text(d.shapes[0]) + ", " + shape_text(d.shapes[1]);
    if (!d.compared) return "a format that is not known here";
    return d.equal_bytes ? "equal bytes" : d.equal() ? "equal values" : "";
}

} // namespace detail

[[nodiscard]] inline text_table differences_table(std::vector<tensor_difference> const& all, bool equal_ones) {
    text_table table({{"tensor", true},
                      {"first", true},
                      {"second", true},
                      {"different", false},
                      {"of", false},
                      {"largest", false},
                      {"relative RMS", false},
                      {"", true}});
    for (auto const& d : all) {
        if (d.equal() && !equal_ones) continue;
        auto const number = [&](double x) { return d.compared ? text("{:.3g}", x) : std::string("-"); };
        table.add({d.name, d.formats[0].empty() ? "-" : d.formats[0], d.formats[1].empty() ? "-" : d.formats[1],
                   d.compared ? std::to_string(d.different) : "-", d.compared ? std::to_string(d.values) : "-",
                   number(d.largest), number(d.relative_rms), detail::remark_of(d)});
    }
    return table;
}
[[nodiscard]] inline std::string differences_summary(std::vector<tensor_difference> const& all) {
    auto const equal = std::ranges::count_if(all, &tensor_difference::equal);
    auto const bytes = std::ranges::count_if(all, [](auto const& d) { return d.equal_bytes; });
    auto const missing =
        std::ranges::count_if(all, [](auto const& d) { return d.formats[0].empty() || d.formats[1].empty(); });
    return text("{} tensors: {} equal in values, {} of them in bytes; {} differ; {} in one of both only", all.size(),
                equal, bytes, static_cast<std::ptrdiff_t>(all.size()) - equal - missing, missing);
}
[[nodiscard]] inline json differences_json(std::vector<tensor_difference> const& all) {
    json       out{{"equal", std::ranges::all_of(all, &tensor_difference::equal)}, {"tensors", json::array()}};
    auto const stated = [](std::string const& format) { return format.empty() ? json(nullptr) : json(format); };
    for (auto const& d : all) {
        json one{{"name", d.name},
                 {"formats", {stated(d.formats[0]), stated(d.formats[1])}},
                 {"shapes", {d.shapes[0], d.shapes[1]}},
                 {"equal_bytes", d.equal_bytes},
                 {"equal_values", d.equal()}};
        if (d.compared) {
            one["values"] = d.values, one["different"] = d.different;
            one["largest"]      = detail::number_or_null(d.largest);
            one["relative_rms"] = detail::number_or_null(d.relative_rms);
        }
        out["tensors"].push_back(std::move(one));
    }
    return out;
}

[[nodiscard]] inline text_table differences_table(std::vector<results_difference> const& all, bool equal_ones) {
    text_table table({{"scheme", true},
                      {"task", true},
                      {"metric", true},
                      {"first", false},
                      {"second", false},
                      {"difference", false},
                      {"stderr", false, true}});
    for (auto const& d : all) {
        if (d.equal() && !equal_ones) continue;
        auto const& [a, b] = d.measured;
        auto const of      = [](auto const& m) { return m ? text("{:.6g}", m->value) : std::string("-"); };
        auto const error   = b && b->error ? text("{:.2g}", *b->error) : std::string();
        table.add(
            {d.scheme, d.task, d.metric, of(a), of(b), a && b ? text("{:+.3g}", b->value - a->value) : "-", error});
    }
    return table;
}
[[nodiscard]] inline std::string differences_summary(std::vector<results_difference> const& all) {
    auto const equal = std::ranges::count_if(all, &results_difference::equal);
    return text("{} numbers: {} equal, {} differ", all.size(), equal, static_cast<std::ptrdiff_t>(all.size()) - equal);
}
[[nodiscard]] inline json differences_json(std::vector<results_difference> const& all) {
    json out{{"equal", std::ranges::all_of(all, &results_difference::equal)}, {"numbers", json::array()}};
    for (auto const& d : all) {
        json values = json::array(), errors = json::array();
        for (auto const& m : d.measured) {
            values.push_back(m ? detail::number_or_null(m->value) : json(nullptr));
            errors.push_back(m && m->error ? detail::number_or_null(*m->error) : json(nullptr));
        }
        out["numbers"].push_back({{"scheme", d.scheme},
                                  {"task", d.task},
                                  {"metric", d.metric},
                                  {"values", std::move(values)},
                                  {"stderr", std::move(errors)},
                                  {"equal", d.equal()}});
    }
    return out;
}

} // namespace qeval
