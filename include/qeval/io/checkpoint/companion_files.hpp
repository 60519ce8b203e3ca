// The files beside a Hugging Face model's weights and config.json that decide how it reads, chats and stops. A copy of
// the model needs all of them to behave as the original.
#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace qeval {

inline constexpr std::array<std::string_view, 13> companion_names   = {"tokenizer.json",
                                                                       "tokenizer_config.json",
                                                                       "special_tokens_map.json",
                                                                       "added_tokens.json",
                                                                       "vocab.json",
                                                                       "merges.txt",
                                                                       "vocab.txt",
                                                                       "tekken.json",
                                                                       "chat_template.json",
                                                                       "chat_template.jinja",
                                                                       "generation_config.json",
                                                                       "preprocessor_config.json",
                                                                       "processor_config.json"};
inline constexpr std::array<std::string_view, 2>  companion_endings = {".model",
                                                                       ".tiktoken"}; // SentencePiece, rank files

[[nodiscard]] inline bool is_companion(std::string_view name) {
    return std::ranges::find(companion_names, name) != companion_names.end() ||
           std::ranges::any_of(companion_endings, [&](auto ending) { return name.ends_with(ending); });
}

// Those that a directory has, in the order of their names.
[[nodiscard]] inline std::vector<std::filesystem::path> companion_files(std::filesystem::path const& directory) {
    std::vector<std::filesystem::path> found;
    std::error_code                    ignored;
    for (auto const& entry : std::filesystem::directory_iterator(directory)) {
        if (is_companion(entry.path().filename().string()) && entry.is_regular_file(ignored))
            found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
}

} // namespace qeval
