// The unigram language model of SentencePiece and tokenizer.json: of all ways to cut a text into pieces the one whose
// scores have the greatest sum.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/io/text/code_point.hpp>
#include <qeval/io/tokenizer/algorithm/bpe_merge.hpp>
#include <qeval/io/tokenizer/algorithm/word_cutter.hpp>
#include <qeval/io/tokenizer/vocabulary/byte_trie.hpp>
#include <qeval/io/tokenizer/vocabulary/vocabulary.hpp>

namespace qeval {

// Viterbi's algorithm over bytes, from the beginning of a text on, with sums in float as in SentencePiece or in double
// as in the tokenizers library; of equal sums the first found counts. Texts are not cut at spaces first, since which of
// two nearly equal sums is greater may depend on it.
class unigram {
public:
    struct options {
        token unknown       = -1;    // none: a text that needs it is an error
        bool  byte_fallback = false; // an unknown character becomes its bytes' <0xNN>
        bool  sentencepiece = false; // user-defined pieces count more than others; else all pieces are alike
        bool  fuse_unknown  = true;  // a run of unknown characters is one unknown token
    };

    unigram() = default;
    unigram(vocabulary const& words, std::vector<double> scores, options o) : scores_(std::move(scores)), options_(o) {
        std::vector<byte_trie::entry> entries;
        lowest_           = std::numeric_limits<double>::infinity();
        std::size_t bytes = 0;
        bytes_.fill(-1);
        for (std::size_t i = 0; i < words.size(); ++i) {
            auto const  id    = static_cast<token>(i);
            auto const  kind  = words.kind(id);
            auto const& piece = words.piece(id);
            if (i >= scores_.size()) break; // added tokens have none
            if (!std::isfinite(scores_[i]))
                words.fail("TK09", words.place_of(piece), "a score that is not finite", "a number");
            if (auto const byte = byte_of_piece(piece); byte && (kind == piece_kind::byte || !options_.sentencepiece)) {
                bytes += bytes_[*byte] < 0;
                bytes_[*byte] = id;
            }
            if (!options_.sentencepiece || kind == piece_kind::normal) lowest_ = std::min(lowest_, scores_[i]);
            bool const in_text = options_.sentencepiece ? kind == piece_kind::normal || kind == piece_kind::user_defined
                                                        : kind != piece_kind::none;
            if (in_text && !piece.empty()) entries.emplace_back(piece, id);
            if (options_.sentencepiece) {
                bool const free = kind == piece_kind::user_defined && !piece.empty();
                rounded_.push_back(static_cast<float>(free ? 0.1 * double(piece.size() - 1) : scores_[i]));
            }
        }
        if (options_.sentencepiece) options_.byte_fallback = bytes > 0;
        if (options_.byte_fallback && bytes != 256) {
            if (options_.sentencepiece || bytes > 0)
                words.fail("TK08", words.file(), std::to_string(bytes) + " byte pieces", "none or all 256");
            options_.byte_fallback = false;
        }
        if (options_.unknown < 0 && !options_.byte_fallback)
            words.fail("TK08", words.file(), "neither byte pieces nor an unknown piece",
                       "a spelling for characters outside the vocabulary");
        pieces_ = byte_trie(std::move(entries));
    }

    void encode(std::string_view text, std::vector<token>& out, bpe_scratch& scratch) const {
        if (options_.sentencepiece)
            best_path<float>(text, rounded_, out, scratch.escaped);
        else
            best_path<double>(text, scores_, out, scratch.escaped);
    }

    [[nodiscard]] word_cutter const&         cutter() const { return cutter_; }
    [[nodiscard]] std::vector<double> const& scores() const { return scores_; }
    [[nodiscard]] options const&             settings() const { return options_; }

private:
    static constexpr double unknown_penalty = 10;
    static constexpr float  far             = 100'000; // a sum at which SentencePiece counts from zero again

    template <class Sum>
    void best_path(std::string_view text, std::vector<Sum> const& scores, std::vector<token>& out, bool escaped) const {
        struct node { // the best path to a place
            Sum          sum   = 0;
            token        id    = -1;
            std::int64_t begin = -1; // of its last piece
        };
        auto const        unknown_score = static_cast<Sum>(lowest_ - unknown_penalty);
        std::vector<node> best(text.size() + 1);
        std::size_t       last = 0; // place that a path has reached
        for (std::size_t at = 0; at < text.size();) {
            if (std::is_same_v<Sum, float> && std::abs(best[at].sum) > far) {
                Sum const offset = best[at].sum;
                for (std::size_t i = at; i <= last; ++i)
                    if (i == at || best[i].begin >= 0) best[i].sum -= offset;
            }
            std::size_t const length = decode_utf8(text, at).length;
            Sum const         sum    = best[at].sum;
            bool              whole  = false; // there is a piece of just this character
            auto const        offer  = [&](std::size_t n, token id, Sum candidate) {
                auto& target = best[at + n];
                last         = std::max(last, at + n);
                if (target.begin >= 0 && !(candidate > target.sum)) return;
                target = {candidate, id, static_cast<std::int64_t>(at)};
            };
            pieces_.prefixes(text.substr(at), [&](std::size_t n, token id) {
                offer(n, id, scores[static_cast<std::size_t>(id)] + sum);
                whole = whole || n == length;
            });
            if (!whole) offer(length, token{-1}, unknown_score + sum);
            at += length;
        }
        std::size_t const first = out.size();
        for (std::size_t end = text.size(); end > 0;) {
            auto const& n     = best[end];
            auto const  begin = static_cast<std::size_t>(n.begin);
            if (n.id >= 0)
                out.push_back(n.id);
            else if (options_.byte_fallback)
                for (auto const bytes = bytes_at(text, begin, decode_utf8(text, begin), escaped);
                     char const b : std::string(bytes.rbegin(), bytes.rend()))
                    out.push_back(bytes_[static_cast<unsigned char>(b)]);
            else if (!options_.fuse_unknown || out.size() == first || out.back() != options_.unknown)
                out.push_back(options_.unknown);
            end = begin;
        }
        std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
    }

    std::vector<double>    scores_;
    options                options_;
    byte_trie              pieces_;
    std::vector<float>     rounded_; // as SentencePiece 0.2.3 counts: 0.1 for each byte of a user-defined piece but one
    double                 lowest_ = 0;
    std::array<token, 256> bytes_{};
    word_cutter            cutter_; // learns nothing: it never cuts
};

} // namespace qeval
