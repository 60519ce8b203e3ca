// Zephyr, StableLM Zephyr, TinyLlama Chat.
#pragma once

#include <array>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>

namespace qeval::chats {

struct zephyr {
    static constexpr std::string_view name = "zephyr";

    static constexpr std::array<std::string_view, 2> phrases{"'<|user|>\n'+message['content']+eos_token",
                                                             "'<|system|>\n'+message['content']+eos_token"};
    static constexpr std::array<std::string_view, 5> words{"<|user|>\n", "<|system|>\n", "<|assistant|>\n",
                                                           "<|assistant|>", "\n"};

    static void write(chat_talk const& talk, chat_text& out) {
        for (auto const& m : talk.messages)
            out.mark("<|").mark(name_of(m.role)).mark("|>\n").say(m.content).mark(talk.eos).mark("\n");
        if (talk.answer) out.mark("<|assistant|>\n");
    }
};

} // namespace qeval::chats
