// SentencePiece's spelling of spaces as U+2581, around a model whose pieces are spelled like that.
#pragma once

#include <memory>
#include <string_view>

#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

inline constexpr std::string_view visible_space = "\xe2\x96\x81";

// leading_space: a text is encoded as if a space stood before it, and decoding drops it again.
inline void write_visible_spaces(tokenizer_parts& parts, bool leading_space) {
    if (leading_space) parts.normalize.steps.emplace_back(prepend_step{" "});
    auto const space = std::make_shared<regex const>(" ", parts.words.file(), regex_syntax::literal);
    parts.normalize.steps.emplace_back(replace_step{space, std::string(visible_space)});
    parts.decoder.steps = {replace_decoder{std::string(visible_space), " "}, byte_fallback_decoder{}, fuse_decoder{}};
    if (leading_space) parts.decoder.steps.emplace_back(strip_decoder{" ", 1, 0});
}

} // namespace qeval
