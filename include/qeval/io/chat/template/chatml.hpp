// ChatML: OpenHermes, Qwen, SmolLM, Yi and many others.
#pragma once

#include <array>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>

namespace qeval::chats {

struct chatml {
    static constexpr std::string_view name        = "chatml";
    static constexpr std::string_view end_of_turn = "<|im_end|>";
    // Sources differ in what they write where no system message is given: Qwen2, Qwen2.5 and SmolLM2 have a sentence.
    static constexpr std::string_view before_default = "<|im_start|>system\n", behind_default = "<|im_end|>";

    static constexpr std::array<std::string_view, 1> phrases{"\n'+message['content']+'<|im_end|>\n'"};
    static constexpr std::array<std::string_view, 3> words{"<|im_start|>", "<|im_end|>", "\n"};

    // Qwen3's, which also writes what a model has thought.
    static constexpr std::array<std::string_view, 1> sources{
        "87a2728cb8dc9fe424d624542f6060ec05a1d285ebbec578bb078900e33396b5"};

    static void write(chat_talk const& talk, chat_text& out) {
        for (auto const& m : talk.messages)
            out.mark("<|im_start|>").mark(name_of(m.role)).mark("\n").say(m.content).mark("<|im_end|>\n");
        if (talk.answer) out.mark("<|im_start|>assistant\n");
    }
};

} // namespace qeval::chats
