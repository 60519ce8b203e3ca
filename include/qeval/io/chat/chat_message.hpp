// What is said in a conversation, and by whom.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace qeval {

enum class chat_role : std::uint8_t { system, user, assistant };

// As publishers' templates call them.
[[nodiscard]] constexpr std::string_view name_of(chat_role role) {
    constexpr std::array<std::string_view, 3> names{"system", "user", "assistant"};
    return names[static_cast<std::size_t>(role)];
}

struct chat_message {
    chat_role   role = chat_role::user;
    std::string content;
};

} // namespace qeval
