// A conversation, and the tokens of a checkpoint that templates name.
#pragma once

#include <span>
#include <string_view>

#include <qeval/io/chat/chat_message.hpp>

namespace qeval {

struct chat_talk {
    std::span<chat_message const> messages;      // perhaps a system message; then user and assistant in turn
    std::string_view              bos, eos;      // how the checkpoint spells them; empty: it has none
    bool                          answer = true; // the assistant is to speak next

    [[nodiscard]] bool has_system() const { return !messages.empty() && messages.front().role == chat_role::system; }
    [[nodiscard]] std::string_view              system() const { return messages.front().content; }
    [[nodiscard]] std::span<chat_message const> turns() const { return messages.subspan(has_system() ? 1 : 0); }
};

} // namespace qeval
