// Text to tokens, special tokens among them where places of the text are marked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/io/text/escape_marked.hpp>
#include <qeval/io/text/text_range.hpp>
#include <qeval/io/text/utf8.hpp>
#include <qeval/io/tokenizer/tokenizer_parts.hpp>

namespace qeval {

// Cuts a text at added tokens, normalizes what is between them, cuts that into words, and encodes each.
class marked_encoder {
public:
    struct encoded {
        std::vector<token> tokens;
        std::uint64_t      dropped = 0; // bytes of the text that have no piece
    };

    // The parts must outlive the encoder, and stay where they are.
    explicit marked_encoder(tokenizer_parts const& parts) : parts_(parts) {
        std::vector<added_token> raw;
        std::vector<added_token> normalized;
        for (auto const& t : parts.added) {
            if (t.content.empty()) {
                parts.words.fail("TK05", parts.words.file() + ", added token " + std::to_string(t.id), "an empty text",
                                 "at least one character");
            }
            if (t.content.size() > added_token_set::max_content_bytes) {
                parts.words.fail("TK05", parts.words.place_of(t.content), std::to_string(t.content.size()) + " bytes",
                                 "an added token of at most " + std::to_string(added_token_set::max_content_bytes) +
                                     " bytes");
            }
            (t.normalized ? normalized : raw).push_back(t);
        }
        raw_        = added_token_set(std::move(raw));
        normalized_ = added_token_set(std::move(normalized));
    }

    // A special token is one where it stands within one of the `marked` parts, which are in order and apart; elsewhere
    // it is text. Bytes that are no UTF-8 are encoded one by one.
    [[nodiscard]] encoded operator()(std::string_view text, std::span<text_range const> marked) const {
        if (text.size() > max_text_bytes) {
            throw usage_error{{"TK13", "text to encode", std::to_string(text.size()) + " bytes",
                               "at most " + std::to_string(max_text_bytes) + " bytes",
                               "documents that should be encoded one by one"}};
        }
        std::string             escaped;
        std::vector<text_range> moved;
        progress                out;
        if (first_bad_utf8(text)) {
            moved = escape_marked(text, marked, escaped);
            text = escaped, marked = moved;
            out.scratch.escaped = true;
        }
        auto const within = [&](std::size_t begin, std::size_t end) {
            return std::ranges::any_of(marked, [&](auto const& r) { return r.begin <= begin && end <= r.end; });
        };
        raw_.split(text, within, [&](std::size_t begin, std::size_t end, token id) {
            if (id >= 0) {
                out.tokens.push_back(id);
                return;
            }
            std::string            buffer;
            std::string_view const clean  = parts_.normalize(text.substr(begin, end - begin), buffer);
            bool const             all    = within(begin, end); // where it was normalized, places within are not known
            bool const             same   = clean.size() == end - begin;
            auto const             inside = [&](std::size_t b, std::size_t e) {
                return all || (same && within(begin + b, begin + e));
            };
            normalized_.split(clean, inside, [&](std::size_t b, std::size_t e, token inner) {
                if (inner >= 0)
                    out.tokens.push_back(inner);
                else
                    encode_plain(clean.substr(b, e - b), begin + b == 0, out);
            });
        });
        return {std::move(out.tokens), out.scratch.dropped};
    }

private:
    static constexpr std::size_t max_text_bytes = std::size_t{1} << 28;
    static constexpr std::size_t max_memo_parts = 65536;
    static constexpr std::size_t max_memo_bytes = 48; // longer parts hardly repeat

    // The result so far, and where in it each short part stands for the first time.
    struct progress {
        struct run {
            std::size_t begin = 0;
            std::size_t count = 0;
        };
        std::vector<token> tokens;
        text_map<run>      memo;
        bpe_scratch        scratch;
    };

    void encode_plain(std::string_view text, bool at_start, progress& out) const {
        if (parts_.pretokenize.steps.empty()) return encode_piece(text, out);
        cut_text const cut = parts_.pretokenize(text, at_start);
        for (std::size_t i = 0; i < cut.ranges.size(); ++i) encode_piece(cut[i], out);
    }
    void encode_piece(std::string_view piece, progress& out) const {
        std::visit(
            [&](auto const& model) {
                model.cutter()(piece, [&](std::string_view part) { encode_part(model, part, out); });
            },
            parts_.model);
    }
    template <class Model>
    void encode_part(Model const& model, std::string_view part, progress& out) const {
        if (part.empty()) return;
        if constexpr (requires { model.whole(part); }) {
            if (auto const id = model.whole(part); id >= 0) return out.tokens.push_back(id);
        }
        if (part.size() > max_memo_bytes) return model.encode(part, out.tokens, out.scratch);
        if (auto const it = out.memo.find(part); it != out.memo.end()) {
            for (std::size_t k = 0; k < it->second.count; ++k) { // not insert(): its source may move
                out.tokens.push_back(out.tokens[it->second.begin + k]);
            }
            return;
        }
        std::size_t const begin          = out.tokens.size();
        std::size_t const dropped_before = out.scratch.dropped;
        model.encode(part, out.tokens, out.scratch);
        if (out.memo.size() < max_memo_parts && out.scratch.dropped == dropped_before) {
            out.memo.emplace(std::string(part), typename progress::run{begin, out.tokens.size() - begin});
        }
    }

    tokenizer_parts const& parts_;
    added_token_set        raw_;        // looked for in the text as it is
    added_token_set        normalized_; // looked for in the normalized text
};

} // namespace qeval
