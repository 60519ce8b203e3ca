// Whether a tokenizer's words end where a line does: then a text that begins like another one need not be encoded
// whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <qeval/core/token.hpp>
#include <qeval/io/text/line_end.hpp>
#include <qeval/io/tokenizer/algorithm/bpe.hpp>
#include <qeval/io/tokenizer/algorithm/sentencepiece_bpe.hpp>
#include <qeval/io/tokenizer/algorithm/unigram.hpp>
#include <qeval/io/tokenizer/rule/bpe_patterns.hpp>
#include <qeval/io/tokenizer/rule/normalizer.hpp>
#include <qeval/io/tokenizer/rule/pretokenizer.hpp>
#include <qeval/io/tokenizer/tokenizer_parts.hpp>
#include <qeval/io/tokenizer/vocabulary/added_tokens.hpp>
#include <qeval/io/tokenizer/vocabulary/vocabulary.hpp>

namespace qeval {

// True where this is certain, for all texts u and a that end with a letter or digit of ASCII and all v that begin with
// a line break, all UTF-8:
//   encode(u + v) = encode(u) + r and encode(a + v) = encode(a) + r, with the same tokens r.
//
// It holds if each stage either treats u and v as two texts, or leaves one piece around the place between them that
// later stages can only cut there; what a stage does to v then depends on u no more than on any a:
//   added tokens   none has a line end within, none that is found ends with a letter or digit;
//   normalizer     Unicode forms never join a line break to what precedes it; spaces, prefixes and cases are elsewhere;
//   splits         patterns of which no match reaches over a line end, and which look at white space only, known ones;
//   merges         a pattern has cut at the line end, or no piece that merging can make reaches over it.
class line_ends {
public:
    [[nodiscard]] static bool end_words(tokenizer_parts const& p) {
        for (auto const& t : p.added)
            if (next_line_end(t.content, 0) < t.content.size() ||
                (!t.special && is_line_end(t.content + '\n', t.content.size())))
                return false;
        for (auto const& step : p.normalize.steps)
            if (!std::visit([](auto const& s) { return respects(s); }, step)) return false;
        for (std::size_t i = 0; i < p.pretokenize.steps.size(); ++i) {
            auto const* const split = std::get_if<split_step>(&p.pretokenize.steps[i]);
            if (split == nullptr && i > 0) return false; // would treat a v that is a piece of its own in another way
            if (split == nullptr) continue;
            if (split->fate != match_fate::isolated) return false;
            auto const what = at_line_end(split->pattern->pattern());
            if (what == line_end_rule::cuts) return true;
            if (what == line_end_rule::unknown) return false;
        }
        return std::visit([&](auto const& model) { return keeps_apart(model, p.words); }, p.model);
    }
    // The same of texts of which places are marked (marked_encoder.hpp), those of v alike behind u and behind a; a
    // place that reaches over the line end counts as two. Special tokens are found then, too, and must keep what all
    // others do; and none may be looked for in normalized text, where it depends on the text around it whether it is
    // found.
    [[nodiscard]] static bool end_marked_words(tokenizer_parts const& p) {
        auto const keeps = [](added_token const& t) {
            return !t.special || (!t.normalized && !is_line_end(t.content + '\n', t.content.size()));
        };
        return std::ranges::all_of(p.added, keeps) && end_words(p);
    }

private:
    static bool respects(unicode_step const&) { return true; }
    static bool respects(lowercase_step const&) { return true; }
    static bool respects(prepend_step const&) { return true; }
    static bool respects(strip_step const&) { return true; }
    static bool respects(squeeze_step const&) { return true; }
    static bool respects(sentencepiece_step const&) { return false; } // its table may change line breaks
    static bool respects(precompiled_step const&) { return false; }
    static bool respects(replace_step const& s) { return s.pattern->pattern() == " "; }

    // A line break must have a spelling: a run of unknown characters may be one token.
    static bool has(vocabulary const& words, std::string_view piece, piece_kind kind) {
        auto const id = words.find(piece);
        return id && words.kind(*id) == kind;
    }
    static bool keeps_apart(bpe const& model, vocabulary const& words) {
        auto const& how = model.settings();
        if (how.byte_level || how.ignore_merges) return false; // no vocabulary was met that needs more
        return (how.byte_fallback || has(words, "\n", piece_kind::normal)) && none_reaches_over(words);
    }
    static bool keeps_apart(sentencepiece_bpe const&, vocabulary const& words) {
        if (!has(words, "\n", piece_kind::normal) && !has(words, byte_piece('\n'), piece_kind::byte)) return false;
        for (std::size_t i = 0; i < words.size(); ++i) // how an unused one is split may depend on another word
            if (words.kind(static_cast<token>(i)) == piece_kind::unused) return false;
        return none_reaches_over(words);
    }
    static bool keeps_apart(unigram const&, vocabulary const&) { return false; } // sums run through a text
    static bool none_reaches_over(vocabulary const& words) {
        std::string const line_break = byte_piece('\n');
        for (std::size_t i = 0; i < words.size(); ++i) {
            auto const& piece = words.piece(static_cast<token>(i));
            if (next_line_end(piece, 0) < piece.size()) return false;
            if (piece.size() > line_break.size() && piece.find(line_break) != piece.npos) return false;
        }
        return true;
    }
};

} // namespace qeval
