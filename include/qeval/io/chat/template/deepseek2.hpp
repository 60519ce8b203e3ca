// DeepSeek-V2, -V2-Lite, -Coder-V2.
#pragma once

#include <array>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>

namespace qeval::chats {

struct deepseek2 {
    static constexpr std::string_view name       = "deepseek2";
    static constexpr bool             writes_bos = true;

    static constexpr std::array<std::string_view, 2> phrases{"'User: '+message['content']+'\n\n'",
                                                             "'Assistant: '+message['content']+eos_token"};
    static constexpr std::array<std::string_view, 4> words{"User: ", "Assistant: ", "Assistant:", "\n\n"};

    static void write(chat_talk const& talk, chat_text& out) {
        out.mark(talk.bos);
        if (talk.has_system()) out.say(talk.system()).mark("\n\n");
        for (auto const& m : talk.turns()) {
            if (m.role == chat_role::user)
                out.mark("User: ").say(m.content).mark("\n\n");
            else
                out.mark("Assistant: ").say(m.content).mark(talk.eos);
        }
        if (talk.answer) out.mark("Assistant:");
    }
};

} // namespace qeval::chats
