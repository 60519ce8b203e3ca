// Makes tokens of a prompt that a model continues.
#pragma once

#include <algorithm>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/eval/task/prompt_text.hpp>
#include <qeval/eval/task/text_encoder.hpp>

namespace qeval {

struct prompt_tokens {
    std::vector<token> tokens;
    bool               truncated = false; // it was cut on its left
};

// The tokens of a prompt, behind the beginning-of-text token where the tokenizer adds one. A prompt that leaves no room
// for `new_tokens` tokens in the context is cut on the left. With cut == false it is kept whole, and the engine refuses
// it.
[[nodiscard]] inline prompt_tokens tokenize_prompt(text_encoder& words, prompt_text const& prompt, index new_tokens,
                                                   bool cut = true) {
    prompt_tokens p;
    if (auto const bos = words.bos_before(prompt); bos >= 0) p.tokens.push_back(bos);
    auto const ids = words.encode(prompt);
    p.tokens.insert(p.tokens.end(), ids.begin(), ids.end());
    index const room = std::max<index>(1, words.max_tokens() - new_tokens);
    if (cut && std::ssize(p.tokens) > room) {
        p.tokens.erase(p.tokens.begin(), p.tokens.end() - room);
        p.truncated = true;
    }
    return p;
}

} // namespace qeval
