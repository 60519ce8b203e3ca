// The model that tiktoken makes of ranked byte strings, in whatever file they come: neighbours join where their bytes
// together have a rank, the lowest first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

class ranked_bytes {
public:
    // Ranks are ids; `first_id` is added to each.
    explicit ranked_bytes(token first_id = 0) : first_id_(first_id) {}

    // Refuses a second rank of the same bytes, and bytes of the same rank (TK04).
    void add(vocabulary& words, std::string bytes, std::int64_t rank) {
        words.add(rank < 0 ? rank : first_id_ + rank, byte_letters(bytes), piece_kind::normal);
        ranks_.emplace(std::move(bytes), static_cast<token>(rank));
    }
    [[nodiscard]] std::size_t size() const { return ranks_.size(); }

    // Every byte must have a rank (TK08), since every text must have tokens.
    void learn(tokenizer_parts& parts) const {
        for (int b = 0; b < 256; ++b) {
            if (!ranks_.contains(std::string(1, static_cast<char>(b)))) {
                parts.words.fail("TK08", parts.words.file(),
                                 "no rank for the byte " + byte_piece(static_cast<unsigned char>(b)), "all 256 bytes",
                                 "no rank file, or a damaged one");
            }
        }
        parts.words.check_density();
        bpe::options options;
        options.byte_level    = true;
        options.ignore_merges = true; // bytes that have a rank are that token, however they could be joined
        parts.model           = bpe(parts.words, joins(), options);
        parts.model_pieces    = parts.words.count();
        parts.decoder.steps.emplace_back(byte_letters_decoder{});
    }

private:
    // Each way to cut a token in two that have ranks is a rule.
    [[nodiscard]] std::vector<merge_table::rule> joins() const {
        std::vector<merge_table::rule> rules;
        for (auto const& [bytes, rank] : ranks_) {
            for (std::size_t n = 1; n < bytes.size(); ++n) {
                auto const left = ranks_.find(std::string_view(bytes).substr(0, n));
                if (left == ranks_.end()) continue;
                auto const right = ranks_.find(std::string_view(bytes).substr(n));
                if (right == ranks_.end()) continue;
                rules.push_back({left->second + first_id_, right->second + first_id_, rank + first_id_,
                                 static_cast<std::uint32_t>(rank)});
            }
        }
        return rules;
    }

    token           first_id_;
    text_map<token> ranks_;
};

// A special token beside the ranks, which have no piece of its text or id (TK04).
inline void add_special(tokenizer_parts& parts, std::string content, std::int64_t id) {
    parts.words.add(id, content, piece_kind::control);
    added_token t;
    t.content   = std::move(content);
    t.id        = static_cast<token>(id);
    t.listed_id = id;
    t.special   = true;
    parts.added.push_back(std::move(t));
}

// Those of a list with spaces between, from an id on; the id behind them.
inline std::int64_t add_specials(tokenizer_parts& parts, std::string_view names, std::int64_t id) {
    for (; !names.empty(); ++id) {
        auto const space = names.find(' ');
        add_special(parts, std::string(names.substr(0, space)), id);
        names = space == names.npos ? std::string_view() : names.substr(space + 1);
    }
    return id;
}

} // namespace qeval
