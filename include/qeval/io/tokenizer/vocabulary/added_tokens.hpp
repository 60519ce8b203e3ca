// Texts that are one token wherever they stand, found before the model sees the rest.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/io/text/code_point.hpp>
#include <qeval/io/text/unicode.hpp>

namespace qeval {

// The fields of tokenizer.json.
struct added_token {
    std::string content;
    token       id          = -1;
    bool        special     = false; // a control token: literal text unless the caller asks for specials
    bool        normalized  = false; // looked for in the normalized text instead of the raw one
    bool        single_word = false; // only between non-word characters
    bool        lstrip      = false; // swallows the white space before it
    bool        rstrip      = false; // and after it

    std::int64_t listed_id = -1; // what a file says, which its reader may resolve otherwise
};

// A set of added tokens; at each position the longest one counts.
class added_token_set {
public:
    static constexpr std::size_t max_content_bytes = 1024; // bounds the work at one position

    added_token_set() = default;
    explicit added_token_set(std::vector<added_token> tokens) : tokens_(std::move(tokens)) {
        std::sort(tokens_.begin(), tokens_.end(), [](auto const& a, auto const& b) { return a.content < b.content; });
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            auto& [first, last, lengths] = starts_[static_cast<unsigned char>(tokens_[i].content.front())];
            if (first == last) first = i;
            last = i + 1;
            lengths.push_back(tokens_[i].content.size());
        }
        for (auto& start : starts_) {
            std::sort(start.lengths.rbegin(), start.lengths.rend());
            start.lengths.erase(std::unique(start.lengths.begin(), start.lengths.end()), start.lengths.end());
        }
    }

    [[nodiscard]] bool empty() const { return tokens_.empty(); }

    // f(begin, end, id) for the parts of a text in order; id is -1 for text between added tokens. specials(begin, end):
    // whether a special token that stands there is one, or text.
    template <class Specials, class F>
    void split(std::string_view text, Specials const& specials, F&& f) const {
        std::size_t done = 0;
        for (std::size_t at = 0; at < text.size() && !tokens_.empty();) {
            added_token const* const match = longest_at(text, at);
            if (match == nullptr) {
                ++at;
                continue;
            }
            std::size_t begin = at;
            std::size_t end   = at + match->content.size();
            at                = end; // a match that is not wanted still hides the ones inside it
            if (match->special && !specials(begin, end)) continue;
            if (match->single_word && (word_before(text, begin) || word_after(text, end))) continue;
            if (match->lstrip) begin = std::max(done, without_space_before(text, begin));
            if (match->rstrip) end = without_space_after(text, end);
            if (begin < done) continue; // inside the white space that the one before has swallowed
            if (done < begin) f(done, begin, token{-1});
            f(begin, end, match->id);
            done = end;
        }
        if (done < text.size()) f(done, text.size(), token{-1});
    }

private:
    struct start_byte {
        std::size_t              first = 0, last = 0; // tokens that begin with this byte
        std::vector<std::size_t> lengths{};           // of them, longest first
    };

    added_token const* longest_at(std::string_view text, std::size_t at) const {
        auto const& [first, last, lengths] = starts_[static_cast<unsigned char>(text[at])];
        for (std::size_t const length : lengths) {
            if (length > text.size() - at) continue;
            auto const wanted = text.substr(at, length);
            auto const begin  = tokens_.begin() + static_cast<std::ptrdiff_t>(first);
            auto const end    = tokens_.begin() + static_cast<std::ptrdiff_t>(last);
            auto const it =
                std::lower_bound(begin, end, wanted, [](auto const& t, auto const& w) { return t.content < w; });
            if (it != end && it->content == wanted) return &*it;
        }
        return nullptr;
    }
    static bool word_before(std::string_view text, std::size_t at) {
        return at > 0 && is_word(decode_utf8(text, start_of_utf8(text, at - 1)).value);
    }
    static bool word_after(std::string_view text, std::size_t at) {
        return at < text.size() && is_word(decode_utf8(text, at).value);
    }
    static std::size_t without_space_before(std::string_view text, std::size_t at) {
        while (at > 0) {
            auto const before = start_of_utf8(text, at - 1);
            if (!is_space(decode_utf8(text, before).value)) break;
            at = before;
        }
        return at;
    }
    static std::size_t without_space_after(std::string_view text, std::size_t at) {
        while (at < text.size()) {
            auto const c = decode_utf8(text, at);
            if (!is_space(c.value)) break;
            at += c.length;
        }
        return at;
    }

    std::vector<added_token> tokens_;      // ordered by content
    start_byte               starts_[256]; // by first byte
};

} // namespace qeval
