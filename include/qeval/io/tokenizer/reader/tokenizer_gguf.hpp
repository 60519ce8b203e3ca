// A tokenizer from the metadata of a GGUF file, with llama.cpp's algorithms.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/gguf/gguf_metadata.hpp>
#include <qeval/io/tokenizer/reader/gguf_special_names.hpp>
#include <qeval/io/tokenizer/reader/gguf_vocabulary.hpp>
#include <qeval/io/tokenizer/reader/visible_space.hpp>
#include <qeval/io/tokenizer/rule/bpe_patterns.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

class gguf_tokenizer_reader {
public:
    explicit gguf_tokenizer_reader(gguf_metadata const& metadata) : metadata_(metadata), file_(metadata.file()) {
        auto vocabulary = read_gguf_vocabulary(metadata);
        if (!vocabulary) {
            throw file_error{{"TK10", file_, "no key \"tokenizer.ggml.tokens\"", "a vocabulary in the metadata",
                              "a file without tokenizer; name one with --tokenizer"}};
        }
        from_ = std::move(*vocabulary);
    }

    [[nodiscard]] tokenizer read() && {
        parts_.words = vocabulary(file_);
        parts_.words.reserve(from_.tokens.size());
        for (std::size_t i = 0; i < from_.tokens.size(); ++i) {
            auto const kind  = from_.types.empty() ? piece_kind::normal : kind_of(from_.types[i]);
            auto const piece = from_.tokens[i].empty() ? "[EMPTY_" + std::to_string(i) + "]" // llama.cpp's name for it
                                                       : std::string(from_.tokens[i]);
            parts_.words.add(static_cast<std::int64_t>(i), piece, kind);
        }
        parts_.notes  = std::move(from_.notes);
        parts_.middle = apply_special_names(parts_.words, metadata_);
        if (from_.bos) parts_.bos = static_cast<token>(*from_.bos);
        if (from_.eos) parts_.eos = static_cast<token>(*from_.eos);
        if (from_.unknown) parts_.unknown = static_cast<token>(*from_.unknown);
        bool adds_bos = true;
        if (from_.model == "llama") {
            sentencepiece();
        } else if (from_.model == "gpt2" || from_.model == "gemma4") {
            auto const& rule = rule_of();
            ranked(rule);
            adds_bos = rule.adds_bos;
            if (!rule.default_bos && metadata_.find("tokenizer.ggml.bos_token_id") == nullptr) parts_.bos = -1;
            // llama.cpp adds it to every text of this vocabulary, whatever the file says
            if (rule.line_breaks_whole) from_.add_bos.reset();
        } else {
            metadata_.at("tokenizer.ggml.model")
                .refuse(qeval::quoted(from_.model), R"("llama", "gpt2" or "gemma4")", "TK06",
                        "a family of tokenizer that qeval does not read");
        }
        add_tokens();
        take("bos_token_id", index(parts_.bos));
        take("eos_token_id", index(parts_.eos));
        take("add_bos_token", adds_bos);
        take("add_eos_token", false);
        if (from_.add_bos.value_or(adds_bos)) parts_.before.push_back(added_id(parts_.bos, "bos"));
        if (from_.add_eos.value_or(false)) parts_.after.push_back(added_id(parts_.eos, "eos"));
        return tokenizer(std::move(parts_));
    }

private:
    static piece_kind kind_of(gguf_token_type type) {
        switch (type) {
        case gguf_token_type::unknown:
            return piece_kind::unknown;
        case gguf_token_type::control:
            return piece_kind::control;
        case gguf_token_type::user_defined:
            return piece_kind::user_defined;
        case gguf_token_type::byte:
            return piece_kind::byte;
        default: // llama.cpp encodes with unused pieces, too
            return piece_kind::normal;
        }
    }
    // An entry that the file may lack, and what llama.cpp takes for it.
    void take(char const* key, taken_default::any_value value) {
        std::string const full = std::string("tokenizer.ggml.") + key;
        if (metadata_.find(full) == nullptr && value != taken_default::any_value(index(-1)))
            parts_.defaults.push_back({full, std::move(value)});
    }
    void sentencepiece() {
        if (from_.scores.empty()) {
            metadata_.at("tokenizer.ggml.model")
                .refuse("\"llama\" without tokenizer.ggml.scores", "a score for each token", "GG21");
        }
        parts_.model = sentencepiece_bpe(parts_.words, from_.scores, parts_.unknown);
        take("add_space_prefix", true);
        write_visible_spaces(parts_, from_.add_space_prefix.value_or(true));
    }
    [[nodiscard]] token added_id(token id, std::string const& name) const {
        if (id >= 0) return id;
        auto const* const flag = metadata_.find("tokenizer.ggml.add_" + name + "_token");
        (flag != nullptr ? *flag : metadata_.at("tokenizer.ggml.model"))
            .refuse("texts with a token before or behind them, and no tokenizer.ggml." + name + "_token_id",
                    "the id of that token", "GG22");
    }
    [[nodiscard]] bpe_pattern_rule const& rule_of() {
        auto const* const pre = metadata_.find("tokenizer.ggml.pre");
        if (from_.model == "gemma4") return *find_bpe_pattern("gemma4");
        if (pre == nullptr || from_.pre.empty()) {
            take("pre", std::string("default"));
            parts_.notes.push_back(
                "tokenizer.ggml.pre is missing: \"default\" is taken, as llama.cpp does, which is not "
                "how most models were trained");
            return *find_bpe_pattern("default");
        }
        auto const* const rule = find_bpe_pattern(from_.pre);
        if (rule == nullptr) pre->refuse(qeval::quoted(from_.pre), "one of " + bpe_pattern_names(), "TK06");
        return *rule;
    }
    void ranked(bpe_pattern_rule const& rule) {
        for (auto const pattern : rule.patterns) {
            if (pattern.empty()) continue;
            auto const place = file_ + ", pre-tokenizer " + qeval::quoted(from_.pre);
            parts_.pretokenize.steps.push_back(
                split_step{std::make_shared<regex const>(pattern, place, regex_syntax::oniguruma)});
        }
        std::vector<bpe::merge_pair>         merges;
        std::unordered_set<std::string_view> seen;
        auto const*                          list = metadata_.find("tokenizer.ggml.merges");
        if (list == nullptr)
            metadata_.at("tokenizer.ggml.model").refuse("no tokenizer.ggml.merges", "its merges", "GG21");
        for (std::size_t i = 0; i < from_.merges.size(); ++i) {
            auto const merge = from_.merges[i];
            auto const space = merge.find(' ', 1); // a left part may begin with a space, as llama.cpp allows
            if (space == std::string_view::npos) {
                list->refuse(qeval::quoted(merge) + " at element " + std::to_string(i),
                             "two pieces with a space between", "TK03");
            }
            if (!seen.insert(merge).second) continue; // of two rules for one pair llama.cpp takes the first
            merges.emplace_back(merge.substr(0, space), merge.substr(space + 1));
        }
        bpe::options options;
        options.byte_level        = rule.spelling == bpe_spelling::byte_letters;
        options.byte_fallback     = !options.byte_level;
        options.ignore_merges     = rule.ignore_merges;
        options.line_breaks_whole = rule.line_breaks_whole;
        parts_.model              = bpe(parts_.words, merges, options);
        if (options.byte_level)
            parts_.decoder.steps.push_back(byte_letters_decoder{});
        else if (rule.spelling == bpe_spelling::spaces)
            write_visible_spaces(parts_, false);
        else
            parts_.decoder.steps.push_back(byte_fallback_decoder{});
    }
    void add_tokens() {
        // A file says nothing of white space behind special tokens; llama.cpp goes by the model's name.
        std::string name;
        if (auto const* const value = metadata_.find("general.name")) name = lowercased(value->string());
        bool const strips = name.find("phi-3") != name.npos || name.find("phi3") != name.npos;
        for (std::size_t i = 0; i < parts_.words.size(); ++i) {
            auto const kind = parts_.words.kind(static_cast<token>(i));
            if (kind != piece_kind::control && kind != piece_kind::unknown && kind != piece_kind::user_defined)
                continue;
            added_token t;
            t.content = parts_.words.piece(static_cast<token>(i));
            t.id      = static_cast<token>(i);
            t.special = kind != piece_kind::user_defined;
            t.rstrip  = strips && t.content != "<unk>" && t.content != "<s>" && t.content != "<|endoftext|>";
            parts_.added.push_back(std::move(t));
        }
    }

    gguf_metadata const& metadata_;
    std::string          file_;
    gguf_vocabulary      from_;
    tokenizer_parts      parts_;
};

[[nodiscard]] inline tokenizer read_gguf_tokenizer(gguf_metadata const& metadata) {
    return gguf_tokenizer_reader(metadata).read();
}

} // namespace qeval
