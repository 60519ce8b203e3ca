// Everything that decides what a tokenizer does. A loader fills it in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/core/taken_default.hpp>
#include <qeval/core/token.hpp>
#include <qeval/io/tokenizer/algorithm/bpe.hpp>
#include <qeval/io/tokenizer/algorithm/sentencepiece_bpe.hpp>
#include <qeval/io/tokenizer/algorithm/unigram.hpp>
#include <qeval/io/tokenizer/rule/normalizer.hpp>
#include <qeval/io/tokenizer/rule/pretokenizer.hpp>
#include <qeval/io/tokenizer/rule/token_decoder.hpp>
#include <qeval/io/tokenizer/vocabulary/added_tokens.hpp>
#include <qeval/io/tokenizer/vocabulary/middle_tokens.hpp>
#include <qeval/io/tokenizer/vocabulary/vocabulary.hpp>

namespace qeval {

struct tokenizer_parts {
    vocabulary                                    words; // added tokens included
    std::variant<bpe, sentencepiece_bpe, unigram> model;
    std::vector<added_token>                      added;
    std::size_t                                   model_pieces = 0; // without those that were added behind them
    normalizer                                    normalize;
    pretokenizer                                  pretokenize;
    token_decoder                                 decoder;
    token                                         bos     = -1;
    token                                         eos     = -1;
    token                                         unknown = -1;
    std::vector<token>                            before; // what a prompt begins with, usually bos or nothing
    std::vector<token>                            after;  // and what a complete text ends with
    middle_tokens              middle;   // of fill-in-the-middle; those that are not set are found by their texts
    std::vector<std::string>   notes;    // what was found and is not as files usually are; one line each
    std::vector<taken_default> defaults; // what the files do not say, and their kind or class does
};

// The id of the next added token that is no piece: after the model's pieces and all added so far.
[[nodiscard]] inline std::int64_t next_added_id(tokenizer_parts const& parts) {
    auto next = static_cast<std::int64_t>(parts.model_pieces);
    for (auto const& a : parts.added) next = std::max(next, std::int64_t{a.id} + 1);
    return next;
}

// An added token as the tokenizers library resolves it: the id of the piece that it is, else the next one after the
// model's and all added so far; of two with one text the later one counts. `wanted`: the id that a file says, which
// then differs or not; where it belongs to another piece, the file contradicts itself. A normalized one is looked for
// in normalized text, so it is spelled like that. `keep_id`: the id is taken as it is.
inline void list_added(tokenizer_parts& parts, added_token t, std::int64_t wanted, bool keep_id = false) {
    auto& words = parts.words;
    auto  id    = words.find(t.content);
    if (!id) {
        auto next  = next_added_id(parts);
        bool taken = wanted >= 0 && wanted < static_cast<std::int64_t>(words.size()) &&
                     words.kind(static_cast<token>(wanted)) != piece_kind::none;
        auto const listed = std::ranges::find(parts.added, wanted, &added_token::listed_id);
        if (listed != parts.added.end()) // another one was listed with this id
            taken = true;
        else if (std::ranges::find(parts.added, wanted, &added_token::id) != parts.added.end())
            taken = false; // another one was moved here
        if (wanted < 0 || taken) {
            auto const other = listed != parts.added.end() ? listed->id : static_cast<token>(wanted);
            words.fail("TK04", words.place_of(t.content),
                       "id " + std::to_string(wanted) +
                           (taken ? ", which is also the id of " + qeval::quoted(words.piece(other)) : std::string()),
                       "an id of its own");
        }
        if (wanted > 2 * next + 65536)
            words.fail("TK04", words.place_of(t.content), "id " + std::to_string(wanted), "an id close to the others");
        if (keep_id) next = wanted;
        words.add(next, t.content, piece_kind::normal);
        id = static_cast<token>(next);
    }
    if (*id != wanted) {
        parts.notes.push_back(words.place_of(t.content) + ": listed with the id " + std::to_string(wanted) +
                              ", and is " + std::to_string(*id) + ", as the tokenizers library resolves it");
    }
    t.id        = *id;
    t.listed_id = wanted;
    t.special   = t.special || words.kind(t.id) == piece_kind::control; // once special, always
    words.set_kind(t.id, t.special ? piece_kind::control : piece_kind::user_defined);
    if (t.normalized) {
        std::string buffer;
        t.content = std::string(parts.normalize(t.content, buffer));
        if (t.content.empty()) {
            words.fail("TK05", words.place_of(words.piece(t.id)), "nothing after normalization",
                       "a text of which the normalizer leaves something");
        }
    }
    std::erase_if(parts.added, [&](added_token const& a) { return a.id == t.id; });
    parts.added.push_back(std::move(t));
}

} // namespace qeval
