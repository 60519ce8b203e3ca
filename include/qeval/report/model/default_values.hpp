// Values that files do not say, as text and as JSON.
#pragma once

#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include <qeval/core/taken_default.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval {

[[nodiscard]] inline json to_json(taken_default const& one) {
    return {{"key", one.key},
            {"value", std::visit(
                          []<class T>(T const& v) {
                              if constexpr (std::is_same_v<T, std::monostate>)
                                  return json(nullptr);
                              else
                                  return json(v);
                          },
                          one.value)}};
}
// "rope_theta = 10000, rope_scaling = none"
[[nodiscard]] inline std::string defaults_text(std::vector<taken_default> const& all) {
    std::string out;
    for (auto const& one : all) {
        auto const value = std::visit(
            []<class T>(T const& v) {
                if constexpr (std::is_same_v<T, std::monostate>)
                    return std::string("none");
                else
                    return text("{}", v);
            },
            one.value);
        out += (out.empty() ? "" : ", ") + one.key + " = " + value;
    }
    return out.empty() ? "none" : out;
}

} // namespace qeval
