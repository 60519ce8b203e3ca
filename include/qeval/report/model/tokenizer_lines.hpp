// What a model's tokenizer does, and which tokens end a text: lines for people, members for programs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/counted.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/checkpoint/config_facts.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>
#include <qeval/io/tokenizer/tokenizer_facts.hpp>
#include <qeval/report/model/model_lines.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval {

// A token that ends a generated text, and all places that say so.
struct stop_token {
    index                    id = 0;
    std::string              piece; // empty: not in the tokenizer, or there is none
    std::vector<std::string> places;
};

// In ascending order. `words` may be nullptr; where there is one, its token for the end of a text is one of them.
[[nodiscard]] inline std::vector<stop_token> stop_tokens(std::vector<text_end> ends, tokenizer const* words) {
    if (words != nullptr && words->eos() >= 0) ends.push_back({words->eos(), "the tokenizer's eos"});
    std::ranges::stable_sort(ends, {}, &text_end::id);
    std::vector<stop_token> all;
    for (auto const& end : ends) {
        if (all.empty() || all.back().id != end.id) all.push_back({end.id, {}, {}});
        all.back().places.push_back(end.place);
        if (words != nullptr && end.id < index(words->vocab_size()))
            all.back().piece = words->piece(static_cast<token>(end.id));
    }
    return all;
}

namespace detail {

// "the first; the second", or that.
[[nodiscard]] inline std::string joined(std::vector<std::string> const& all, std::string const& otherwise,
                                        std::string const& between = "; ") {
    std::string out;
    for (auto const& one : all) out += (out.empty() ? "" : between) + one;
    return out.empty() ? otherwise : out;
}
[[nodiscard]] inline std::vector<std::string> pieces_of(std::span<token const> ids, tokenizer const& words) {
    std::vector<std::string> all;
    for (token const id : ids) all.push_back(text("{} {}", id, words.piece(id)));
    return all;
}

} // namespace detail

[[nodiscard]] inline std::vector<fact_line> tokenizer_lines(tokenizer const& words) {
    auto const facts = tokenizer_facts_of(words);
    auto const ends  = [&](std::span<token const> ids) {
        return detail::joined(detail::pieces_of(ids, words), "nothing");
    };
    return {{"tokenizer",
             text("{}; {}, {}", facts.kind, counted(facts.pieces, "pieces"), counted(facts.added, "added tokens"))},
            {"normalizer", detail::joined(facts.normalizer, "none")},
            {"pieces", detail::joined(facts.pretokenizer, "not split before they are encoded")},
            {"texts", text("begin with {}, end with {}", ends(words.before()), ends(words.after()))}};
}
[[nodiscard]] inline std::string stop_tokens_text(std::vector<stop_token> const& all) {
    std::vector<std::string> out;
    for (auto const& one : all)
        out.push_back(
            text("{}{}{} ({})", one.id, one.piece.empty() ? "" : " ", one.piece, detail::joined(one.places, "", ", ")));
    return detail::joined(out, "none is known");
}

[[nodiscard]] inline json to_json(tokenizer const& words) {
    auto const facts = tokenizer_facts_of(words, std::size_t{1} << 20);
    auto const ids   = [](std::span<token const> all) { return std::vector<token>(all.begin(), all.end()); };
    return {{"kind", facts.kind},
            {"pieces", facts.pieces},
            {"added_tokens", facts.added},
            {"normalizer", facts.normalizer},
            {"pre_tokenizer", facts.pretokenizer},
            {"bos", words.bos()},
            {"eos", words.eos()},
            {"unknown", words.unk()},
            {"before", ids(words.before())},
            {"after", ids(words.after())},
            {"sha256", words.hash()}};
}
[[nodiscard]] inline json to_json(stop_token const& one) {
    return {{"id", one.id}, {"piece", one.piece}, {"places", one.places}};
}

} // namespace qeval
