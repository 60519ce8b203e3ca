// Bytes that are no UTF-8, in a text some parts of which are marked.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/io/text/code_point.hpp>
#include <qeval/io/text/text_range.hpp>

namespace qeval {

// escape_bytes() of the text, part by part, appended to `escaped`. Returns where the marked parts have moved.
[[nodiscard]] inline std::vector<text_range> escape_marked(std::string_view text, std::span<text_range const> marked,
                                                           std::string& escaped) {
    std::vector<text_range> moved;
    std::size_t             done = 0;
    for (auto const& r : marked) {
        escaped += escape_bytes(text.substr(done, r.begin - done));
        std::size_t const begin = escaped.size();
        escaped += escape_bytes(text.substr(r.begin, r.end - r.begin));
        moved.push_back({begin, escaped.size()});
        done = r.end;
    }
    escaped += escape_bytes(text.substr(done));
    return moved;
}

} // namespace qeval
