// How completions of HumanEval are sampled and cut, by the evaluators that published numbers come from. Stop texts,
// limits and clean-up change pass@1 more than 8-bit quantization does. Therefore a result names its preset.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/eval/data/python_text.hpp>

namespace qeval {

enum class code_cleanup {
    none,
    indented_block,  // MindIE modeltest: keep what comes before the first line that is not indented
    fenced_block,    // opencompass: keep the inside of the first ``` block, without white space before it
    first_paragraph, // llmc: remove line breaks in front, keep what comes before the first empty line, expand tabs
    one_indent,      // exllamav3: keep what comes before the first line that is not indented; indent it by four spaces
};

struct code_preset {
    std::string_view name;
    std::string_view before{}, after{};   // stand around the prompt
    bool             strip       = false; // remove white space around the prompt
    double           temperature = 0, top_p = 1;
    index            top_k = 0, new_tokens = 0, total_tokens = 0; // limits of tokens; total: with the prompt
    std::array<std::string_view, 8>        stops{};               // empty ones end the list
    code_cleanup                           cleanup = code_cleanup::none;
    [[nodiscard]] std::vector<std::string> stop_texts() const {
        std::vector<std::string> texts;
        for (auto const s : stops)
            if (!s.empty()) texts.emplace_back(s);
        return texts;
    }
};

inline constexpr std::array<code_preset, 8> code_presets = {{
    // The published numbers do not say how they were sampled. These are the defaults of llama.cpp's server, which they
    // name.
    {.name = "openai", .temperature = 0.8, .top_p = 0.95, .top_k = 40, .new_tokens = 512},
    {.name         = "bigcode",
     .strip        = true,
     .temperature  = 0.2,
     .top_p        = 0.95,
     .total_tokens = 512,
     .stops        = {"\nclass", "\ndef", "\n#", "\n@", "\nprint", "\nif", "\n```", "<file_sep>"}},
    {.name         = "bigcode-unstripped",
     .temperature  = 0.2,
     .top_p        = 0.95,
     .total_tokens = 512,
     .stops        = {"\nclass", "\ndef", "\n#", "\n@", "\nprint", "\nif", "\n```", "<file_sep>"}},
    {.name = "lm-eval", .new_tokens = 1024, .stops = {"\nclass", "\ndef", "\n#", "\nif", "\nprint"}},
    {.name = "mindie", .strip = true, .new_tokens = 512, .cleanup = code_cleanup::indented_block},
    {.name       = "opencompass",
     .before     = "Complete the following python code:\n",
     .new_tokens = 512,
     .cleanup    = code_cleanup::fenced_block},
    {.name = "llmc", .temperature = 0.2, .top_p = 0.95, .new_tokens = 512, .cleanup = code_cleanup::first_paragraph},
    {.name        = "exllamav3",
     .temperature = 0.6,
     .top_p       = 0.6,
     .new_tokens  = 1024,
     .stops       = {"```"},
     .cleanup     = code_cleanup::one_indent},
}};

// The preset of a name; lm-eval's where the name is empty.
[[nodiscard]] inline code_preset const& find_code_preset(std::string_view name) {
    std::string all;
    if (name.empty()) name = "lm-eval";
    for (auto const& p : code_presets) {
        if (p.name == name) return p;
        all += (all.empty() ? "" : ", ") + std::string(p.name);
    }
    throw usage_error{{"EV13", "--code-preset", qeval::quoted(name), "one of " + all, ""}};
}

namespace code_text {

// The text before the first line that is not indented, the first line of the text not counted. Where there is no such
// line, the text before the last of the marks.
[[nodiscard]] inline std::string indented_block(std::string_view text) {
    for (std::size_t at = text.find('\n'); at != text.npos && at + 1 < text.size(); at = text.find('\n', at + 1)) {
        char const next = text[at + 1];
        if (next != ' ' && next != '\t' && next != '\n') return std::string(text.substr(0, at));
    }
    std::size_t last = text.npos;
    for (std::string_view const mark :
         {"\ndef ", "\nclass ", "\n# ", "\nassert ", "\n\"\"\"", "\nprint ", "\nif ", "\n\n\n"}) {
        std::size_t const at = text.rfind(mark);
        if (at != text.npos && (last == text.npos || at > last)) last = at;
    }
    return std::string(text.substr(0, last));
}
// The group of the first match of "```\w*\n(.*?)```", or the whole text where there is none; without white space in
// front.
[[nodiscard]] inline std::string fenced_block(std::string_view text) {
    constexpr std::string_view fence = "```";
    auto const                 word  = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
               (c & 0x80) != 0;
    };
    for (std::size_t at = text.find(fence); at != text.npos; at = text.find(fence, at + 1)) {
        std::size_t line = at + fence.size();
        while (line < text.size() && word(text[line])) ++line;
        if (line == text.size() || text[line] != '\n') continue;
        std::size_t const close = text.find(fence, line + 1);
        if (close == text.npos) break;
        text = text.substr(line + 1, close - line - 1);
        break;
    }
    while (std::size_t const n = python_space::first_of(text)) text.remove_prefix(n);
    return std::string(text);
}
[[nodiscard]] inline std::string first_paragraph(std::string_view text) {
    std::string const spaced = replaced(std::string(text), "\t", "    ");
    std::size_t const from   = std::min(spaced.find_first_not_of('\n'), spaced.size());
    return spaced.substr(from, spaced.find("\n\n", from) - from);
}
[[nodiscard]] inline std::string one_indent(std::string_view text) {
    for (std::size_t at = text.find('\n'); at != text.npos && at + 1 < text.size(); at = text.find('\n', at + 1)) {
        if (python_space::first_of(text.substr(at + 1)) == 0) {
            text = text.substr(0, at);
            break;
        }
    }
    return "    " + std::string(stripped(text));
}

} // namespace code_text

[[nodiscard]] inline std::string cleaned(std::string_view text, code_cleanup how) {
    switch (how) {
    case code_cleanup::indented_block:
        return code_text::indented_block(text);
    case code_cleanup::fenced_block:
        return code_text::fenced_block(text);
    case code_cleanup::first_paragraph:
        return code_text::first_paragraph(text);
    case code_cleanup::one_indent:
        return code_text::one_indent(text);
    case code_cleanup::none:
        break;
    }
    return std::string(text);
}

} // namespace qeval
