// Makes tokens of a context and its continuation, as lm-eval does.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/requests.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/task/prompt_text.hpp>
#include <qeval/eval/task/text_encoder.hpp>

namespace qeval {

struct joint_tokens {
    score_request request;
    bool          truncated = false; // the context was cut on its left
};

// The context that the options of one item share. Few-shot contexts are long, so it is encoded and kept only once.
struct shared_context {
    std::string    text;
    std::size_t    count = 0; // how many tokens `text` has
    token_sequence tokens;    // the whole context that the option before has read
};

// White space that ends the context moves to the continuation. Both are tokenized as one text, which is split behind as
// many tokens as the context has by itself. A beginning-of-text token comes first where the tokenizer adds one; an
// empty context becomes that token, or the end-of-text token. A context that does not fit is cut on the left;
// max_tokens() + 1 tokens fit, since the last one is never read. `last` is the context of the option before, and is set
// to this one: equal contexts share their memory. `item` is what errors call the item: a continuation without tokens
// (file_error EV04), or one longer than the model's context (EV05).
[[nodiscard]] inline joint_tokens tokenize_jointly(text_encoder& words, prompt_text context, std::string continuation,
                                                   std::string_view item, shared_context& last) {
    std::size_t const space = trailing_space(context.text), kept = context.text.size() - space;
    continuation.insert(0, context.text, kept, space);
    context.cut(kept);

    if (context.text != last.text) last = {context.text, words.encode(context).size(), {}};
    context.text += continuation;
    auto whole = words.encode(context);
    if (last.count >= whole.size()) {
        throw file_error{{"EV04", "item " + qeval::quoted(item),
                          "a continuation of no tokens (" + qeval::quoted(continuation) + ")",
                          "at least one token after the context's", "an empty choice"}};
    }
    joint_tokens t;
    auto const   middle = whole.begin() + static_cast<std::ptrdiff_t>(last.count);
    t.request.continuation.assign(middle, whole.end());
    whole.erase(middle, whole.end());
    if (auto const bos = words.bos_before(context); bos >= 0) whole.insert(whole.begin(), bos);
    if (whole.empty() && words.eos() >= 0) whole.push_back(words.eos());
    if (!std::ranges::equal(whole, last.tokens)) last.tokens = std::move(whole);

    index const room = words.max_tokens() + 1 - std::ssize(t.request.continuation);
    if (room < 1) {
        throw file_error{{"EV05", "item " + qeval::quoted(item),
                          std::to_string(t.request.continuation.size()) + " tokens to score",
                          "at most " + std::to_string(words.max_tokens()) + ", the model's context", ""}};
    }
    t.truncated       = static_cast<index>(last.tokens.size()) > room;
    t.request.context = t.truncated ? last.tokens.last(static_cast<std::size_t>(room)) : last.tokens;
    return t;
}

[[nodiscard]] inline joint_tokens tokenize_jointly(text_encoder& words, prompt_text context, std::string continuation,
                                                   std::string_view item) {
    shared_context none;
    return tokenize_jointly(words, std::move(context), std::move(continuation), item, none);
}

} // namespace qeval
