// Rank files of tiktoken: a line for each token, its bytes in base64 and its rank, which is its id.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/text/base64.hpp>
#include <qeval/io/tokenizer/rule/bpe_patterns.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

// What a rank file does not say, by the number of its ranks.
struct tiktoken_encoding {
    std::size_t                     ranks;
    std::string_view                name;
    std::string_view                pattern;
    bool                            composed = false; // texts are in NFC first
    std::int64_t                    first    = 0;     // id of the first of `specials`, which follow one another
    std::array<std::string_view, 4> specials{};
};
inline constexpr std::array tiktoken_encodings{
    tiktoken_encoding{151643, "Qwen", qwen2_pattern, true, 151643, {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}},
    tiktoken_encoding{50256, "r50k_base", gpt2_pattern, false, 50256, {"<|endoftext|>"}},
    tiktoken_encoding{128000, "Llama 3", llama3_pattern, false, 128000, {"<|begin_of_text|>", "<|end_of_text|>"}},
    tiktoken_encoding{100256,
                      "cl100k_base",
                      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*)"
                      R"(|\s*[\r\n]|\s+(?!\S)|\s+)",
                      false,
                      100257,
                      {"<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"}},
    tiktoken_encoding{199998,
                      "o200k_base",
                      R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
                      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
                      R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
                      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
                      R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
                      false,
                      199999,
                      {"<|endoftext|>"}},
};

// Whether a file begins like one; its extension does not tell (Llama 3's is .model).
[[nodiscard]] inline bool is_tiktoken(std::string_view text) {
    auto const line  = text.substr(0, std::min<std::size_t>(text.find('\n'), 4096));
    auto const space = line.find(' ');
    return space != line.npos && space > 0 && bytes_of_base64(line.substr(0, space)).has_value() &&
           line.find_first_not_of("0123456789\r", space + 1) == line.npos;
}

class tiktoken_reader {
public:
    tiktoken_reader(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

    [[nodiscard]] tokenizer_parts read() && {
        tokenizer_parts parts;
        parts.words = vocabulary(file_);
        read_lines(parts.words);
        auto const& encoding = encoding_of();
        if (encoding.composed) parts.normalize.steps.emplace_back(unicode_step{unicode_form::nfc});
        parts.pretokenize.steps.emplace_back(
            split_step{std::make_shared<regex const>(encoding.pattern, file_, regex_syntax::oniguruma)});
        parts.decoder.steps.emplace_back(byte_letters_decoder{});
        bpe::options options;
        options.byte_level    = true;
        options.ignore_merges = true;
        parts.model           = bpe(parts.words, joins(), options);
        parts.model_pieces    = parts.words.count();
        for (std::size_t i = 0; i < encoding.specials.size() && !encoding.specials[i].empty(); ++i) {
            added_token t;
            t.content = encoding.specials[i];
            t.special = true;
            list_added(parts, std::move(t), encoding.first + static_cast<std::int64_t>(i), true);
        }
        parts.notes.push_back(file_ + ": " + std::to_string(ranks_.size()) +
                              " ranks, whose words are taken to be those of " + std::string(encoding.name));
        return parts;
    }

private:
    void read_lines(vocabulary& words) {
        std::size_t line = 0;
        for (auto rest = text_; !rest.empty();) {
            auto const end = rest.find('\n');
            auto       one = rest.substr(0, end);
            rest           = end == rest.npos ? std::string_view() : rest.substr(end + 1);
            ++line;
            if (one.ends_with('\r')) one.remove_suffix(1);
            if (one.empty()) continue;
            auto const   space = one.find(' ');
            auto const   bytes = bytes_of_base64(one.substr(0, space));
            std::int64_t rank  = -1;
            auto const   tail  = space == one.npos ? std::string_view() : one.substr(space + 1);
            auto const   got   = std::from_chars(tail.data(), tail.data() + tail.size(), rank);
            if (!bytes || bytes->empty() || tail.empty() || got.ec != std::errc() ||
                got.ptr != tail.data() + tail.size())
                fail("TK11", ", line " + std::to_string(line), qeval::quoted(one), "bytes in base64, a space, a rank");
            words.add(rank, byte_letters(*bytes), piece_kind::normal);
            ranks_.emplace(*bytes, static_cast<token>(rank));
        }
        words.check_density();
        for (int b = 0; b < 256; ++b) {
            if (!ranks_.contains(std::string(1, static_cast<char>(b))))
                fail("TK08", "", "no rank for the byte " + byte_piece(static_cast<unsigned char>(b)), "all 256 bytes");
        }
    }
    [[nodiscard]] tiktoken_encoding const& encoding_of() const {
        auto const* const found = std::ranges::find(tiktoken_encodings, ranks_.size(), &tiktoken_encoding::ranks);
        if (found != tiktoken_encodings.end()) return *found;
        std::string known;
        for (auto const& e : tiktoken_encodings)
            known += (known.empty() ? "" : ", ") + std::to_string(e.ranks) + " (" + std::string(e.name) + ")";
        fail("TK06", "", std::to_string(ranks_.size()) + " ranks",
             "the number of an encoding that qeval knows: " + known);
    }
    // Neighbours join where their bytes together have a rank, the lowest first: each way to cut a token is a rule.
    [[nodiscard]] std::vector<merge_table::rule> joins() const {
        std::vector<merge_table::rule> rules;
        for (auto const& [bytes, rank] : ranks_) {
            for (std::size_t n = 1; n < bytes.size(); ++n) {
                auto const left = ranks_.find(std::string_view(bytes).substr(0, n));
                if (left == ranks_.end()) continue;
                auto const right = ranks_.find(std::string_view(bytes).substr(n));
                if (right != ranks_.end())
                    rules.push_back({left->second, right->second, rank, static_cast<std::uint32_t>(rank)});
            }
        }
        return rules;
    }
    [[noreturn]] void fail(char const* id, std::string const& where, std::string found, std::string expected) const {
        throw file_error{{id, file_ + where, std::move(found), std::move(expected), "no rank file, or a damaged one"}};
    }

    std::string_view text_;
    std::string      file_;
    text_map<token>  ranks_;
};

[[nodiscard]] inline tokenizer_parts read_tiktoken(std::string_view text, std::string file) {
    return tiktoken_reader(text, std::move(file)).read();
}

} // namespace qeval
