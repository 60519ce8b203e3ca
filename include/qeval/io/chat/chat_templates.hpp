// The templates that qeval has. A new one is a file in template/ and a word here.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <qeval/io/chat/chat_template.hpp>
#include <qeval/io/chat/template/alpaca.hpp>
#include <qeval/io/chat/template/chatml.hpp>
#include <qeval/io/chat/template/deepseek2.hpp>
#include <qeval/io/chat/template/deepseek_coder.hpp>
#include <qeval/io/chat/template/gemma.hpp>
#include <qeval/io/chat/template/llama2.hpp>
#include <qeval/io/chat/template/llama3.hpp>
#include <qeval/io/chat/template/mistral_v1.hpp>
#include <qeval/io/chat/template/mistral_v3.hpp>
#include <qeval/io/chat/template/mistral_v3_tekken.hpp>
#include <qeval/io/chat/template/phi3.hpp>
#include <qeval/io/chat/template/zephyr.hpp>

namespace qeval {

inline constexpr auto& chat_templates =
    chat_template_table<chats::chatml, chats::llama2, chats::llama3, chats::mistral_v1, chats::mistral_v3,
                        chats::mistral_v3_tekken, chats::gemma, chats::deepseek_coder, chats::deepseek2, chats::phi3,
                        chats::zephyr, chats::alpaca>;

[[nodiscard]] inline chat_template const* find_chat_template(std::string_view name) { // nullptr: no such name
    auto const at = std::ranges::find(chat_templates, name, &chat_template::name);
    return at == chat_templates.end() ? nullptr : &*at;
}
[[nodiscard]] inline std::string chat_template_names() { // for messages
    std::string names;
    for (auto const& t : chat_templates) names.append(names.empty() ? "" : ", ").append(t.name);
    return names;
}

} // namespace qeval
