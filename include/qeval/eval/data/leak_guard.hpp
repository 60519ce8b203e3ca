// Finds schemes that are evaluated on the text that they were calibrated on: such scores say little about other texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qeval {

// A data set and what it is used for in this run. `sha256` is the hash of its text; it is empty where only the name is
// known.
struct used_data {
    enum class role { calibration, evaluation };
    role        use;
    std::string name; // usually a path: what the user, or a calibration file, calls it
    std::string sha256;
};

namespace detail {

[[nodiscard]] inline std::string base_name(std::string_view path) {
    auto const at = path.find_last_of("/\\");
    return std::string(at == path.npos ? path : path.substr(at + 1));
}

} // namespace detail

// Two sets overlap if their texts have one hash or, where the hash of one is unknown, if their files have one name.
[[nodiscard]] inline bool overlap(used_data const& a, used_data const& b) {
    if (!a.sha256.empty() && !b.sha256.empty()) return a.sha256 == b.sha256;
    return !a.name.empty() && detail::base_name(a.name) == detail::base_name(b.name);
}

// One sentence for each evaluation set that a calibration set overlaps.
[[nodiscard]] inline std::vector<std::string> leaks_of(std::vector<used_data> const& data) {
    std::vector<std::string> sentences;
    for (auto const& c : data) {
        if (c.use != used_data::role::calibration) continue;
        for (auto const& e : data) {
            if (e.use != used_data::role::evaluation || !overlap(c, e)) continue;
            std::string s("calibrated on ");
            sentences.push_back(s.append(c.name)
                                    .append(", which is evaluated as ")
                                    .append(e.name)
                                    .append(": these scores say little about other texts"));
        }
    }
    return sentences;
}

} // namespace qeval
