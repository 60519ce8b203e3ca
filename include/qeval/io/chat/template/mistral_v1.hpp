// Mistral's first template with a system message: 7B Instruct v0.1 and v0.2, Mixtral 8x7B.
#pragma once

#include <array>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>

namespace qeval::chats {

struct mistral_v1 {
    static constexpr std::string_view name       = "mistral-v1";
    static constexpr bool             writes_bos = true;

    static constexpr std::array<std::string_view, 2> phrases{
        "' [INST] '+system_message+'\n\n'+message['content']+' [/INST]'", "' '+message['content']+eos_token"};
    static constexpr std::array<std::string_view, 4> words{" [INST] ", "\n\n", " [/INST]", " "};

    static void write(chat_talk const& talk, chat_text& out) {
        out.mark(talk.bos);
        bool system = talk.has_system();
        for (auto const& m : talk.turns()) {
            if (m.role == chat_role::assistant) {
                out.mark(" ").say(m.content).mark(talk.eos);
                continue;
            }
            out.mark(" [INST] ");
            if (system) out.say(talk.system()).mark("\n\n");
            out.say(m.content).mark(" [/INST]");
            system = false;
        }
    }
};

} // namespace qeval::chats
