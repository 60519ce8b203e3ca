// Text to tokens and back, whatever family of tokenizer a model comes with. load_tokenizer.hpp makes one from files.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/text/text_range.hpp>
#include <qeval/io/tokenizer/line_ends.hpp>
#include <qeval/io/tokenizer/marked_encoder.hpp>
#include <qeval/io/tokenizer/tokenizer_parts.hpp>

namespace qeval {

// A value: copies share one immutable implementation, and any number of threads may use it.
//
// Bytes that are no UTF-8 are encoded one by one, so that byte-level vocabularies give every input back unchanged.
class tokenizer {
public:
    explicit tokenizer(tokenizer_parts parts) : shared_(std::make_shared<state const>(std::move(parts))) {}

    // Text as text: what looks like a special token ("</s>") is spelled out, so a prompt cannot forge one. Neither
    // function adds the tokens of before() and after(); the caller does, once per sequence.
    [[nodiscard]] std::vector<token> encode(std::string_view text) const { return shared_->encode(text, {}); }
    // Special tokens in the text become their ids.
    [[nodiscard]] std::vector<token> encode_with_specials(std::string_view text) const {
        text_range const all{0, text.size()};
        return shared_->encode(text, {&all, 1});
    }
    // Special tokens become their ids where they stand within one of the parts, which are in order and apart.
    [[nodiscard]] std::vector<token> encode_marked(std::string_view text, std::span<text_range const> parts) const {
        return shared_->encode(text, parts);
    }

    // The text of a whole sequence; special tokens have none. A sequence's first piece may lose the space that
    // encoding had put before it, so a continuation is decoded together with what precedes it.
    [[nodiscard]] std::string decode(std::span<token const> tokens) const { return shared_->decode(tokens, false); }
    [[nodiscard]] std::string decode_with_specials(std::span<token const> tokens) const {
        return shared_->decode(tokens, true);
    }

    // The spelling in the vocabulary: "\u0120the", "\u2581the", "<0x0A>".
    [[nodiscard]] std::string_view piece(token id) const { return words().piece(shared_->checked(id)); }
    [[nodiscard]] piece_kind       kind(token id) const { return words().kind(shared_->checked(id)); }
    [[nodiscard]] std::size_t      vocab_size() const { return words().size(); }

    [[nodiscard]] middle_tokens const& middle() const { return parts().middle; } // of fill-in-the-middle
    [[nodiscard]] token                bos() const { return parts().bos; }       // -1: none
    [[nodiscard]] token                eos() const { return parts().eos; }
    [[nodiscard]] token                unk() const { return parts().unknown; }
    [[nodiscard]] bool adds_bos() const { return bos() >= 0 && !before().empty() && before().front() == bos(); }
    [[nodiscard]] std::span<token const> before() const { return parts().before; }
    [[nodiscard]] std::span<token const> after() const { return parts().after; }
    // A text that goes on after a line break is encoded like any other that does (line_ends.hpp), and so is one with
    // special tokens; false: not known to be.
    [[nodiscard]] bool ends_words_with_lines() const { return shared_->ends_words_with_lines; }
    [[nodiscard]] bool ends_marked_words_with_lines() const { return shared_->ends_marked_words_with_lines; }

    // What was found in the files and is not as usual, a line each; and bytes of texts that had no spelling so far.
    [[nodiscard]] std::vector<std::string> notes() const {
        auto all = parts().notes;
        if (auto const dropped = dropped_bytes(); dropped > 0)
            all.push_back(std::to_string(dropped) + " bytes of the encoded texts have no piece and were left out");
        return all;
    }
    [[nodiscard]] std::uint64_t dropped_bytes() const { return shared_->dropped.load(std::memory_order_relaxed); }

    // All that decides the result.
    [[nodiscard]] tokenizer_parts const& parts() const { return shared_->parts; }
    // SHA-256 of it, 64 hexadecimal digits; the same for one tokenizer in two file formats
    // only where both state the same algorithm.
    [[nodiscard]] std::string const& hash() const { return shared_->hash; }

private:
    class state {
    public:
        explicit state(tokenizer_parts p) : parts(std::move(p)), encoder_(parts) {
            for (token const id : {parts.bos, parts.eos, parts.unknown}) {
                if (id != -1) static_cast<void>(checked(id));
            }
            if (auto const* const model = std::get_if<bpe>(&parts.model);
                model != nullptr && model->missing_bytes() > 0)
                parts.notes.push_back("the vocabulary has no piece for " + std::to_string(model->missing_bytes()) +
                                      " of 243 bytes of text; a text that has them is encoded without them");
            for (token const id : parts.before) static_cast<void>(checked(id));
            for (token const id : parts.after) static_cast<void>(checked(id));
            if (!parts.middle.complete()) parts.middle = find_middle_tokens(parts.words);
            hash                         = hash_of(parts);
            ends_words_with_lines        = line_ends::end_words(parts);
            ends_marked_words_with_lines = line_ends::end_marked_words(parts);
        }

        std::vector<token> encode(std::string_view text, std::span<text_range const> marked) const {
            auto out = encoder_(text, marked);
            if (out.dropped > 0) dropped.fetch_add(out.dropped, std::memory_order_relaxed);
            return std::move(out.tokens);
        }

        std::string decode(std::span<token const> tokens, bool specials) const {
            decoded_pieces pieces;
            pieces.reserve(tokens.size());
            for (token const id : tokens) {
                auto const kind = parts.words.kind(checked(id));
                if (kind == piece_kind::none || (kind == piece_kind::control && !specials)) continue;
                bool const literal = kind == piece_kind::control || kind == piece_kind::user_defined;
                pieces.push_back({parts.words.piece(id), literal});
            }
            return parts.decoder(std::move(pieces));
        }

        token checked(token id) const {
            if (parts.words.contains(id)) return id;
            throw usage_error{{"TK14", parts.words.file(), "token " + std::to_string(id),
                               "a token from 0 to " + std::to_string(parts.words.size()) + " (exclusive)",
                               "ids of another model's tokenizer"}};
        }

        tokenizer_parts parts;
        std::string     hash;
        bool            ends_words_with_lines = false, ends_marked_words_with_lines = false;

        mutable std::atomic<std::uint64_t> dropped{0}; // bytes, of all texts

    private:
        static std::string hash_of(tokenizer_parts const& p) {
            sha256     sum;
            auto const number = [&](std::uint64_t n) { sum.update(std::as_bytes(std::span(&n, 1))); };
            auto const text   = [&](std::string_view s) {
                number(s.size());
                sum.update(s);
            };
            text("qeval tokenizer 1");
            number(p.words.size());
            for (std::size_t i = 0; i < p.words.size(); ++i) {
                text(p.words.piece(static_cast<token>(i)));
                number(static_cast<std::uint64_t>(p.words.kind(static_cast<token>(i))));
            }
            if (auto const* ranked = std::get_if<bpe>(&p.model)) {
                auto const& o = ranked->settings();
                number(1U | o.byte_level * 2U | o.byte_fallback * 4U | o.fuse_unknown * 8U | o.ignore_merges * 16U |
                       o.line_breaks_whole * 32U);
                if (!o.continuing_prefix.empty() || !o.ending_suffix.empty()) {
                    text(o.continuing_prefix);
                    text(o.ending_suffix);
                }
                ranked->merges().for_each([&](token left, token right, bpe_join const& join) {
                    number(static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right));
                    number(std::uint64_t{join.priority} << 32 | static_cast<std::uint32_t>(join.id));
                });
            } else if (auto const* scored = std::get_if<sentencepiece_bpe>(&p.model)) {
                number(0);
                for (float const score : scored->scores()) number(std::bit_cast<std::uint32_t>(score));
            } else {
                auto const& model = std::get<unigram>(p.model);
                auto const& o     = model.settings();
                number(2U | o.byte_fallback * 4U | o.sentencepiece * 8U | o.fuse_unknown * 16U);
                for (double const score : model.scores()) number(std::bit_cast<std::uint64_t>(score));
            }
            number(p.added.size());
            for (auto const& t : p.added) {
                text(t.content);
                number(static_cast<std::uint64_t>(t.id) << 8 | t.special * 1U | t.normalized * 2U | t.single_word * 4U |
                       t.lstrip * 8U | t.rstrip * 16U);
            }
            auto const steps = [&](auto const& list) {
                number(list.size());
                for (auto const& step : list) text(std::visit([](auto const& one) { return one.text(); }, step));
            };
            steps(p.normalize.steps);
            steps(p.pretokenize.steps);
            steps(p.decoder.steps);
            text(p.decoder.separator);
            for (token const id : {p.bos, p.eos, p.unknown}) number(static_cast<std::uint32_t>(id));
            for (auto const* list : {&p.before, &p.after}) {
                number(list->size());
                for (token const id : *list) number(static_cast<std::uint32_t>(id));
            }
            return sum.hex();
        }

        marked_encoder encoder_;
    };

    [[nodiscard]] vocabulary const& words() const { return parts().words; }

    std::shared_ptr<state const> shared_;
};

} // namespace qeval
