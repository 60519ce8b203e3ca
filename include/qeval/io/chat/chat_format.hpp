// How the conversations of one checkpoint are written: a template, and what the checkpoint's own source makes of it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/io/chat/chat_message.hpp>
#include <qeval/io/chat/chat_template.hpp>
#include <qeval/io/chat/chat_text.hpp>

namespace qeval {

struct chat_format {
    chat_template const* rules = nullptr;
    std::string          default_system{};     // written where a conversation has no system message; empty: none is
    bool                 writes_bos   = false; // before everything
    bool                 takes_system = true;  // false: the source refuses system messages, or leaves them out
    std::string          bos{}, eos{};         // how the checkpoint spells these tokens; empty: it has none

    chat_format() = default;
    explicit chat_format(chat_template const& t)
        : rules(&t), default_system(t.default_system), writes_bos(t.writes_bos) {}

    // The text of a conversation: perhaps a system message, then user and assistant in turn. answer: up to where the
    // assistant is to speak. A source that takes no system message is given none, as by lm-eval.
    [[nodiscard]] chat_text write(std::vector<chat_message> messages, bool answer = true) const {
        bool const has_system = !messages.empty() && messages.front().role == chat_role::system;
        if (has_system && !takes_system)
            messages.erase(messages.begin());
        else if (!has_system && takes_system && !default_system.empty())
            messages.insert(messages.begin(), {chat_role::system, default_system});
        chat_text out;
        if (writes_bos && !rules->writes_bos) out.mark(bos);
        rules->write({messages, writes_bos ? std::string_view(bos) : std::string_view(), eos, answer}, out);
        return out;
    }
};

} // namespace qeval
