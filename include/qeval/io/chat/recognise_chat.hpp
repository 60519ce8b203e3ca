// Which of our templates a publisher's source in Jinja is.
//
// llama.cpp goes by a marker or two, so that a source with a sentence of its own passes for another's. Here a source is
// recognised if it has all of a template's phrases and writes no text beside the template's words and, at most, a
// default system message. Sources that write more, and yet the same up to a last question, are known by their hash.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <qeval/io/chat/chat_format.hpp>
#include <qeval/io/chat/chat_templates.hpp>
#include <qeval/io/chat/jinja_source.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/text/python_space.hpp>

namespace qeval {

namespace chat_source {

inline constexpr std::size_t max_bytes = std::size_t{1} << 16; // publishers' have 20,000 at most

// Names of roles and members, and a filter's word.
inline constexpr std::array<std::string_view, 6> names{"system", "user", "assistant", "role", "content", "equalto"};

// Whether a text is made of words of the template, one behind the other.
[[nodiscard]] inline bool is_made_of_words(chat_template const& t, std::string_view text) {
    std::vector<char> reached(text.size() + 1, 0);
    reached[0] = 1;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (reached[at] == 0) continue;
        auto const take = [&](std::string_view word) {
            if (text.substr(at).starts_with(word)) reached[at + word.size()] = 1;
        };
        std::ranges::for_each(t.words, take);
        std::ranges::for_each(names, take);
    }
    return reached.back() != 0;
}
// The system message that a text has between the template's two marks of a default.
[[nodiscard]] inline std::optional<std::string_view> default_in(chat_template const& t, std::string_view text) {
    auto const end = t.before_default.empty() ? text.npos : text.find(t.behind_default);
    if (end == text.npos || !text.starts_with(t.before_default)) return std::nullopt;
    if (end <= t.before_default.size() || !is_made_of_words(t, text.substr(end))) return std::nullopt;
    return text.substr(t.before_default.size(), end - t.before_default.size());
}
[[nodiscard]] inline std::optional<chat_format> format_of(chat_template const& t, jinja_source const& source) {
    bool const has_phrases = std::ranges::all_of(t.phrases, [&](auto p) { return source.code.find(p) != p.npos; });
    if (!has_phrases) return std::nullopt;
    chat_format found(t);
    for (auto const& text : source.texts) {
        if (is_made_of_words(t, text)) continue;
        auto const own = default_in(t, text);
        if (!own || (!found.default_system.empty() && found.default_system != *own)) return std::nullopt;
        found.default_system = *own;
    }
    auto const says  = [&](std::string_view what) { return source.code.find(what) != std::string::npos; };
    found.writes_bos = says("bos_token");
    // A source that writes messages by role, and names no system, leaves such a message out.
    bool const leaves_out = (says("'user'") || says("'assistant'")) && !says("system") && !says("+message['role']+");
    bool const refuses    = source.refusals.find("System role not supported") != std::string::npos;
    found.takes_system    = !refuses && !leaves_out;
    return found;
}

} // namespace chat_source

// nullopt: none of them.
[[nodiscard]] inline std::optional<chat_format> recognise_chat(std::string_view source) {
    if (source.size() > chat_source::max_bytes) return std::nullopt;
    std::string const hash = sha256_hex(stripped(source));
    for (auto const& t : chat_templates)
        if (std::ranges::find(t.sources, hash) != t.sources.end()) return chat_format(t);
    auto const read = jinja_reader(source).read();
    for (auto const& t : chat_templates) {
        auto found = read ? chat_source::format_of(t, *read) : std::nullopt;
        if (found) return found;
    }
    return std::nullopt;
}

} // namespace qeval
