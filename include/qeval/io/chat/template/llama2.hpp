// Llama 2's chat models.
#pragma once

#include <array>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>
#include <qeval/io/text/python_space.hpp>

namespace qeval::chats {

struct llama2 {
    static constexpr std::string_view name       = "llama2";
    static constexpr bool             writes_bos = true;

    static constexpr std::array<std::string_view, 3> phrases{
        "'[INST] '+content.strip()+' [/INST]'", "'<<SYS>>\n'+system_message+'\n<</SYS>>\n\n'+message['content']",
        "' '+content.strip()+' '+eos_token"};
    static constexpr std::array<std::string_view, 5> words{"<<SYS>>\n", "\n<</SYS>>\n\n", "[INST] ", " [/INST]", " "};

    // The system message and the first question are stripped as one text.
    static void write(chat_talk const& talk, chat_text& out) {
        bool system = talk.has_system();
        for (auto const& m : talk.turns()) {
            if (m.role == chat_role::assistant) {
                out.mark(" ").say(stripped(m.content)).mark(" ").mark(talk.eos);
                continue;
            }
            out.mark(talk.bos).mark("[INST] ");
            if (system) {
                auto const question = without_trailing_space(m.content);
                out.mark("<<SYS>>\n").say(talk.system()).mark(question.empty() ? "\n<</SYS>>" : "\n<</SYS>>\n\n");
                out.say(question);
            } else {
                out.say(stripped(m.content));
            }
            out.mark(" [/INST]");
            system = false;
        }
    }

private:
    static std::string_view without_trailing_space(std::string_view text) {
        return text.substr(0, text.size() - trailing_space(text));
    }
};

} // namespace qeval::chats
