// Text to tokens: all that a task needs of an engine in order to ask.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/io/text/line_end.hpp>
#include <qeval/io/text/utf8.hpp>

namespace qeval {

// What an engine says of prompts beside their tokens.
struct prompt_limits {
    token bos = -1, eos = -1; // -1 where the tokenizer adds none
    index max_tokens = 0;     // context length
};

// Remembers the last text: of one that begins alike, as the questions of a subject and the choices of a question do,
// only what follows the last common end of a line is encoded, where the tokenizer's words end there. The tokens are
// those of encoding each text whole.
class text_encoder {
public:
    // The engine must outlive the encoder. `limits`: of another engine, for which the prompts are made.
    explicit text_encoder(any_engine const& engine)
        : text_encoder(engine, {engine.bos(), engine.eos(), engine.max_tokens()}) {}
    text_encoder(any_engine const& engine, prompt_limits const& limits)
        : engine_(&engine), limits_(limits), by_lines_(engine.ends_words_with_lines()) {
        if (by_lines_) anchor_tokens_ = engine.encode(anchor).size();
    }

    // Without special tokens.
    [[nodiscard]] std::vector<token> encode(std::string_view text) {
        if (!by_lines_) return engine_->encode(text);
        forget_behind(text);
        std::size_t done = text_.size();
        if (first_bad_utf8(text.substr(done))) return engine_->encode(text); // its bytes are encoded one by one
        for (std::size_t end; (end = next_line_end(text, done)) < text.size(); done = end) {
            add_line(text.substr(done, end - done), tokens_);
            lines_.push_back({end, tokens_.size()});
        }
        text_.append(text, text_.size(), done - text_.size());
        auto tokens = tokens_;
        add_line(text.substr(done), tokens);
        return tokens;
    }
    [[nodiscard]] token                bos() const { return limits_.bos; }
    [[nodiscard]] token                eos() const { return limits_.eos; }
    [[nodiscard]] index                max_tokens() const { return limits_.max_tokens; }
    [[nodiscard]] prompt_limits const& limits() const { return limits_; }

private:
    struct line_mark {
        std::size_t end = 0, tokens = 0; // of the text up to there
    };
    static constexpr std::string_view anchor = "A"; // any text that a line may end with

    // Of what is remembered, keeps the lines that this text begins with, too, each with the line break behind it.
    void forget_behind(std::string_view text) {
        auto const common = static_cast<std::size_t>(
            std::mismatch(text_.begin(), text_.end(), text.begin(), text.end()).first - text_.begin());
        while (!lines_.empty() && (lines_.back().end > common || !is_line_end(text, lines_.back().end)))
            lines_.pop_back();
        text_.resize(lines_.empty() ? 0 : lines_.back().end);
        tokens_.resize(lines_.empty() ? 0 : lines_.back().tokens);
    }
    // A line that goes on after others begins with its line break; behind the anchor it has the tokens it has there.
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
    std::string            text_;   // the last one up to its last end of a line
    std::vector<token>     tokens_; // of text_
    std::vector<line_mark> lines_;  // of text_
};

} // namespace qeval
