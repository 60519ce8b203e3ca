// A prompt for code that is filled in, with the tokens that a model has for it.
#pragma once

#include <string>
#include <string_view>

#include <qeval/eval/task/prompt_text.hpp>

namespace qeval {

// How the vocabulary spells the three tokens (io/tokenizer/vocabulary/middle_tokens.hpp).
struct middle_spelling {
    std::string prefix, suffix, middle;

    // The token before each part; the model writes behind the last one.
    [[nodiscard]] prompt_text write(std::string_view before, std::string_view behind) const {
        prompt_text p;
        auto const  add = [&](std::string_view mark, std::string_view text) {
            p.markup.push_back({p.text.size(), p.text.size() + mark.size()});
            p.text.append(mark).append(text);
        };
        add(prefix, before);
        add(suffix, behind);
        add(middle, {});
        return p;
    }
};

} // namespace qeval
