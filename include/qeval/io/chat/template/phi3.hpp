// Phi-3 and Phi-3.5.
#pragma once

#include <array>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>

namespace qeval::chats {

struct phi3 {
    static constexpr std::string_view name        = "phi3";
    static constexpr std::string_view end_of_turn = "<|end|>";

    static constexpr std::array<std::string_view, 1> phrases{"message['content']+'<|end|>\n"};
    static constexpr std::array<std::string_view, 9> words{
        "<|system|>\n", "<|user|>\n", "<|assistant|>\n", "<|end|>\n", "<|", "|>", "<|end|>", "<|assistant|>", "\n"};

    static void write(chat_talk const& talk, chat_text& out) {
        for (auto const& m : talk.messages)
            out.mark("<|").mark(name_of(m.role)).mark("|>\n").say(m.content).mark("<|end|>\n");
        out.mark(talk.answer ? "<|assistant|>\n" : talk.eos);
    }
};

} // namespace qeval::chats
