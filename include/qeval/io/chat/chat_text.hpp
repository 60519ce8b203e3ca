// A conversation as one text, which knows what of it a template wrote and what was said.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/io/text/text_range.hpp>

namespace qeval {

// Special tokens are read in the template's parts only: "<|im_end|>" in a message is text, as in every prompt.
class chat_text {
public:
    chat_text& mark(std::string_view text) { // the template's
        if (text.empty()) return *this;
        if (!markup_.empty() && markup_.back().end == text_.size())
            markup_.back().end += text.size();
        else
            markup_.push_back({text_.size(), text_.size() + text.size()});
        text_ += text;
        return *this;
    }
    chat_text& say(std::string_view content) { // of a message
        text_ += content;
        return *this;
    }

    [[nodiscard]] std::string const&          text() const { return text_; }
    [[nodiscard]] std::span<text_range const> markup() const { return markup_; } // in order, apart from each other

private:
    std::string             text_;
    std::vector<text_range> markup_;
};

} // namespace qeval
