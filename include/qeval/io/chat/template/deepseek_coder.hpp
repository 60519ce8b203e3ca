// DeepSeek-Coder's instruct models.
#pragma once

#include <array>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>

namespace qeval::chats {

struct deepseek_coder {
    static constexpr std::string_view name        = "deepseek-coder";
    static constexpr std::string_view end_of_turn = "<|EOT|>";
    static constexpr bool             writes_bos  = true;
    // No line break follows a system message, but one follows this.
    static constexpr std::string_view default_system =
        "You are an AI programming assistant, utilizing the Deepseek Coder model, developed by Deepseek Company, and "
        "you only answer questions related to computer science. For politically sensitive questions, security and "
        "privacy issues, and other non-computer science questions, you will refuse to answer\n";

    static constexpr std::array<std::string_view, 2> phrases{"'### Instruction:\n'+message['content']+'\n'",
                                                             "'### Response:\n'+message['content']+'\n<|EOT|>\n'"};
    static constexpr std::array<std::string_view, 6> words{"### Instruction:\n", "### Response:",   "\n",
                                                           "\n<|EOT|>\n",        "### Response:\n", default_system};

    static void write(chat_talk const& talk, chat_text& out) {
        out.mark(talk.bos);
        if (talk.has_system()) out.say(talk.system());
        for (auto const& m : talk.turns()) {
            if (m.role == chat_role::user)
                out.mark("### Instruction:\n").say(m.content).mark("\n");
            else
                out.mark("### Response:\n").say(m.content).mark("\n<|EOT|>\n");
        }
        if (talk.answer) out.mark("### Response:\n");
    }
};

} // namespace qeval::chats
