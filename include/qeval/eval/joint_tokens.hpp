// lm-eval's way from (context, continuation) texts to tokens.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/concepts.hpp>

namespace qeval {

// Bytes of white space at the end of a UTF-8 text, as Python's str.rstrip() sees it.
[[nodiscard]] inline std::size_t trailing_space(std::string_view text) {
    std::size_t const size  = text.size();
    auto const        strip = [&](std::string_view space) {
        bool const is = text.size() >= space.size() && text.substr(text.size() - space.size()) == space;
        if (is) text.remove_suffix(space.size());
        return is;
    };
    for (bool more = true; more;) {
        more = false;
        if (!text.empty()) {
            char const c = text.back();
            if (c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f')) {
                text.remove_suffix(1);
                more = true;
                continue;
            }
        }
        // U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000
        for (std::string_view s :
             {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
              "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89",
              "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"}) {
            more = more || strip(s);
        }
    }
    return size - text.size();
}

struct joint_tokens {
    score_request request;
    bool          truncated = false; // the context lost tokens on its left
};

// White space that ends the context moves to the continuation; both are tokenized as one text; the tokens of the
// context alone say where to split. A beginning-of-text token comes first where the tokenizer adds one; an empty
// context is that token, or the end-of-text token. What does not fit loses tokens on the left (the last token is never
// read, so max_tokens() + 1 fit).
template <engine E>
[[nodiscard]] joint_tokens tokenize_jointly(E& engine, std::string context, std::string continuation,
                                            std::string_view item) {
    std::size_t const space = trailing_space(context);
    continuation.insert(0, context, context.size() - space, space);
    context.resize(context.size() - space);

    auto const bos   = static_cast<token>(engine.bos());
    auto const whole = engine.encode(context + continuation);
    auto const split = context.empty() ? std::size_t{0} : engine.encode(context).size();
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
    if (c.empty() && engine.eos() >= 0) c.push_back(static_cast<token>(engine.eos()));
    t.request.continuation.assign(middle, whole.end());

    index const room = static_cast<index>(engine.max_tokens()) + 1 - std::ssize(t.request.continuation);
    if (room < 1) {
        throw file_error{
            {"EV05", "item " + qeval::quoted(item), std::to_string(t.request.continuation.size()) + " tokens to score",
             "at most " + std::to_string(static_cast<index>(engine.max_tokens())) + ", the model's context", ""}};
    }
    if (std::ssize(c) > room) {
        c.erase(c.begin(), c.end() - room);
        t.truncated = true;
    }
    return t;
}

} // namespace qeval
