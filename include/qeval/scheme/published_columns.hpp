// What published comparisons of quantized models say of each row: type, compute type, double quantization, group size.
#pragma once

#include <cctype>
#include <string>
#include <string_view>

#include <qeval/core/view.hpp>
#include <qeval/kernel/compute.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/spec.hpp>

namespace qeval {

// The words of bitsandbytes' tables; "N/A" where a scheme has no such thing.
struct published_columns {
    std::string type;             // "NF4", "Q4_K_M", "INT8:SYM"
    std::string compute;          // of matrix products: "F16", "INT8", "F16&INT8" where outliers are multiplied apart
    std::string double_quantized; // "True" or "False" where the format is kept both ways
    std::string group;            // weights with one scale; not of mixes, whose formats differ, nor of rows and tensors
};

namespace detail {

inline std::string upper(std::string_view s) {
    std::string out;
    for (char const c : s) out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
}
// A part of a format's name that says how, not what: sizes of groups and double quantization.
inline bool is_size_or_dq(std::string_view part) {
    return part == "dq" || part == "tensor" || part == "channel" ||
           part.substr(part.starts_with('g')).find_first_not_of("0123456789x") == part.npos;
}

} // namespace detail

[[nodiscard]] inline published_columns published_columns_of(scheme_spec const& spec, format_table const& formats) {
    std::string const weights = spec.weights.starts_with("all:") ? spec.weights.substr(4) : spec.weights;
    auto const        format  = formats.find(weights);
    published_columns c{"", "", "N/A", "N/A"};
    bool              twice = false;
    for (std::size_t at = 0; at <= weights.size();) {
        std::size_t const      end  = std::min(weights.find(':', at), weights.size());
        std::string_view const part = std::string_view(weights).substr(at, end - at);
        twice                       = twice || (at > 0 && part == "dq");
        if (at == 0 || !detail::is_size_or_dq(part)) c.type += (at > 0 ? ":" : "") + detail::upper(part);
        at = end + 1;
    }
    if (twice || formats.find(detail::lower(c.type) + ":dq") != nullptr) c.double_quantized = twice ? "True" : "False";
    if (format != nullptr && format->group_size() > 0) c.group = std::to_string(format->group_size());
    bool const integer  = spec.activations != nullptr && spec.activations->integer_group && !spec.exact_sums,
               outliers = format != nullptr && format->has_outliers();
    c.compute           = outliers ? "F16&INT8" : integer ? "INT8" : detail::upper(name_of(spec.compute));
    if (spec.activations != nullptr && !integer)
        c.compute += ", " + detail::upper(spec.activations->name) + " activations";
    return c;
}

} // namespace qeval
