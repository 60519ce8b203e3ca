// Stanford Alpaca's prompt, for several turns as unsloth writes it.
#pragma once

#include <array>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>

namespace qeval::chats {

struct alpaca {
    static constexpr std::string_view name       = "alpaca";
    static constexpr bool             writes_bos = true;
    static constexpr std::string_view default_system =
        "Below is an instruction that describes a task. Write a response that appropriately completes the request.";

    static constexpr std::array<std::string_view, 2> phrases{"'### Instruction:\n'+message['content']+'\n\n'",
                                                             "'### Response:\n'+message['content']+eos_token+'\n\n'"};
    static constexpr std::array<std::string_view, 4> words{"### Instruction:\n", "### Response:\n", "\n\n",
                                                           default_system};

    static void write(chat_talk const& talk, chat_text& out) {
        out.mark(talk.bos);
        if (talk.has_system()) out.say(talk.system()).mark("\n\n");
        for (auto const& m : talk.turns()) {
            if (m.role == chat_role::user)
                out.mark("### Instruction:\n").say(m.content).mark("\n\n");
            else
                out.mark("### Response:\n").say(m.content).mark(talk.eos).mark("\n\n");
        }
        if (talk.answer) out.mark("### Response:\n");
    }
};

} // namespace qeval::chats
