// The vocabulary in a GGUF file's metadata, checked as a whole: arrays of one length, ids inside, byte tokens exact.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/gguf/gguf_metadata.hpp>
#include <qeval/io/tokenizer/vocabulary/generation_ends.hpp>

namespace qeval {

// As llama.cpp numbers them.
enum class gguf_token_type : std::uint8_t { undefined, normal, unknown, control, user_defined, unused, byte };

// Views into the metadata it was read from.
struct gguf_vocabulary {
    std::string_view                  model; // "llama" (SentencePiece), "gpt2" (byte-level BPE), ...
    std::string_view                  pre;   // name of the pre-tokenizer; may be empty
    std::span<std::string_view const> tokens;
    std::vector<float>                scores;            // empty where the model has none
    std::vector<gguf_token_type>      types;             // empty where the file says nothing
    std::span<std::string_view const> merges;            // "left right"
    std::optional<std::int64_t>       bos, eos, unknown; // where the file names none, llama.cpp's
    std::vector<std::int64_t>         ends; // of a generated text: eos, and those of turns, messages and infilled code
    std::vector<text_end>             ends_found; // each of them, once for each place
    std::vector<std::string>          notes;      // what the metadata says that is left aside
    std::optional<bool>               add_bos, add_eos, add_space_prefix;
    std::array<std::int32_t, 256>     byte_tokens{}; // id of <0xHH>, or -1
};

// The byte that "<0xHH>" names; nullopt for any other text, signs, spaces and single digits included.
[[nodiscard]] constexpr std::optional<unsigned> parse_byte_token(std::string_view text) {
    if (text.size() != 6 || text.substr(0, 3) != "<0x" || text[5] != '>') return std::nullopt;
    unsigned value = 0;
    for (char const c : text.substr(3, 2)) {
        unsigned digit = 0;
        if (c >= '0' && c <= '9')
            digit = unsigned(c - '0');
        else if (c >= 'A' && c <= 'F')
            digit = unsigned(c - 'A' + 10);
        else if (c >= 'a' && c <= 'f')
            digit = unsigned(c - 'a' + 10);
        else
            return std::nullopt;
        value = value * 16 + digit;
    }
    return value;
}

// What llama.cpp takes where a file names no token.
struct gguf_default_ids {
    std::optional<std::int64_t> bos, eos, unknown;
};
[[nodiscard]] inline gguf_default_ids default_ids(std::string_view model) {
    if (model == "llama") return {1, 2, 0};
    if (model == "gpt2") return {11, 11, {}};
    return {};
}

// The pieces alone, of which there is one at least; nullopt where the file has no vocabulary.
[[nodiscard]] inline std::optional<std::span<std::string_view const>> gguf_tokens(gguf_metadata const& metadata) {
    auto const* list = metadata.find("tokenizer.ggml.tokens");
    if (list == nullptr) return std::nullopt;
    std::span<std::string_view const> const tokens = list->strings("GG21");
    if (tokens.empty()) list->refuse("an empty vocabulary", "at least one token", "GG21");
    return tokens;
}

// nullopt where the file has no vocabulary.
[[nodiscard]] inline std::optional<gguf_vocabulary> read_gguf_vocabulary(gguf_metadata const& metadata) {
    auto const tokens = gguf_tokens(metadata);
    if (!tokens) return std::nullopt;
    gguf_vocabulary v;
    v.tokens               = *tokens;
    auto const size        = std::int64_t(v.tokens.size());
    v.model                = metadata.at("tokenizer.ggml.model").string();
    auto const same_length = [&](gguf_value const& value) {
        if (value.count == v.tokens.size()) return;
        value.refuse(value.type_text(), std::to_string(size) + " elements (as many as tokens)", "GG21");
    };
    if (auto const* pre = metadata.find("tokenizer.ggml.pre")) v.pre = pre->string();
    if (auto const* scores = metadata.find("tokenizer.ggml.scores")) {
        v.scores = scores->floats("GG21");
        same_length(*scores);
    }
    if (auto const* merges = metadata.find("tokenizer.ggml.merges")) v.merges = merges->strings("GG21");
    v.byte_tokens.fill(-1);
    if (auto const* types = metadata.find("tokenizer.ggml.token_type")) {
        auto const ids = types->integers(0, 6, "GG21");
        same_length(*types);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            v.types.push_back(gguf_token_type(ids[i]));
            if (v.types.back() != gguf_token_type::byte) continue;
            auto const byte = parse_byte_token(v.tokens[i]);
            if (!byte) {
                metadata.at("tokenizer.ggml.tokens")
                    .refuse(qeval::quoted(v.tokens[i]) + " at element " + std::to_string(i),
                            "a byte token from <0x00> to <0xFF>", "GG23");
            }
            v.byte_tokens[*byte] = std::int32_t(i);
        }
    }
    auto const id = [&](std::string const& name, std::optional<std::int64_t> otherwise) -> std::optional<std::int64_t> {
        if (otherwise && *otherwise >= size) otherwise.reset();
        auto const        key   = "tokenizer.ggml." + name + "_token_id";
        auto const* const value = metadata.find(key);
        std::string const taken =
            otherwise ? std::to_string(*otherwise) + ", the default of " + qeval::quoted(v.model) + ", is taken" : "";
        if (value == nullptr) {
            if (otherwise && name != "unknown") v.notes.push_back(metadata.file() + ": no " + key + ": " + taken);
            return otherwise;
        }
        auto const found = value->integer_within(0, size - 1, "GG22");
        if (!found) { // as llama.cpp does
            v.notes.push_back(value->place() + ": " + value->found() + " is left aside, the vocabulary has " +
                              std::to_string(size) + " tokens" + (taken.empty() ? "" : "; " + taken));
        }
        return found ? found : otherwise;
    };
    auto const otherwise = default_ids(v.model);
    v.bos                = id("bos", otherwise.bos);
    v.eos                = id("eos", otherwise.eos);
    v.unknown            = id("unknown", otherwise.unknown);
    if (v.eos) {
        bool const said = metadata.find("tokenizer.ggml.eos_token_id") != nullptr;
        v.ends_found.push_back({*v.eos, said ? "tokenizer.ggml.eos_token_id" : "the default of its kind"});
    }
    for (std::string const key : {"eot", "eom", "fim_pad", "fim_rep", "fim_sep"}) {
        if (auto const end = id(key, {})) v.ends_found.push_back({*end, "tokenizer.ggml." + key + "_token_id"});
    }
    for (auto const end : ends_by_spelling(v.tokens)) v.ends_found.push_back({end, "its spelling"});
    for (auto const& end : v.ends_found) v.ends.push_back(end.id);
    std::ranges::sort(v.ends);
    v.ends.erase(std::unique(v.ends.begin(), v.ends.end()), v.ends.end());
    auto const flag = [&](char const* key) -> std::optional<bool> {
        auto const* value = metadata.find(key);
        if (value == nullptr) return std::nullopt;
        return value->boolean();
    };
    v.add_bos          = flag("tokenizer.ggml.add_bos_token");
    v.add_eos          = flag("tokenizer.ggml.add_eos_token");
    v.add_space_prefix = flag("tokenizer.ggml.add_space_prefix");
    return v;
}

} // namespace qeval
