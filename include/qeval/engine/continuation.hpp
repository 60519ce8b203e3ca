// The characters of a text that is being generated, and where a stop text ends it.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/engine/requests.hpp>

namespace qeval {

// The characters that `tokens` add behind `prompt`. Some decoders drop the space before the first token that they are
// given; so the last token of the prompt is decoded with `tokens`, and its characters are removed again.
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

// Where in `text` the earliest of `stops` begins; npos where none is in it. Empty stops are ignored.
[[nodiscard]] inline std::size_t find_stop(std::string const& text, std::vector<std::string> const& stops) {
    std::size_t at = std::string::npos;
    for (auto const& s : stops) {
        if (!s.empty()) at = std::min(at, text.find(s));
    }
    return at;
}

} // namespace qeval
