// Byte-pair encoding with ranked merges (GPT-2 and its descendants; the "BPE" model of tokenizer.json).
#pragma once

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
#include <qeval/io/tokenizer/bpe_merge.hpp>
#include <qeval/io/tokenizer/byte_alphabet.hpp>
#include <qeval/io/tokenizer/vocabulary.hpp>
#include <qeval/io/tokenizer/word_cutter.hpp>

namespace qeval {

class bpe {
public:
    struct options {
        bool  byte_level    = false; // pieces are spelled in byte_alphabet; the units are bytes, else characters
        bool  byte_fallback = false; // an unknown character becomes its bytes' <0xNN>
        bool  fuse_unknown  = false; // a run of unknown characters is one unknown token
        bool  ignore_merges = false; // a text that is itself a piece is that piece, whatever the merges say
        token unknown       = -1;
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
            rules.push_back({id(left), id(right), id(left + right), static_cast<std::uint32_t>(rank)});
        }
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
    }

    // Appends the tokens of one pre-token; bytes that were no UTF-8 come escaped.
    void encode(std::string_view text, std::vector<token>& out, bpe_scratch& scratch) const {
        if (options_.ignore_merges) {
            if (auto const it = pieces_.find(text); it != pieces_.end()) {
                out.push_back(it->second);
                return;
            }
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

    // Parts of a text that may be encoded one by one.
    [[nodiscard]] word_cutter const& cutter() const { return cutter_; }
    [[nodiscard]] options const&     settings() const { return options_; }
    [[nodiscard]] merge_table const& merges() const { return merges_; }

private:
    void learn_bytes(vocabulary const& words) {
        for (std::size_t b = 0; b < 256; ++b) {
            auto const id = words.find(byte_letters(std::string(1, static_cast<char>(b))));
            // An added token that looks like a letter is literal text, not a byte.
            if (id && words.kind(*id) == piece_kind::normal) bytes_[b] = *id;
            // Planes 4 to 11 (lead bytes F1, F2) have no characters, and real vocabularies lack them.
            bool const in_text = b != 0xc0 && b != 0xc1 && b != 0xf1 && b != 0xf2 && b < 0xf5;
            if (in_text && bytes_[b] < 0 && options_.unknown < 0) {
                words.fail("TK08", words.file(), "no piece for the byte " + byte_piece(static_cast<unsigned char>(b)),
                           "a piece for every byte of text, or an unknown token",
                           "a vocabulary trained without the initial byte alphabet");
            }
        }
    }
    void learn_characters(vocabulary const& words) {
        for (std::size_t id = 0; id < words.size(); ++id) {
            auto const& piece = words.piece(static_cast<token>(id));
            auto const  kind  = words.kind(static_cast<token>(id));
            bool const  part =
                kind != piece_kind::none && kind != piece_kind::control && kind != piece_kind::user_defined;
            if (part) cutter_.learn(piece);
            if (part && !piece.empty() && decode_utf8(piece, 0).length == piece.size())
                characters_.emplace(piece, static_cast<token>(id));
        }
        if (!options_.byte_fallback) return;
        for (std::size_t b = 0; b < 256; ++b) {
            auto const id = words.find(byte_piece(static_cast<unsigned char>(b)));
            if (!id) {
                words.fail("TK08", words.file(), "no piece " + byte_piece(static_cast<unsigned char>(b)),
                           "all 256 byte pieces, as byte fallback needs them");
            }
            bytes_[b] = *id;
        }
    }
    void learn_pieces(vocabulary const& words) {
        for (std::size_t id = 0; id < words.size(); ++id) {
            if (words.kind(static_cast<token>(id)) != piece_kind::normal) continue;
            auto const& piece = words.piece(static_cast<token>(id));
            if (!options_.byte_level) {
                pieces_.emplace(piece, static_cast<token>(id));
            } else if (auto const bytes = bytes_of_letters(piece)) {
                pieces_.emplace(first_bad_utf8(*bytes) ? escape_bytes(*bytes) : *bytes, static_cast<token>(id));
            }
        }
    }

    // A byte without a letter: of text, it is left out, as the reference does (U+40000 and its kind are no characters
    // yet); of input that was no UTF-8, it becomes U+FFFD.
    void split_bytes(std::string_view text, bpe_scratch& scratch) const {
        std::uint32_t begin = 0; // counts bytes of the unescaped text
        auto const    add   = [&](char byte) {
            token const id = bytes_[static_cast<unsigned char>(byte)];
            if (id >= 0 || options_.unknown >= 0) scratch.add(begin++, 1, id >= 0 ? id : options_.unknown);
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
        std::uint32_t begin = 0;
        bool          run   = false; // the symbol before is unknown and may grow
        for (std::size_t at = 0; at < text.size();) {
            auto const c  = decode_utf8(text, at);
            auto const it = characters_.find(text.substr(at, c.length));
            auto const n  = static_cast<std::uint32_t>(c.length);
            if (it != characters_.end()) {
                scratch.add(begin, n, it->second);
                run = false;
            } else if (options_.byte_fallback) {
                std::uint32_t offset = 0;
                for (char const b : bytes_at(text, at, c, scratch.escaped))
                    scratch.add(begin + offset++, 1, bytes_[static_cast<unsigned char>(b)]);
                run = false;
            } else if (run && options_.fuse_unknown) {
                scratch.symbols.back().length += n;
            } else if (options_.unknown >=
                       0) { // without an unknown token such a character has no spelling: it is left out
                scratch.add(begin, n, options_.unknown);
                run = true;
            }
            begin += n;
            at += c.length;
        }
    }

    options                options_;
    merge_table            merges_;
    std::array<token, 256> bytes_{}; // by byte value: its letter (byte level) or its <0xNN> (byte fallback); -1: none
    text_map<token>        characters_;
    word_cutter            cutter_;
    text_map<token>        pieces_; // for ignore_merges, spelled as pre-tokens are
};

} // namespace qeval
