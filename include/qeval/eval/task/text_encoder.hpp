// Makes tokens of text: all that a task needs of an engine in order to ask.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/task/prompt_text.hpp>
#include <qeval/io/text/line_end.hpp>
#include <qeval/io/text/text_range.hpp>
#include <qeval/io/text/utf8.hpp>

namespace qeval {

// What an engine says about prompts.
struct prompt_limits {
    token bos = -1, eos = -1; // -1 where the tokenizer adds none
    index max_tokens = 0;     // context length
};

// Encodes texts and remembers the last one. Where the next text begins alike, as the questions of a subject and the
// choices of a question do, only what follows the last common end of a line is encoded, provided that the tokenizer's
// words end there (any_engine::ends_words_with_lines, and ends_marked_words_with_lines for prompts that have special
// tokens). The tokens are those of encoding each text whole.
class text_encoder {
public:
    // The engine must outlive the encoder. `limits` may be those of another engine, the one that prompts are made for.
    explicit text_encoder(any_engine const& engine)
        : text_encoder(engine, {engine.bos(), engine.eos(), engine.max_tokens()}) {}
    text_encoder(any_engine const& engine, prompt_limits const& limits)
        : engine_(&engine),
          limits_(limits),
          by_lines_(engine.ends_words_with_lines()),
          by_marked_lines_(by_lines_ && engine.ends_marked_words_with_lines()) {
        if (by_lines_) anchor_tokens_ = engine.encode(anchor).size();
    }

    // The tokens of a text, without special tokens around it.
    [[nodiscard]] std::vector<token> encode(std::string_view text) { return encode(text, {}); }
    [[nodiscard]] std::vector<token> encode(prompt_text const& prompt) { return encode(prompt.text, prompt.markup); }
    // The token to put before a prompt; -1: none, or the prompt has it.
    [[nodiscard]] token bos_before(prompt_text const& prompt) const { return prompt.writes_bos ? -1 : bos(); }
    [[nodiscard]] token bos() const { return limits_.bos; }
    [[nodiscard]] token eos() const { return limits_.eos; }
    [[nodiscard]] index max_tokens() const { return limits_.max_tokens; }
    [[nodiscard]] prompt_limits const& limits() const { return limits_; }

private:
    using marks = std::span<text_range const>; // where special tokens are tokens

    struct line_mark {
        std::size_t end = 0, tokens = 0; // of the text up to there
    };
    static constexpr std::string_view anchor = "A"; // stands in for the line before: it ends with a letter

    [[nodiscard]] std::vector<token> encode(std::string_view text, marks markup) {
        if (!(markup.empty() ? by_lines_ : by_marked_lines_)) return whole(text, markup);
        forget_behind(text, markup);
        std::size_t done = text_.size();
        if (first_bad_utf8(text.substr(done))) return whole(text, markup); // a text that is no UTF-8 is encoded whole
        for (std::size_t end; (end = next_line_end(text, done)) < text.size(); done = end) {
            add_line(text.substr(done, end - done), part_of(markup, done, end), tokens_);
            lines_.push_back({end, tokens_.size()});
        }
        text_.append(text, text_.size(), done - text_.size());
        markup_     = part_of(markup, 0, done);
        auto tokens = tokens_;
        add_line(text.substr(done), part_of(markup, done, text.size()), tokens);
        return tokens;
    }
    [[nodiscard]] std::vector<token> whole(std::string_view text, marks markup) const {
        if (markup.empty()) return engine_->encode(text);
        if (auto ids = engine_->encode_marked(text, markup)) return *std::move(ids);
        throw usage_error{{"EV19", "a prompt with special tokens", "an engine that reads texts only",
                           "one that reads special tokens, too", ""}};
    }
    // What is marked of the bytes from `begin` to `end`, counted from `begin`.
    static std::vector<text_range> part_of(marks markup, std::size_t begin, std::size_t end) {
        std::vector<text_range> part;
        for (auto const& r : markup) {
            text_range const inside{std::max(r.begin, begin), std::min(r.end, end)};
            if (inside.begin < inside.end) part.push_back({inside.begin - begin, inside.end - begin});
        }
        return part;
    }
    // How far the marks of two texts are the same.
    static std::size_t common_part(marks a, marks b) {
        auto const [x, y]        = std::ranges::mismatch(a, b);
        std::size_t const far    = std::string_view::npos;
        std::size_t const from_x = x == a.end() ? far : x->begin, from_y = y == b.end() ? far : y->begin;
        return from_x == from_y && from_x != far ? std::min(x->end, y->end) : std::min(from_x, from_y);
    }
    // Forgets the remembered lines from the first one on that the text does not begin with, or that no line break
    // follows in it.
    void forget_behind(std::string_view text, marks markup) {
        auto const same   = std::ranges::mismatch(text_, text).in1 - text_.begin();
        auto const common = std::min(static_cast<std::size_t>(same), common_part(markup_, markup));
        while (!lines_.empty() && (lines_.back().end > common || !is_line_end(text, lines_.back().end)))
            lines_.pop_back();
        text_.resize(lines_.empty() ? 0 : lines_.back().end);
        tokens_.resize(lines_.empty() ? 0 : lines_.back().tokens);
        markup_ = part_of(markup_, 0, text_.size());
    }
    // Appends the tokens of a line. A line that follows others begins with its line break. It is encoded behind the
    // anchor, whose tokens are then left out: it has the tokens that it has behind the lines before it.
    void add_line(std::string_view line, std::vector<text_range> markup, std::vector<token>& tokens) const {
        bool const follows = !lines_.empty();
        for (auto& r : markup) r.begin += follows ? anchor.size() : 0, r.end += follows ? anchor.size() : 0;
        auto const ids = follows ? whole(std::string(anchor).append(line), markup) : whole(line, markup);
        tokens.insert(tokens.end(), ids.begin() + std::ptrdiff_t(follows ? anchor_tokens_ : 0), ids.end());
    }

    any_engine const*       engine_;
    prompt_limits           limits_;
    bool                    by_lines_ = false, by_marked_lines_ = false;
    std::size_t             anchor_tokens_ = 0;
    std::string             text_;   // the last text, up to the last end of a line in it
    std::vector<text_range> markup_; // of text_
    std::vector<token>      tokens_; // of text_
    std::vector<line_mark>  lines_;  // of text_
};

} // namespace qeval
