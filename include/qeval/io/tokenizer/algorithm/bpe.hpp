// Byte-pair encoding with ranked merges (GPT-2 and its descendants; the "BPE" model of tokenizer.json).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/io/text/code_point.hpp>
#include <qeval/io/text/utf8.hpp>
#include <qeval/io/tokenizer/algorithm/bpe_merge.hpp>
#include <qeval/io/tokenizer/algorithm/word_cutter.hpp>
#include <qeval/io/tokenizer/vocabulary/byte_alphabet.hpp>
#include <qeval/io/tokenizer/vocabulary/piece_table.hpp>
#include <qeval/io/tokenizer/vocabulary/vocabulary.hpp>

namespace qeval {

class bpe {
public:
    struct options {
        bool  byte_level        = false; // pieces are spelled in byte_alphabet; the units are bytes, else characters
        bool  byte_fallback     = false; // an unknown character becomes its bytes' <0xNN>
        bool  fuse_unknown      = false; // a run of unknown characters is one unknown token
        bool  ignore_merges     = false; // a text that is itself a piece is that piece, whatever the merges say
        bool  line_breaks_whole = false; // the same for texts of nothing but line breaks
        token unknown           = -1;
        // Spelling of a character that does not begin a word, and of one that ends it.
        std::string continuing_prefix = {};
        std::string ending_suffix     = {};
    };
    using merge_pair = std::pair<std::string, std::string>;

    bpe() = default;
    // Merges in order of rank.
    bpe(vocabulary const& words, std::vector<merge_pair> const& merges, options o) : options_(o) {
        std::vector<merge_table::rule> rules;
        rules.reserve(merges.size());
        for (std::size_t rank = 0; rank < merges.size(); ++rank) {
            auto const& [left, right] = merges[rank];
            auto const id             = [&](std::string_view piece) {
                auto const found = words.find(piece);
                if (!found) {
                    words.fail("TK03", words.file() + ", merge " + std::to_string(rank),
                                           "the piece " + qeval::quoted(piece) + ", which the vocabulary lacks",
                                           "pieces of the vocabulary");
                }
                return *found;
            };
            // the right one's prefix goes, as many bytes as it has
            std::string_view const added =
                std::string_view(right).substr(std::min(right.size(), options_.continuing_prefix.size()));
            rules.push_back({id(left), id(right), id(left + std::string(added)), static_cast<std::uint32_t>(rank)});
        }
        learn(words, std::move(rules));
    }
    // The same with what joins given by ids.
    bpe(vocabulary const& words, std::vector<merge_table::rule> rules, options o) : options_(std::move(o)) {
        learn(words, std::move(rules));
    }

    // Appends the tokens of one pre-token; bytes that were no UTF-8 come escaped.
    void encode(std::string_view text, std::vector<token>& out, bpe_scratch& scratch) const {
        if (auto const id = whole(text); id >= 0) {
            out.push_back(id);
            return;
        }
        scratch.symbols.clear();
        if (options_.byte_level) {
            split_bytes(text, scratch);
        } else {
            split_characters(text, scratch);
        }
        join_symbols(scratch, [this](bpe_symbol const& a, bpe_symbol const& b) { return merges_.find(a.id, b.id); });
        if (scratch.symbols.empty()) return;
        for (std::int32_t i = 0; i >= 0; i = scratch.symbols[static_cast<std::size_t>(i)].next) {
            out.push_back(scratch.symbols[static_cast<std::size_t>(i)].id);
        }
    }

    // The token that a pre-token is as a whole, whatever the merges say; -1 where they decide.
    [[nodiscard]] token whole(std::string_view text) const {
        bool const may = options_.ignore_merges || (options_.line_breaks_whole && text.front() == '\n');
        return may ? pieces_.find(text) : -1;
    }

    // Parts of a text that may be encoded one by one.
    [[nodiscard]] word_cutter const& cutter() const { return cutter_; }
    [[nodiscard]] options const&     settings() const { return options_; }
    [[nodiscard]] merge_table const& merges() const { return merges_; }
    // Bytes of text that have no spelling and are left out, as in the reference.
    [[nodiscard]] std::size_t missing_bytes() const { return missing_bytes_; }

private:
    void learn(vocabulary const& words, std::vector<merge_table::rule> rules) {
        merges_ = merge_table(std::move(rules), words.size());
        bytes_.fill(-1);
        if (options_.byte_level) {
            learn_bytes(words);
        } else {
            learn_characters(words);
        }
        if (options_.ignore_merges) {
            learn_pieces(words);
            cutter_.disable(); // a whole text may be a piece
        }
        if (!options_.continuing_prefix.empty() || !options_.ending_suffix.empty()) cutter_.disable();
        if (options_.line_breaks_whole) learn_line_breaks(words);
    }
    void learn_bytes(vocabulary const& words) {
        for (std::size_t b = 0; b < 256; ++b) {
            auto const id = words.find(byte_letters(std::string(1, static_cast<char>(b))));
            // An added token that looks like a letter is literal text, not a byte.
            if (id && words.kind(*id) == piece_kind::normal) bytes_[b] = *id;
            // Planes 4 to 11 (lead bytes F1, F2) have no characters, and real vocabularies lack them.
            bool const in_text = b != 0xc0 && b != 0xc1 && b != 0xf1 && b != 0xf2 && b < 0xf5;
            if (in_text && bytes_[b] < 0 && options_.unknown < 0) ++missing_bytes_;
        }
        if (missing_bytes_ > 128) {
            words.fail("TK08", words.file(), "no piece for " + std::to_string(missing_bytes_) + " of 243 bytes of text",
                       "a piece for most of them, or an unknown token", "a vocabulary that is not spelled in bytes");
        }
    }
    void learn_characters(vocabulary const& words) {
        for (std::size_t id = 0; id < words.size(); ++id) {
            auto const& piece = words.piece(static_cast<token>(id));
            auto const  kind  = words.kind(static_cast<token>(id));
            bool const  part =
                kind != piece_kind::none && kind != piece_kind::control && kind != piece_kind::user_defined;
            if (part) cutter_.learn(piece);
            bool const affixes = !options_.continuing_prefix.empty() || !options_.ending_suffix.empty();
            if (part && !piece.empty() && (affixes || decode_utf8(piece, 0).length == piece.size()))
                characters_.emplace(piece, static_cast<token>(id));
        }
        if (!options_.byte_fallback) return;
        std::size_t known = 0;
        for (std::size_t b = 0; b < 256; ++b) {
            auto const id = words.find(byte_piece(static_cast<unsigned char>(b)));
            bytes_[b]     = id.value_or(-1);
            known += id.has_value();
        }
        if (known > 0 && known < 256) {
            words.fail("TK08", words.file(), std::to_string(known) + " byte pieces", "none or all 256",
                       "a vocabulary that was cut");
        }
        options_.byte_fallback = known > 0;
    }
    void learn_line_breaks(vocabulary const& words) {
        std::vector<std::pair<std::string, token>> pieces;
        for (std::string run = "\n"; run.size() <= 64; run += '\n')
            if (auto const id = words.find(run)) pieces.emplace_back(run, *id);
        pieces_ = piece_table(pieces);
    }
    void learn_pieces(vocabulary const& words) {
        std::vector<std::pair<std::string, token>> pieces;
        for (std::size_t id = 0; id < words.size(); ++id) {
            if (words.kind(static_cast<token>(id)) != piece_kind::normal) continue;
            auto const& piece = words.piece(static_cast<token>(id));
            if (!options_.byte_level) {
                pieces.emplace_back(piece, static_cast<token>(id));
            } else if (auto bytes = bytes_of_letters(piece)) {
                pieces.emplace_back(first_bad_utf8(*bytes) ? escape_bytes(*bytes) : std::move(*bytes),
                                    static_cast<token>(id));
            }
        }
        pieces_ = piece_table(pieces);
    }

    // A byte without a letter: of text, it is left out, as the reference does (U+40000 and its kind are no characters
    // yet); of input that was no UTF-8, it becomes U+FFFD.
    void split_bytes(std::string_view text, bpe_scratch& scratch) const {
        std::uint32_t begin = 0;     // counts bytes of the unescaped text
        bool          run   = false; // the symbol before is unknown and may grow
        auto const    add   = [&](char byte) {
            token const id = bytes_[static_cast<unsigned char>(byte)];
            if (id < 0 && options_.unknown < 0) {
                ++scratch.dropped;
            } else if (id < 0 && run && options_.fuse_unknown) {
                ++scratch.symbols.back().length;
                ++begin;
            } else {
                scratch.add(begin++, 1, id >= 0 ? id : options_.unknown);
            }
            run = id < 0;
        };
        if (!scratch.escaped) {
            for (char const b : text) add(b);
            return;
        }
        for (std::size_t at = 0; at < text.size();) {
            auto const c     = decode_utf8(text, at);
            auto const bytes = bytes_at(text, at, c, true);
            bool const known =
                bytes.size() > 1 || bytes_[static_cast<unsigned char>(bytes[0])] >= 0 || options_.unknown >= 0;
            for (char const b : known ? std::string_view(bytes) : std::string_view("\xef\xbf\xbd")) add(b);
            at += c.length;
        }
    }
    void split_characters(std::string_view text, bpe_scratch& scratch) const {
        bool const    affixes = !options_.continuing_prefix.empty() || !options_.ending_suffix.empty();
        std::string   spelled;
        std::uint32_t begin = 0;
        bool          run   = false; // the symbol before is unknown and may grow
        for (std::size_t at = 0; at < text.size();) {
            auto const       c    = decode_utf8(text, at);
            std::string_view unit = text.substr(at, c.length);
            if (affixes) unit = spelled = with_affixes(unit, at == 0, at + c.length == text.size());
            auto const it = characters_.find(unit);
            auto const n  = static_cast<std::uint32_t>(c.length);
            if (it != characters_.end()) {
                scratch.add(begin, n, it->second);
                run = false;
            } else if (options_.byte_fallback) {
                std::uint32_t offset = 0;
                for (char const b : affixes ? spelled : bytes_at(text, at, c, scratch.escaped))
                    scratch.add(begin + offset++, 1, bytes_[static_cast<unsigned char>(b)]);
                run = false;
            } else if (run && options_.fuse_unknown) {
                scratch.symbols.back().length += n;
            } else if (options_.unknown >= 0) {
                scratch.add(begin, n, options_.unknown);
                run = true;
            } else { // no spelling: it is left out
                scratch.dropped += n;
            }
            begin += n;
            at += c.length;
        }
    }
    [[nodiscard]] std::string with_affixes(std::string_view character, bool first, bool last) const {
        return (first ? std::string() : options_.continuing_prefix) + std::string(character) +
               (last ? options_.ending_suffix : std::string());
    }

    options                options_;
    merge_table            merges_;
    std::array<token, 256> bytes_{}; // by byte value: its letter (byte level) or its <0xNN> (byte fallback); -1: none
    text_map<token>        characters_;
    word_cutter            cutter_;
    piece_table            pieces_; // those that are whole pre-tokens, spelled as they are
    std::size_t            missing_bytes_ = 0;
};

} // namespace qeval
