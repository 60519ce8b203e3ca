// lm-eval's way from (context, continuation) texts to tokens.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/data/python_text.hpp>

namespace qeval {

struct joint_tokens {
    score_request request;
    bool          truncated = false; // the context lost tokens on its left
};

// How many tokens a context has: the choices of one item share theirs, and few-shot contexts are long.
struct measured_context {
    std::string text;
    std::size_t tokens = 0;
};

// White space that ends the context moves to the continuation; both are tokenized as one text; the tokens of the
// context alone say where to split. A beginning-of-text token comes first where the tokenizer adds one; an empty
// context is that token, or the end-of-text token. What does not fit loses tokens on the left (the last token is never
// read, so max_tokens() + 1 fit). `last`: of the previous call, and then of this one.
[[nodiscard]] inline joint_tokens tokenize_jointly(any_engine& engine, std::string context, std::string continuation,
                                                   std::string_view item, measured_context& last) {
    std::size_t const space = trailing_space(context);
    continuation.insert(0, context, context.size() - space, space);
    context.resize(context.size() - space);

    auto const bos   = engine.bos();
    auto const whole = engine.encode(context + continuation);
    if (context != last.text) last = {context, engine.encode(context).size()};
    auto const split = last.tokens;
    if (split >= whole.size()) {
        throw file_error{{"EV04", "item " + qeval::quoted(item),
                          "a continuation of no tokens (" + qeval::quoted(continuation) + ")",
                          "at least one token after the context's", "an empty choice"}};
    }
    auto const middle = whole.begin() + static_cast<std::ptrdiff_t>(split);

    joint_tokens t;
    auto&        c = t.request.context;
    if (bos >= 0) c.push_back(bos);
    c.insert(c.end(), whole.begin(), middle);
    if (c.empty() && engine.eos() >= 0) c.push_back(engine.eos());
    t.request.continuation.assign(middle, whole.end());

    index const room = engine.max_tokens() + 1 - std::ssize(t.request.continuation);
    if (room < 1) {
        throw file_error{{"EV05", "item " + qeval::quoted(item),
                          std::to_string(t.request.continuation.size()) + " tokens to score",
                          "at most " + std::to_string(engine.max_tokens()) + ", the model's context", ""}};
    }
    if (std::ssize(c) > room) {
        c.erase(c.begin(), c.end() - room);
        t.truncated = true;
    }
    return t;
}

[[nodiscard]] inline joint_tokens tokenize_jointly(any_engine& engine, std::string context, std::string continuation,
                                                   std::string_view item) {
    measured_context none;
    return tokenize_jointly(engine, std::move(context), std::move(continuation), item, none);
}

} // namespace qeval
