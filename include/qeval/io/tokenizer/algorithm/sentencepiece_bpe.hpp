// Byte-pair encoding with scores, as SentencePiece and llama.cpp do it: of all neighbours whose joined text is a piece,
// the pair with the highest score joins first.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/io/text/code_point.hpp>
#include <qeval/io/tokenizer/algorithm/bpe_merge.hpp>
#include <qeval/io/tokenizer/algorithm/word_cutter.hpp>
#include <qeval/io/tokenizer/vocabulary/vocabulary.hpp>

namespace qeval {

class sentencepiece_bpe {
public:
    sentencepiece_bpe() = default;
    // One score for each piece. unknown: -1 where there is none.
    sentencepiece_bpe(vocabulary const& words, std::vector<float> scores, token unknown)
        : scores_(std::move(scores)), unknown_(unknown) {
        bytes_.fill(-1);
        pieces_.reserve(words.size());
        std::size_t byte_pieces = 0;
        for (std::size_t i = 0; i < words.size(); ++i) {
            auto const  id    = static_cast<token>(i);
            auto const& piece = words.piece(id);
            if (!std::isfinite(scores_[i])) {
                words.fail("TK09", words.place_of(piece), "a score that is not finite", "a number");
            }
            switch (words.kind(id)) {
            case piece_kind::byte: {
                auto const byte = byte_of_piece(piece);
                if (!byte)
                    words.fail("TK08", words.place_of(piece), "a byte piece spelled like this", "<0x00> to <0xFF>");
                bytes_[*byte] = id;
                ++byte_pieces;
                break;
            }
            case piece_kind::normal:
            case piece_kind::user_defined:
            case piece_kind::unused:
                if (piece.empty()) break;
                pieces_.emplace(piece, piece_entry{id, priority_of(scores_[i]), words.kind(id) == piece_kind::unused});
                longest_ = std::max(longest_, piece.size());
                cutter_.learn(piece);
                if (words.kind(id) == piece_kind::unused) cutter_.disable(); // its split may come from another word
                break;
            default:
                break; // control and unknown pieces never come from text
            }
        }
        if (byte_pieces != 0 && byte_pieces != 256) {
            words.fail("TK08", words.file(), std::to_string(byte_pieces) + " byte pieces", "none or all 256");
        }
        if (byte_pieces == 0 && unknown_ < 0) {
            words.fail("TK08", words.file(), "neither byte pieces nor an unknown piece",
                       "a spelling for characters outside the vocabulary");
        }
    }

    // Appends the tokens of a normalized text (spaces are U+2581 by now).
    void encode(std::string_view text, std::vector<token>& out, bpe_scratch& scratch) const {
        scratch.symbols.clear();
        for (std::size_t at = 0; at < text.size();) {
            auto const c  = decode_utf8(text, at);
            auto const it = pieces_.find(text.substr(at, c.length));
            scratch.add(static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(c.length),
                        it == pieces_.end() ? -1 : it->second.id);
            at += c.length;
        }
        if (scratch.symbols.empty()) return;
        splits splits_of_unused;
        join_symbols(scratch, [&](bpe_symbol const& a, bpe_symbol const& b) -> bpe_join {
            std::size_t const length = std::size_t{a.length} + b.length;
            if (length > longest_) return {};
            auto const joined = text.substr(a.begin, length);
            auto const it     = pieces_.find(joined);
            if (it == pieces_.end()) return {};
            if (it->second.unused) splits_of_unused.insert_or_assign(std::string(joined), a.length);
            return {it->second.priority, it->second.id};
        });
        bool run = false; // the token before is the unknown one
        for (std::int32_t i = 0; i >= 0; i = scratch.symbols[static_cast<std::size_t>(i)].next) {
            auto const& symbol = scratch.symbols[static_cast<std::size_t>(i)];
            put(text.substr(symbol.begin, symbol.length), splits_of_unused, scratch.escaped, out, run);
        }
    }

    // Parts of a text that may be encoded one by one.
    [[nodiscard]] word_cutter const&        cutter() const { return cutter_; }
    [[nodiscard]] std::vector<float> const& scores() const { return scores_; }

private:
    struct piece_entry {
        token         id       = -1;
        std::uint32_t priority = 0;
        bool          unused   = false;
    };
    using splits = text_map<std::size_t>; // an unused piece: bytes of its left part

    // Floats as integers whose order is the opposite one, so that the highest score comes first.
    static std::uint32_t priority_of(float score) {
        auto const bits = std::bit_cast<std::uint32_t>(score == 0 ? 0.0F : score); // -0 and 0 are equals
        return (bits & 0x80000000U) != 0 ? bits : 0x7fffffffU - bits;
    }

    // A piece, the parts of an unused one, or the bytes of an unknown character; a run of unknown ones is one token.
    void put(std::string_view text, splits const& unused, bool escaped, std::vector<token>& out, bool& run) const {
        if (auto const it = pieces_.find(text); it != pieces_.end()) {
            auto const split = it->second.unused ? unused.find(text) : unused.end();
            if (split == unused.end()) {
                out.push_back(it->second.id);
                run = false;
            } else {
                put(text.substr(0, split->second), unused, escaped, out, run);
                put(text.substr(split->second), unused, escaped, out, run);
            }
            return;
        }
        auto const c = decode_utf8(text, 0);
        if (bytes_[0] >= 0) {
            for (char const b : bytes_at(text, 0, c, escaped)) out.push_back(bytes_[static_cast<unsigned char>(b)]);
            run = false;
        } else {
            if (!run) out.push_back(unknown_);
            run = true;
        }
    }

    std::vector<float>     scores_;
    token                  unknown_ = -1;
    std::array<token, 256> bytes_{}; // <0xNN> by value, or -1
    text_map<piece_entry>  pieces_;
    std::size_t            longest_ = 0; // bytes of a piece
    word_cutter            cutter_;
};

} // namespace qeval
