// The pieces of a tokenizer.model as llama.cpp's converter writes them into a GGUF. Origin: _create_vocab_sentencepiece
// in conversion/base.py, llama.cpp of 2026-10.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/gguf/gguf_writer.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/tokenizer/algorithm/sentencepiece_bpe.hpp>
#include <qeval/io/tokenizer/reader/gguf_vocabulary.hpp>
#include <qeval/io/tokenizer/reader/sentencepiece_model.hpp>

namespace qeval {

// Whether llama.cpp takes an added token for a control token though its file does not.
[[nodiscard]] inline bool looks_special(std::string_view t) {
    return t == "<pad>" || t == "<mask>" || t == "<2mass>" || t == "[@BOS@]" ||
           (t.starts_with("<|") && t.ends_with("|>")) || (t.starts_with("<\uff5c") && t.ends_with("\uff5c>")) ||
           (t.starts_with("<unused") && t.ends_with(">"));
}
// Each mark of a space as a space.
[[nodiscard]] inline std::string with_spaces(std::string text) {
    constexpr std::string_view mark = "\u2581";
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at)) text.replace(at, mark.size(), " ");
    return text;
}

class gguf_pieces {
public:
    // Nothing where the model is none of byte pairs: llama.cpp would make other tokens of its pieces. `size`: of the
    // model's vocabulary.
    [[nodiscard]] static std::optional<gguf_pieces> of(std::filesystem::path const& file, std::size_t size) {
        mapped_file const f(file);
        auto const        parts  = read_sentencepiece_model(f.read_text(0, f.size()), f.name());
        auto const* const scored = std::get_if<sentencepiece_bpe>(&parts.model);
        if (scored == nullptr) return {};
        gguf_pieces all(size);
        for (std::size_t i = 0; i < std::min(size, parts.words.size()); ++i) {
            auto const id  = static_cast<token>(i);
            all.texts_[i]  = parts.words.piece(id);
            all.scores_[i] = scored->scores()[i];
            all.types_[i]  = static_cast<std::int32_t>(type_of(parts.words.kind(id)));
        }
        return all;
    }
    // added_tokens.json, and added_tokens_decoder of tokenizer_config.json; null: there is none.
    void add(json const& tokens, json const& config) {
        using enum gguf_token_type;
        if (tokens.is_object()) {
            for (auto const& [text, id] : tokens.items()) {
                if (id.is_number_integer()) put(id.get<std::int64_t>(), text, user_defined);
            }
        }
        auto const decoder = config.is_object() ? config.value("added_tokens_decoder", json()) : json();
        if (!decoder.is_object()) return;
        for (auto const& [number, t] : decoder.items()) {
            std::int64_t id      = -1;
            auto const   end     = number.data() + number.size();
            bool const   decimal = std::from_chars(number.data(), end, id).ptr == end;
            auto const   text    = t.is_object() ? t.value("content", std::string()) : std::string();
            bool const   control = t.is_object() && (t.value("special", false) || looks_special(text));
            if (decimal) put(id, control ? text : with_spaces(text), control ? gguf_token_type::control : user_defined);
        }
    }
    void add_to(gguf_entries& to) const {
        to.add("tokenizer.ggml.tokens", std::span<std::string const>(texts_));
        to.add("tokenizer.ggml.scores", std::span<float const>(scores_));
        to.add("tokenizer.ggml.token_type", std::span<std::int32_t const>(types_));
    }

private:
    explicit gguf_pieces(std::size_t size)
        : texts_(size), scores_(size, -10000.0f), types_(size, static_cast<std::int32_t>(gguf_token_type::unused)) {
        for (std::size_t i = 0; i < size; ++i) texts_[i] = "[PAD" + std::to_string(i) + "]";
    }
    static gguf_token_type type_of(piece_kind kind) {
        switch (kind) {
        case piece_kind::unknown:
            return gguf_token_type::unknown;
        case piece_kind::control:
            return gguf_token_type::control;
        case piece_kind::unused:
            return gguf_token_type::unused;
        case piece_kind::byte:
            return gguf_token_type::byte;
        case piece_kind::none:
        case piece_kind::normal:
        case piece_kind::user_defined:
            break;
        }
        return gguf_token_type::normal;
    }
    void put(std::int64_t id, std::string text, gguf_token_type type) {
        if (id < 0 || static_cast<std::size_t>(id) >= texts_.size()) return;
        auto const at = static_cast<std::size_t>(id);
        texts_[at]    = std::move(text);
        scores_[at]   = -1000;
        types_[at]    = static_cast<std::int32_t>(type);
    }

    std::vector<std::string>  texts_;
    std::vector<float>        scores_;
    std::vector<std::int32_t> types_;
};

} // namespace qeval
