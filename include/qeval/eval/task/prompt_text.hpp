// A prompt as a model reads it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <qeval/io/text/text_range.hpp>

namespace qeval {

struct prompt_text {
    std::string             text;
    std::vector<text_range> markup{};           // where special tokens are tokens; what a data set says is text
    bool                    writes_bos = false; // the text itself begins with the token that begins texts

    // Keeps the first bytes.
    void cut(std::size_t size) {
        text.resize(size);
        while (!markup.empty() && markup.back().begin >= size) markup.pop_back();
        if (!markup.empty() && markup.back().end > size) markup.back().end = size;
    }
};

} // namespace qeval
