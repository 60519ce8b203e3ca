// Writes an outcome as one line of JSON, and reads it back without a bit of difference.
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/eval/task/outcome.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/json/json_document.hpp>

namespace qeval {

namespace detail {

// A number is written with the fewest digits that read back as the same number. JSON has no NaN and no infinity: they
// are texts.
[[nodiscard]] inline json double_json(double x) {
    if (std::isnan(x)) return "nan";
    if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
    return x;
}
[[nodiscard]] inline double double_from(json_value v) {
    if (!v.is_string()) return v.number(-std::numeric_limits<double>::max(), std::numeric_limits<double>::max());
    if (v.string() == "nan") return std::nan("");
    if (v.string() == "inf") return HUGE_VAL;
    if (v.string() == "-inf") return -HUGE_VAL;
    v.fail("a number");
}
[[nodiscard]] inline json doubles_json(std::vector<double> const& values) {
    json out = json::array();
    for (double x : values) out.push_back(double_json(x));
    return out;
}
[[nodiscard]] inline std::vector<double> doubles_from(json_value v) {
    std::vector<double> out;
    v.for_each_element([&](std::size_t, json_value x) { out.push_back(double_from(x)); });
    return out;
}

} // namespace detail

[[nodiscard]] inline std::string outcome_text(item_outcome const& o) {
    json samples = json::array();
    for (auto const& s : o.samples) samples.push_back({s.text, s.result});
    json greedy = json::array();
    for (auto const g : o.greedy) greedy.push_back(g != 0);
    return json_text({{"id", o.id},
                      {"group", o.group},
                      {"chosen", o.chosen},
                      {"target", o.target},
                      {"correct", o.correct},
                      {"tie", o.tie},
                      {"truncated", o.truncated},
                      {"log_likelihoods", detail::doubles_json(o.log_likelihoods)},
                      {"greedy", std::move(greedy)},
                      {"answer", o.answer},
                      {"error", o.error},
                      {"samples", std::move(samples)},
                      {"values", detail::doubles_json(o.values)}});
}
[[nodiscard]] inline item_outcome outcome_from_text(std::string_view text, std::string const& place) {
    auto const     d = parse_json(text, place, {std::size_t{64} << 20, 10'000'000, 64, "DB03"});
    item_outcome   o;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    o.id                = d.at("id").string();
    o.group             = d.at("group").string();
    o.chosen            = d.at("chosen").integer(-1, most);
    o.target            = d.at("target").integer(-1, most);
    o.correct           = d.at("correct").boolean();
    o.tie               = d.at("tie").boolean();
    o.truncated         = d.at("truncated").boolean();
    o.log_likelihoods   = detail::doubles_from(d.at("log_likelihoods"));
    o.answer            = d.at("answer").string();
    o.error             = d.at("error").string();
    o.values            = detail::doubles_from(d.at("values"));
    d.at("greedy").for_each_element([&](std::size_t, json_value g) { o.greedy.push_back(g.boolean()); });
    d.at("samples").for_each_element([&](std::size_t, json_value s) {
        o.samples.push_back({s[0].string(), s[1].string()});
    });
    return o;
}

} // namespace qeval
