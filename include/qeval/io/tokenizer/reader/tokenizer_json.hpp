// tokenizer.json of Hugging Face's tokenizers library: BPE and unigram models and the steps around them. A component
// that is not known here is an error, never skipped: skipping one would give other tokens without a word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/tokenizer/reader/tokenizer_json_fields.hpp>
#include <qeval/io/tokenizer/rule/bpe_patterns.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

class tokenizer_json_reader : tokenizer_json_fields {
public:
    explicit tokenizer_json_reader(json_document const& document) : document_(document) {}

    [[nodiscard]] tokenizer_parts read() && {
        parts_.words = vocabulary(document_.file());
        if (auto const n = document_.find("normalizer")) normalizer_of(*n);
        if (auto const p = document_.find("pre_tokenizer")) pretokenizer_of(*p);
        model_of(document_.at("model"));
        parts_.model_pieces = parts_.words.count();
        if (auto const a = document_.find("added_tokens"))
            a->for_each_element([this](std::size_t, json_value t) { added_of(t); });
        parts_.words.check_density();
        if (auto const p = document_.find("post_processor")) template_of(*p);
        if (auto const d = document_.find("decoder")) {
            decoder_of(*d);
        } else {
            parts_.decoder.separator = " ";
        }
        return std::move(parts_);
    }

private:
    static constexpr std::int64_t any_low  = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int64_t any_high = std::numeric_limits<std::int64_t>::max();

    void normalizer_of(json_value v) {
        auto&             steps = parts_.normalize.steps;
        std::string const type  = v.at("type").string();
        if (type == "Sequence") return each(v, "normalizers", [this](json_value one) { normalizer_of(one); });
        if (type == "NFC")
            steps.push_back(unicode_step{unicode_form::nfc});
        else if (type == "NFD")
            steps.push_back(unicode_step{unicode_form::nfd});
        else if (type == "NFKC")
            steps.push_back(unicode_step{unicode_form::nfkc});
        else if (type == "NFKD")
            steps.push_back(unicode_step{unicode_form::nfkd});
        else if (type == "Lowercase")
            steps.push_back(lowercase_step{});
        else if (type == "Prepend")
            steps.push_back(prepend_step{v.at("prepend").string()});
        else if (type == "Replace")
            steps.push_back(replace_step{pattern_of(v), v.at("content").string()});
        else if (type == "Precompiled")
            steps.push_back(precompiled_step{
                std::make_shared<precompiled_charsmap const>(decoded_base64(v.at("precompiled_charsmap")), v.place())});
        else if (type == "Strip")
            steps.push_back(strip_step{flag(v, "strip_left", true), flag(v, "strip_right", true)});
        else
            unknown_type(v, "normalizer");
    }

    void pretokenizer_of(json_value v) {
        auto&             steps = parts_.pretokenize.steps;
        std::string const type  = v.at("type").string();
        if (byte_level_) spell_bytes_first();
        auto const split = [&](std::string_view pattern, match_fate fate, bool invert = false) {
            steps.push_back(split_step{compiled(pattern, v, regex_syntax::oniguruma), fate, invert});
        };
        if (type == "Sequence") {
            each(v, "pretokenizers", [this](json_value one) { pretokenizer_of(one); });
        } else if (type == "ByteLevel") {
            if (flag(v, "add_prefix_space", true)) steps.push_back(leading_space_step{});
            if (flag(v, "use_regex", true)) split(gpt2_pattern, match_fate::isolated);
            byte_level_ = true;
        } else if (type == "Split") {
            auto const fate   = fate_of(v.at("behavior"));
            bool const invert = flag(v, "invert", false);
            steps.push_back(split_step{pattern_of(v), fate, invert});
        } else if (type == "Digits") {
            split(flag(v, "individual_digits", false) ? R"(\p{N})" : R"(\p{N}+)", match_fate::isolated);
        } else if (type == "Metaspace") {
            steps.push_back(metaspace_step{replacement_of(v), prepend_of(v), flag(v, "split", true)});
        } else if (type == "Whitespace") {
            split(R"([\w\p{Join_Control}]+|[^\w\p{Join_Control}\s]+)", match_fate::removed, true);
        } else if (type == "CharDelimiterSplit") {
            auto const delimiter = v.at("delimiter");
            steps.push_back(
                split_step{compiled(delimiter.string(), delimiter, regex_syntax::literal), match_fate::removed});
        } else if (type == "WhitespaceSplit") {
            split(R"(\s+)", match_fate::removed);
        } else if (type == "Punctuation") {
            auto const behavior = v.find("behavior");
            split(R"([!-\/:-@\[-`{-~\p{P}])", behavior ? fate_of(*behavior) : match_fate::isolated);
        } else {
            unknown_type(v, "pre-tokenizer");
        }
    }

    void model_of(json_value v) {
        auto const type = v.find("type");
        // Files of old versions name no type; a model with merges is BPE.
        if (!type || type->string() == "BPE") return ranked(v);
        if (type->string() != "Unigram") unknown_type(v, "model");
        scored(v);
    }
    void refuse_many(json_value words) const {
        if (words.size() <= vocabulary::max_pieces) return;
        words.refuse(std::to_string(words.size()) + " pieces", "at most " + std::to_string(vocabulary::max_pieces), "",
                     "TK07");
    }
    void scored(json_value v) {
        std::vector<double> scores;
        unigram::options    options;
        auto const          words = v.at("vocab");
        refuse_many(words);
        words.for_each_element([&](std::size_t i, json_value one) {
            if (!one.is_array() || one.size() != 2) one.fail("a piece and its score", "", "TK09");
            parts_.words.add(static_cast<std::int64_t>(i), one[0].string(), piece_kind::normal);
            scores.push_back(one[1].number(-1e30, 1e30));
        });
        options.byte_fallback = flag(v, "byte_fallback", false);
        if (auto const unknown = v.find("unk_id"))
            options.unknown = parts_.unknown =
                static_cast<token>(unknown->integer(0, static_cast<std::int64_t>(parts_.words.size()) - 1));
        if (options.byte_fallback)
            for (std::size_t i = 0; i < parts_.words.size(); ++i)
                if (byte_of_piece(parts_.words.piece(static_cast<token>(i))))
                    parts_.words.set_kind(static_cast<token>(i), piece_kind::byte);
        parts_.model = unigram(parts_.words, std::move(scores), options);
    }
    void ranked(json_value v) {
        auto const words = v.at("vocab");
        words.object();
        refuse_many(words);
        bpe::options options;
        options.byte_level    = byte_level_;
        options.byte_fallback = flag(v, "byte_fallback", false) && !byte_level_;
        options.fuse_unknown  = flag(v, "fuse_unk", false);
        options.ignore_merges = flag(v, "ignore_merges", false);
        words.for_each_member([&](std::string const& piece, json_value id) {
            bool const byte = options.byte_fallback && byte_of_piece(piece);
            if (!id.is_integer()) id.fail("an integer", "", "TK04");
            parts_.words.add(id.integer(any_low, any_high), piece, byte ? piece_kind::byte : piece_kind::normal);
        });
        parts_.words.check_density();
        if (auto const unknown = v.find("unk_token")) {
            auto const id = parts_.words.find(unknown->string());
            if (!id) unknown->fail("a piece of the vocabulary");
            options.unknown = parts_.unknown = *id;
        }
        if (auto const affix = v.find("continuing_subword_prefix")) options.continuing_prefix = affix->string();
        if (auto const affix = v.find("end_of_word_suffix")) options.ending_suffix = affix->string();
        if (byte_level_ && !(options.continuing_prefix + options.ending_suffix).empty()) spell_bytes_first();
        options.byte_level = byte_level_;
        if (auto const dropout = v.find("dropout"); dropout && dropout->number(0, 1) > 0) {
            parts_.notes.push_back(dropout->place() + " is left aside: it is for training");
        }
        parts_.model = bpe(parts_.words, merges_of(v.at("merges")), options);
    }
    // The text becomes letters in a step of its own; what follows, the model included, sees letters.
    void spell_bytes_first() {
        parts_.pretokenize.steps.push_back(byte_letters_step{});
        byte_level_ = false;
    }
    static std::vector<bpe::merge_pair> merges_of(json_value list) {
        std::vector<bpe::merge_pair> merges;
        merges.reserve(list.size());
        list.for_each_element([&](std::size_t, json_value merge) {
            if (merge.is_array()) {
                if (merge.size() != 2) merge.fail("two pieces", "", "TK03");
                merges.emplace_back(merge[0].string(), merge[1].string());
                return;
            }
            std::string const& text  = merge.string();
            auto const         space = text.find(' ');
            if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos) {
                merge.fail("two pieces with one space between", "", "TK03");
            }
            merges.emplace_back(text.substr(0, space), text.substr(space + 1));
        });
        return merges;
    }

    void added_of(json_value v) {
        added_token t = added_fields(v);
        if (t.content.empty()) v.at("content").fail("at least one character", "", "TK05");
        auto const id = v.at("id");
        if (!id.is_integer()) id.fail("an integer", "", "TK04");
        list_added(parts_, std::move(t), id.integer(any_low, any_high));
    }

    void template_of(json_value v) {
        std::string const type = v.at("type").string();
        if (type == "Sequence") return each(v, "processors", [this](json_value one) { template_of(one); });
        if (type == "ByteLevel") return; // offsets only
        if (type == "RobertaProcessing" || type == "BertProcessing") {
            parts_.before.push_back(token_of(v.at("cls")[1]));
            parts_.after.push_back(token_of(v.at("sep")[1]));
            return;
        }
        if (type != "TemplateProcessing") unknown_type(v, "post-processor");
        bool text_seen = false;
        each(v, "single", [&](json_value item) {
            if (item.find("Sequence")) {
                text_seen = true;
                return;
            }
            std::string const& name = item.at("SpecialToken").at("id").string();
            each(v.at("special_tokens").at(name), "ids",
                 [&](json_value id) { (text_seen ? parts_.after : parts_.before).push_back(token_of(id)); });
        });
    }
    token token_of(json_value id) const {
        return static_cast<token>(id.integer(0, static_cast<std::int64_t>(parts_.words.size()) - 1));
    }

    void decoder_of(json_value v) {
        auto&             steps = parts_.decoder.steps;
        std::string const type  = v.at("type").string();
        if (type == "Sequence") return each(v, "decoders", [this](json_value one) { decoder_of(one); });
        if (type == "ByteLevel") {
            steps.push_back(byte_letters_decoder{});
        } else if (type == "Replace") {
            auto const text = v.at("pattern").find("String");
            if (!text || text->string().empty()) v.at("pattern").fail("a text to replace", "", "TK06");
            steps.push_back(replace_decoder{text->string(), v.at("content").string()});
        } else if (type == "ByteFallback") {
            steps.push_back(byte_fallback_decoder{});
        } else if (type == "Fuse") {
            steps.push_back(fuse_decoder{});
        } else if (type == "Strip") {
            std::string const& content = v.at("content").string();
            if (content.empty() || decode_utf8(content, 0).length != content.size())
                v.at("content").fail("one character");
            auto const count = [&](char const* key) { return static_cast<std::size_t>(v.at(key).integer(0, 1 << 20)); };
            steps.push_back(strip_decoder{content, count("start"), count("stop")});
        } else if (type == "BPEDecoder") {
            auto const suffix = v.find("suffix");
            steps.push_back(suffix_decoder{suffix ? suffix->string() : "</w>"});
        } else if (type == "Metaspace") {
            steps.push_back(metaspace_decoder{replacement_of(v), prepend_of(v)});
        } else {
            unknown_type(v, "decoder");
        }
    }

    json_document const& document_;
    tokenizer_parts      parts_;
    bool                 byte_level_ = false;
};

[[nodiscard]] inline tokenizer_parts read_tokenizer_json(std::string_view text, std::string file) {
    auto const document = parse_json(text, std::move(file), tokenizer_json_limits());
    return tokenizer_json_reader(document).read();
}

} // namespace qeval
