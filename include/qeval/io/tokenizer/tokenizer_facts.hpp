// What a tokenizer is, in words: its family, and the rules that a text goes through.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <qeval/core/decode_utf8.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/overloaded.hpp>
#include <qeval/io/text/unicode.hpp>
#include <qeval/io/tokenizer/algorithm/bpe.hpp>
#include <qeval/io/tokenizer/algorithm/sentencepiece_bpe.hpp>
#include <qeval/io/tokenizer/algorithm/unigram.hpp>
#include <qeval/io/tokenizer/rule/normalizer.hpp>
#include <qeval/io/tokenizer/rule/pretokenizer.hpp>
#include <qeval/io/tokenizer/rule/sentencepiece_normalizer.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

struct tokenizer_facts {
    std::string              kind;
    std::size_t              pieces = 0, added = 0;    // added: looked for before all else, special tokens among them
    std::vector<std::string> normalizer, pretokenizer; // steps in their order; none: the text stays as it is, in one
};

namespace detail {

// A pattern as it is written, backslashes and all. It is UTF-8, and is cut between characters.
[[nodiscard]] inline std::string in_quotes(std::string text, std::size_t limit) {
    if (text.size() > limit) {
        text.resize(start_of_utf8(text, limit));
        text += "...";
    }
    return '"' + text + '"';
}

[[nodiscard]] inline std::string kind_of(bpe const& model) {
    auto const& o    = model.settings();
    std::string kind = o.byte_level ? "byte-level BPE" : "BPE of characters";
    if (o.byte_fallback) kind += ", bytes for unknown ones";
    if (o.ignore_merges) kind += ", whole pieces first";
    return kind;
}
[[nodiscard]] inline std::string kind_of(sentencepiece_bpe const&) { return "SentencePiece BPE"; }
[[nodiscard]] inline std::string kind_of(unigram const& model) {
    return model.settings().byte_fallback ? "Unigram, bytes for unknown characters" : "Unigram";
}

[[nodiscard]] inline std::string words_of(normalizer_step const& step, std::size_t limit) {
    constexpr std::array<std::string_view, 4> forms{"NFC", "NFD", "NFKC", "NFKD"};
    return std::visit(
        overloaded{[&](unicode_step const& s) { return std::string(forms[std::size_t(s.form)]); },
                   [](lowercase_step const&) { return std::string("lower case"); },
                   [&](prepend_step const& s) { return "put " + in_quotes(s.prefix, limit) + " before the text"; },
                   [&](replace_step const& s) {
                       return "replace " + in_quotes(s.pattern->pattern(), limit) + " by " +
                              in_quotes(s.content, limit);
                   },
                   [](strip_step const& s) {
                       return std::string("strip white space at ") + (s.left && s.right ? "both ends"
                                                                      : s.left          ? "the beginning"
                                                                                        : "the end");
                   },
                   [](squeeze_step const&) { return std::string("one space for several"); },
                   [](sentencepiece_step const& s) {
                       return std::string("SentencePiece's") + (s.charsmap ? " character map" : "") +
                              (s.add_dummy_prefix ? ", a space before the text" : ", no space before the text") +
                              (s.remove_extra_whitespaces ? ", one space for several" : ", all spaces kept");
                   },
                   [](precompiled_step const&) { return std::string("a precompiled character map"); }},
        step);
}
[[nodiscard]] inline std::string words_of(pretokenizer_step const& step, std::size_t limit) {
    constexpr std::array<std::string_view, 5> fates{"matches by themselves", "matches dropped",
                                                    "matches joined to what is before",
                                                    "matches joined to what follows", "runs of matches together"};
    return std::visit(
        overloaded{[&](split_step const& s) {
                       return "split by " + in_quotes(s.pattern->pattern(), limit) +
                              (s.invert ? ", inverted, " : ", ") + std::string(fates[std::size_t(s.fate)]);
                   },
                   [](leading_space_step const&) { return std::string("a space before each piece"); },
                   [](byte_letters_step const&) { return std::string("bytes as letters"); },
                   [&](metaspace_step const& s) {
                       constexpr std::array<std::string_view, 3> where{"one before each piece", "one before the text",
                                                                       "none added"};
                       return in_quotes(s.replacement, limit) + " for each space, " +
                              std::string(where[std::size_t(s.prepend)]) + (s.split ? ", split there" : "");
                   }},
        step);
}

} // namespace detail

// `limit`: bytes of a pattern in the words; longer ones are cut.
[[nodiscard]] inline tokenizer_facts tokenizer_facts_of(tokenizer const& words, std::size_t limit = 80) {
    auto const&     parts = words.parts();
    tokenizer_facts facts;
    facts.kind   = std::visit([](auto const& model) { return detail::kind_of(model); }, parts.model);
    facts.pieces = parts.words.count();
    facts.added  = parts.added.size();
    for (auto const& step : parts.normalize.steps) facts.normalizer.push_back(detail::words_of(step, limit));
    for (auto const& step : parts.pretokenize.steps) facts.pretokenizer.push_back(detail::words_of(step, limit));
    return facts;
}

} // namespace qeval
