// A named template without its type. A template is a struct: its name, how it writes a conversation, and by what a
// publisher's source of it is known.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <qeval/io/chat/chat_talk.hpp>
#include <qeval/io/chat/chat_text.hpp>

namespace qeval {

struct chat_template {
    std::string_view name;
    void (*write)(chat_talk const&, chat_text&);
    // Of sources in Jinja: code that each of them has, spelled as jinja_source.hpp does; and the texts, one behind the
    // other in any order, that it writes beside the names of roles.
    std::span<std::string_view const> phrases, words;
    std::span<std::string_view const> sources{}; // SHA-256 of further ones, checked one by one
    bool                              writes_bos = false;
    std::string_view                  end_of_turn{};    // a token; empty: the one that ends texts
    std::string_view                  default_system{}; // stands in for a system message
    // Between what a source writes a default system message of its own; empty: no source does.
    std::string_view before_default{}, behind_default{};
};

template <class T>
[[nodiscard]] constexpr chat_template chat_template_of() {
    chat_template made{T::name, &T::write, T::phrases, T::words};
    if constexpr (requires { T::sources; }) made.sources = T::sources;
    if constexpr (requires { T::writes_bos; }) made.writes_bos = T::writes_bos;
    if constexpr (requires { T::end_of_turn; }) made.end_of_turn = T::end_of_turn;
    if constexpr (requires { T::default_system; }) made.default_system = T::default_system;
    if constexpr (requires { T::before_default; }) {
        made.before_default = T::before_default;
        made.behind_default = T::behind_default;
    }
    return made;
}

template <class... T>
inline constexpr std::array<chat_template, sizeof...(T)> chat_template_table{chat_template_of<T>()...};

} // namespace qeval
