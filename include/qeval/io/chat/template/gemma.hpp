// Gemma 1, 2 and 3. The first two refuse a system message; the third puts it before the first question.
#pragma once

#include <array>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>
#include <qeval/io/text/python_space.hpp>

namespace qeval::chats {

struct gemma {
    static constexpr std::string_view name        = "gemma";
    static constexpr std::string_view end_of_turn = "<end_of_turn>";
    static constexpr bool             writes_bos  = true;

    static constexpr std::array<std::string_view, 2> phrases{"'<start_of_turn>'+role+'\n'", "message['content']|trim"};
    static constexpr std::array<std::string_view, 5> words{"<start_of_turn>", "model", "<end_of_turn>", "\n", "\n\n"};

    static void write(chat_talk const& talk, chat_text& out) {
        out.mark(talk.bos);
        bool system = talk.has_system();
        for (auto const& m : talk.turns()) {
            out.mark("<start_of_turn>").mark(m.role == chat_role::user ? "user\n" : "model\n");
            if (system) out.say(talk.system()).mark("\n\n");
            out.say(stripped(m.content)).mark("<end_of_turn>\n");
            system = false;
        }
        if (talk.answer) out.mark("<start_of_turn>model\n");
    }
};

} // namespace qeval::chats
