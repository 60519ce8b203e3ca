// How pieces become text again: the steps of tokenizer.json's `decoder`. Bytes stay bytes; nothing becomes U+FFFD.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/io/tokenizer/rule/pretokenizer.hpp>
#include <qeval/io/tokenizer/vocabulary/byte_alphabet.hpp>
#include <qeval/io/tokenizer/vocabulary/vocabulary.hpp>

namespace qeval {

struct decoded_piece {
    std::string text;
    bool        literal = false; // an added token: not spelled in the byte alphabet
};
using decoded_pieces = std::vector<decoded_piece>;

struct byte_letters_decoder {
    void apply(decoded_pieces& pieces) const {
        for (auto& p : pieces) {
            if (p.literal) continue;
            if (auto bytes = bytes_of_letters(p.text)) p.text = std::move(*bytes);
        }
    }
    [[nodiscard]] std::string text() const { return "byte letters"; }
};

struct replace_decoder { // of a literal text
    std::string from;
    std::string to;

    void apply(decoded_pieces& pieces) const {
        for (auto& p : pieces) {
            std::string out;
            std::size_t done = 0;
            for (auto at = p.text.find(from); at != std::string::npos; at = p.text.find(from, done)) {
                out.append(p.text, done, at - done);
                out += to;
                done = at + from.size();
            }
            if (done > 0) p.text = out.append(p.text, done);
        }
    }
    [[nodiscard]] std::string text() const { return "replace " + from + " by " + to; }
};

struct byte_fallback_decoder { // "<0xE2>" is the byte 0xE2
    void apply(decoded_pieces& pieces) const {
        for (auto& p : pieces) {
            if (p.literal) continue;
            if (auto const byte = byte_of_piece(p.text)) p.text.assign(1, static_cast<char>(*byte));
        }
    }
    [[nodiscard]] std::string text() const { return "byte fallback"; }
};

struct fuse_decoder {
    void apply(decoded_pieces& pieces) const {
        decoded_piece all;
        for (auto const& p : pieces) all.text += p.text;
        pieces.assign(1, std::move(all));
    }
    [[nodiscard]] std::string text() const { return "fuse"; }
};

struct strip_decoder { // up to so many of one character at either end of each piece
    std::string content;
    std::size_t start = 0;
    std::size_t stop  = 0;

    void apply(decoded_pieces& pieces) const {
        for (auto& p : pieces) {
            std::string_view text = p.text;
            for (std::size_t i = 0; i < start && text.substr(0, content.size()) == content; ++i)
                text.remove_prefix(content.size());
            for (std::size_t i = 0;
                 i < stop && text.size() >= content.size() && text.substr(text.size() - content.size()) == content;
                 ++i) {
                text.remove_suffix(content.size());
            }
            p.text = std::string(text);
        }
    }
    [[nodiscard]] std::string text() const {
        return "strip " + content + " " + std::to_string(start) + " " + std::to_string(stop);
    }
};

struct metaspace_decoder { // in the first piece the replacement is dropped where one had been prepended
    std::string    replacement = "\xe2\x96\x81";
    prepend_scheme prepend     = prepend_scheme::always;

    void apply(decoded_pieces& pieces) const {
        if (pieces.empty()) return;
        decoded_pieces first(1, std::move(pieces.front()));
        replace_decoder{replacement, " "}.apply(pieces);
        replace_decoder{replacement, prepend == prepend_scheme::never ? " " : ""}.apply(first);
        pieces.front() = std::move(first.front());
    }
    [[nodiscard]] std::string text() const {
        return "metaspace " + replacement + std::to_string(static_cast<int>(prepend));
    }
};

struct suffix_decoder { // what ends a word is a space, nothing at the end of the text
    std::string suffix;

    void apply(decoded_pieces& pieces) const {
        if (pieces.empty() || suffix.empty()) return;
        decoded_pieces last(1, std::move(pieces.back()));
        replace_decoder{suffix, " "}.apply(pieces);
        replace_decoder{suffix, ""}.apply(last);
        pieces.back() = std::move(last.front());
    }
    [[nodiscard]] std::string text() const { return "suffix " + suffix; }
};

using decoder_step = std::variant<byte_letters_decoder, replace_decoder, byte_fallback_decoder, fuse_decoder,
                                  strip_decoder, metaspace_decoder, suffix_decoder>;

class token_decoder {
public:
    std::vector<decoder_step> steps;
    std::string               separator; // between the pieces that remain; " " where a file names no decoder

    [[nodiscard]] std::string operator()(decoded_pieces pieces) const {
        for (auto const& step : steps) {
            std::visit([&](auto const& one) { one.apply(pieces); }, step);
        }
        std::string out;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            if (i > 0) out += separator;
            out += pieces[i].text;
        }
        return out;
    }
};

} // namespace qeval
