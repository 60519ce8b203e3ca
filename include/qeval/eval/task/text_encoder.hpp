// Makes tokens of text: all that a task needs of an engine in order to ask.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/task/prompt_text.hpp>
#include <qeval/io/text/line_end.hpp>
#include <qeval/io/text/utf8.hpp>

namespace qeval {

// What an engine says about prompts.
struct prompt_limits {
    token bos = -1, eos = -1; // -1 where the tokenizer adds none
    index max_tokens = 0;     // context length
};

// Encodes texts and remembers the last one. Where the next text begins alike, as the questions of a subject and the
// choices of a question do, only what follows the last common end of a line is encoded, provided that the tokenizer's
// words end there (any_engine::ends_words_with_lines). The tokens are those of encoding each text whole.
class text_encoder {
public:
    // The engine must outlive the encoder. `limits` may be those of another engine, the one that prompts are made for.
    explicit text_encoder(any_engine const& engine)
        : text_encoder(engine, {engine.bos(), engine.eos(), engine.max_tokens()}) {}
    text_encoder(any_engine const& engine, prompt_limits const& limits)
        : engine_(&engine), limits_(limits), by_lines_(engine.ends_words_with_lines()) {
        if (by_lines_) anchor_tokens_ = engine.encode(anchor).size();
    }

    // The tokens of a text, without special tokens around it.
    [[nodiscard]] std::vector<token> encode(std::string_view text) {
        if (!by_lines_) return engine_->encode(text);
        forget_behind(text);
        std::size_t done = text_.size();
        if (first_bad_utf8(text.substr(done))) return engine_->encode(text); // a text that is no UTF-8 is encoded whole
        for (std::size_t end; (end = next_line_end(text, done)) < text.size(); done = end) {
            add_line(text.substr(done, end - done), tokens_);
            lines_.push_back({end, tokens_.size()});
        }
        text_.append(text, text_.size(), done - text_.size());
        auto tokens = tokens_;
        add_line(text.substr(done), tokens);
        return tokens;
    }
    [[nodiscard]] std::vector<token> encode(prompt_text const& prompt) {
        if (prompt.markup.empty()) return encode(std::string_view(prompt.text));
        if (auto ids = engine_->encode_marked(prompt.text, prompt.markup)) return *std::move(ids);
        throw usage_error{{"EV19", "a prompt with special tokens", "an engine that reads texts only",
                           "one that reads special tokens, too", ""}};
    }
    // The token to put before a prompt; -1: none, or the prompt has it.
    [[nodiscard]] token bos_before(prompt_text const& prompt) const { return prompt.writes_bos ? -1 : bos(); }
    [[nodiscard]] token bos() const { return limits_.bos; }
    [[nodiscard]] token eos() const { return limits_.eos; }
    [[nodiscard]] index max_tokens() const { return limits_.max_tokens; }
    [[nodiscard]] prompt_limits const& limits() const { return limits_; }

private:
    struct line_mark {
        std::size_t end = 0, tokens = 0; // of the text up to there
    };
    static constexpr std::string_view anchor = "A"; // stands in for the line before: it ends with a letter

    // Forgets the remembered lines from the first one on that `text` does not begin with, or that no line break follows
    // in `text`.
    void forget_behind(std::string_view text) {
        auto const common = static_cast<std::size_t>(
            std::mismatch(text_.begin(), text_.end(), text.begin(), text.end()).first - text_.begin());
        while (!lines_.empty() && (lines_.back().end > common || !is_line_end(text, lines_.back().end)))
            lines_.pop_back();
        text_.resize(lines_.empty() ? 0 : lines_.back().end);
        tokens_.resize(lines_.empty() ? 0 : lines_.back().tokens);
    }
    // Appends the tokens of a line. A line that follows others begins with its line break. It is encoded behind the
    // anchor, whose tokens are then left out: it has the tokens that it has behind the lines before it.
    void add_line(std::string_view line, std::vector<token>& tokens) {
        if (lines_.empty()) {
            auto const ids = engine_->encode(line);
            tokens.insert(tokens.end(), ids.begin(), ids.end());
        } else {
            auto const ids = engine_->encode(std::string(anchor).append(line));
            tokens.insert(tokens.end(), ids.begin() + static_cast<std::ptrdiff_t>(anchor_tokens_), ids.end());
        }
    }

    any_engine const*      engine_;
    prompt_limits          limits_;
    bool                   by_lines_      = false;
    std::size_t            anchor_tokens_ = 0;
    std::string            text_;   // the last text, up to the last end of a line in it
    std::vector<token>     tokens_; // of text_
    std::vector<line_mark> lines_;  // of text_
};

} // namespace qeval
