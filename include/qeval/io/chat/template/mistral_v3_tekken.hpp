// Mistral's third template for its tokenizer Tekken, without spaces: Nemo, Ministral.
#pragma once

#include <array>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>

namespace qeval::chats {

struct mistral_v3_tekken {
    static constexpr std::string_view name       = "mistral-v3-tekken";
    static constexpr bool             writes_bos = true;

    static constexpr std::array<std::string_view, 2> phrases{
        "'[INST]'+system_message+'\n\n'+message['content']+'[/INST]'", "message['content']+eos_token"};
    static constexpr std::array<std::string_view, 3> words{"[INST]", "\n\n", "[/INST]"};

    static void write(chat_talk const& talk, chat_text& out) {
        out.mark(talk.bos);
        for (auto const& m : talk.turns()) {
            if (m.role == chat_role::assistant) {
                out.say(m.content).mark(talk.eos);
                continue;
            }
            out.mark("[INST]");
            if (talk.has_system() && &m == &talk.messages.back()) out.say(talk.system()).mark("\n\n");
            out.say(m.content).mark("[/INST]");
        }
    }
};

} // namespace qeval::chats
