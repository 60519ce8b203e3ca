// Writes what is known of a scheme as one line of JSON, and reads it back.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/eval/store/outcome_memory.hpp>
#include <qeval/eval/store/outcome_text.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/json/json_document.hpp>

namespace qeval {

[[nodiscard]] inline std::string scheme_facts_text(scheme_facts const& f) {
    json origin = json::array();
    for (auto const& [name, value] : f.origin) origin.push_back({name, value});
    json tensors = json::array();
    for (auto const& t : f.tensors)
        tensors.push_back({t.name, t.format, detail::double_json(t.relative_rmse), t.layer});
    return json_text({{"tensors", std::move(tensors)},
                      {"bits_per_weight", detail::double_json(f.bits_per_weight)},
                      {"weight_bytes", f.weight_bytes},
                      {"notes", f.notes},
                      {"origin", std::move(origin)},
                      {"kernel", f.kernel}});
}
[[nodiscard]] inline scheme_facts scheme_facts_from_text(std::string_view text, std::string const& place) {
    auto const   d = parse_json(text, place, {std::size_t{64} << 20, 10'000'000, 64, "DB03"});
    scheme_facts f;
    f.bits_per_weight = detail::double_from(d.at("bits_per_weight"));
    f.weight_bytes =
        static_cast<std::uint64_t>(d.at("weight_bytes").integer(0, std::numeric_limits<std::int64_t>::max()));
    f.kernel = d.at("kernel").string();
    d.at("notes").for_each_element([&](std::size_t, json_value note) { f.notes.push_back(note.string()); });
    d.at("origin").for_each_element(
        [&](std::size_t, json_value o) { f.origin.emplace_back(o[0].string(), o[1].string()); });
    d.at("tensors").for_each_element([&](std::size_t, json_value t) {
        // Older stores do not have the layer.
        index const layer = t.size() < 4 ? -1 : t[3].integer(-1, std::numeric_limits<int>::max());
        f.tensors.push_back({t[0].string(), t[1].string(), detail::double_from(t[2]), layer});
    });
    return f;
}

} // namespace qeval
