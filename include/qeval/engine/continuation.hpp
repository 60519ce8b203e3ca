// A generated text as it grows: its tokens, its characters, and where a stop text ends it.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/engine/requests.hpp>

namespace qeval {

// The characters that `tokens` add behind `prompt`. Decoders drop the space before a first piece, so the last token of
// the prompt is decoded along and taken off again.
template <class Tokenizer>
[[nodiscard]] std::string continuation_text(Tokenizer const& t, std::span<token const> prompt,
                                            std::span<token const> tokens) {
    std::vector<token> joined(prompt.last(std::min<std::size_t>(prompt.size(), 1)).begin(), prompt.end());
    std::string const  before = t.decode(joined);
    joined.insert(joined.end(), tokens.begin(), tokens.end());
    std::string text = t.decode(joined);
    if (before.empty() || text.compare(0, before.size(), before) != 0) return t.decode(tokens);
    return text.substr(before.size());
}

// Where the first of `stops` begins, or npos.
[[nodiscard]] inline std::size_t find_stop(std::string const& text, std::vector<std::string> const& stops) {
    std::size_t at = std::string::npos;
    for (auto const& s : stops) {
        if (!s.empty()) at = std::min(at, text.find(s));
    }
    return at;
}

} // namespace qeval
