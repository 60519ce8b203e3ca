// Where a checkpoint says how its conversations are written, and which template that is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/io/chat/chat_format.hpp>
#include <qeval/io/chat/recognise_chat.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/gguf/gguf_metadata.hpp>
#include <qeval/io/gguf/gguf_shards.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/json/json_limits.hpp>
#include <qeval/io/json/json_value.hpp>

namespace qeval {

// What a checkpoint says. `format` has no value where the source is not one that qeval knows.
struct found_chat {
    std::string                place;  // file and member
    std::string                source; // in Jinja
    std::optional<chat_format> format;

    [[nodiscard]] std::string_view name() const { return format ? format->rules->name : "unknown"; }
};

namespace chat_source {

inline constexpr std::uint64_t max_file_bytes = 1u << 20;

[[nodiscard]] inline std::string whole(std::filesystem::path const& path) {
    mapped_file const file(path);
    if (file.size() > max_file_bytes) {
        throw file_error{{"TK10", file.name(), std::to_string(file.size()) + " bytes",
                          "a chat template of at most " + std::to_string(max_file_bytes) + " bytes", ""}};
    }
    return file.read_text(0, file.size());
}
// A text, or a list of named ones, of which the one called "default" counts.
[[nodiscard]] inline std::optional<json_value> text_of(json_value value) {
    if (!value.is_array()) return value.is_string() ? std::optional(value) : std::nullopt;
    std::optional<json_value> found;
    value.for_each_element([&](std::size_t, json_value one) {
        auto const name = one.is_object() ? one.find("name") : std::nullopt;
        if (name && name->is_string() && name->string() == "default") found = one.find("template");
    });
    return found && found->is_string() ? found : std::nullopt;
}
// As transformers 4.57 looks for it: chat_template.jinja, chat_template.json, tokenizer_config.json.
[[nodiscard]] inline std::optional<found_chat> in_directory(std::filesystem::path const& path) {
    if (auto const jinja = path / "chat_template.jinja"; std::filesystem::exists(jinja))
        return found_chat{display_name(jinja), whole(jinja), {}};
    for (char const* const name : {"chat_template.json", "tokenizer_config.json"}) {
        if (!std::filesystem::exists(path / name)) continue;
        mapped_file const file(path / name);
        json_limits       limits;
        limits.id          = "TK09";
        limits.odd_numbers = true;
        auto const json    = parse_json(file.read_text(0, file.size()), display_name(path / name), limits);
        auto const value   = json.find("chat_template");
        auto const text    = value ? text_of(*value) : std::nullopt;
        if (text) return found_chat{text->place(), text->string(), {}};
    }
    return std::nullopt;
}

} // namespace chat_source

// What a GGUF says; nullopt: nothing.
[[nodiscard]] inline std::optional<found_chat> find_chat(gguf_metadata const& metadata) {
    auto const* const value = metadata.find("tokenizer.chat_template");
    if (value == nullptr) return std::nullopt;
    found_chat found{metadata.file() + ", tokenizer.chat_template", std::string(value->string()), {}};
    found.format = recognise_chat(found.source);
    return found;
}
// What the checkpoint says that `path` is or belongs to: a directory, a file of a tokenizer, or a GGUF.
[[nodiscard]] inline std::optional<found_chat> find_chat(std::filesystem::path const& path) {
    bool const is_directory = std::filesystem::is_directory(path);
    if (path.extension() == ".gguf" && !is_directory) return find_chat(read_model_metadata(path));
    auto found = chat_source::in_directory(is_directory ? path : path.parent_path());
    if (found) found->format = recognise_chat(found->source);
    return found;
}

} // namespace qeval
