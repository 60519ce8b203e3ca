// A format's name together with the sizes of its groups: "nf4:dq" with blocks of 128 is "nf4:128:dq".
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <qeval/format/policy/geometry.hpp>
#include <qeval/format/traits.hpp>

namespace qeval {

// Names are compared without regard to case.
constexpr bool same_name(std::string_view a, std::string_view b) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

namespace detail {

// 1 .. 65536 in decimal digits, 0 for anything else.
constexpr index read_size(std::string_view text) {
    index n = 0;
    for (char c : text) {
        if (c < '0' || c > '9' || (n == 0 && c == '0') || (n = 10 * n + (c - '0')) > 65536) return 0;
    }
    return n;
}

} // namespace detail

// "tensor", "channel", "g128" (in a row) or "128x128"
template <int H, int W>
constexpr std::optional<rectangles<H, W>> read_geometry(std::string_view text, rectangles<H, W>) {
    using R = rectangles<H, W>;
    if (same_name(text, "tensor")) return R{0, 0};
    if (same_name(text, "channel")) return R{1, 0};
    if (text.empty()) return {};
    bool const        in_a_row = text[0] == 'g' || text[0] == 'G';
    std::size_t const cross    = in_a_row ? 0 : text.find_first_of("xX");
    if (cross == text.npos) return {};
    R const r{in_a_row ? 1 : detail::read_size(text.substr(0, cross)), detail::read_size(text.substr(cross + 1))};
    return r.height > 0 && r.width > 0 ? std::optional<R>(r) : std::nullopt;
}
constexpr std::optional<whole_rows> read_geometry(std::string_view, whole_rows) { return {}; }
template <int H, int W>
std::string geometry_text(rectangles<H, W> r) {
    if (r.width == 0 && r.height <= 1) return r.height == 0 ? "tensor" : "channel";
    return r.height == 1 ? "g" + std::to_string(r.width) : std::to_string(r.height) + "x" + std::to_string(r.width);
}

// A power of two from 32 to 4096: what bitsandbytes takes.
template <int Size>
constexpr std::optional<flat<Size>> read_geometry(std::string_view text, flat<Size>) {
    index const n = detail::read_size(text);
    if (n < 32 || n > 4096 || (n & (n - 1)) != 0) return {};
    return flat<Size>{n};
}
template <int Size>
std::string geometry_text(flat<Size> g) {
    return std::to_string(g.size);
}

// The geometry that `text` asks of F: its default for F's own name, what one part more says, nothing for other names.
template <class F>
constexpr std::optional<geometry_of<F>> geometry_named(std::string_view text) {
    if (same_name(name_of<F>(), text)) return geometry_of<F>{};
    if constexpr (in_planes<F>) {
        for (std::size_t from = text.find(':'); from < text.size();) {
            std::size_t const to   = std::min(text.find(':', from + 1), text.size());
            std::size_t const rest = text.size() - (to - from); // a name that has `from`, then what follows `to`
            if (name_of<F>().size() == rest && same_name(name_of<F>().substr(0, from), text.substr(0, from)) &&
                same_name(name_of<F>().substr(from), text.substr(to))) {
                return read_geometry(text.substr(from + 1, to - from - 1), geometry_of<F>{});
            }
            from = to;
        }
    }
    return {};
}

// The inverse: sizes other than the format's own stand behind the first part of its name.
template <class F>
std::string name_in(geometry_of<F> geometry) {
    std::string name(name_of<F>());
    if constexpr (in_planes<F>) {
        if (geometry != geometry_of<F>{})
            name.insert(std::min(name.find(':'), name.size()), ":" + geometry_text(geometry));
    }
    return name;
}

} // namespace qeval
