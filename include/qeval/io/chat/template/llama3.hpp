// Llama 3 as first published. 3.1 and later write dates, which this does not.
#pragma once

#include <array>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>
#include <qeval/io/text/python_space.hpp>

namespace qeval::chats {

struct llama3 {
    static constexpr std::string_view name        = "llama3";
    static constexpr std::string_view end_of_turn = "<|eot_id|>";
    static constexpr bool             writes_bos  = true;

    static constexpr std::array<std::string_view, 1> phrases{
        "<|end_header_id|>\n\n'+message['content']|trim+'<|eot_id|>'"};
    static constexpr std::array<std::string_view, 4> words{"<|start_header_id|>", "<|end_header_id|>", "\n\n",
                                                           "<|eot_id|>"};

    static void write(chat_talk const& talk, chat_text& out) {
        out.mark(talk.bos);
        for (auto const& m : talk.messages) {
            out.mark("<|start_header_id|>").mark(name_of(m.role)).mark("<|end_header_id|>\n\n");
            out.say(stripped(m.content)).mark("<|eot_id|>");
        }
        if (talk.answer) out.mark("<|start_header_id|>assistant<|end_header_id|>\n\n");
    }
};

} // namespace qeval::chats
