// A text as llama.cpp's llama-imatrix reads it, and a model's pass over it. Origin: tools/imatrix/imatrix.cpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>
#include <qeval/model/causal_lm.hpp>

namespace qeval {

struct calibration_text {
    std::vector<token> tokens; // [chunks * ctx]
    index              ctx    = 0;
    index              chunks = 0;

    [[nodiscard]] std::span<token const> chunk(index i) const {
        return std::span(tokens).subspan(static_cast<std::size_t>(i * ctx), static_cast<std::size_t>(ctx));
    }
};

struct chunk_options {
    index ctx           = 512;
    index limit         = 0;     // the first so many chunks; 0: all
    bool  parse_special = false; // special tokens that stand in the text are read as tokens
};

// One tokenization with BOS, where the tokenizer adds one; a newline at the end of the text does not count. Chunks of
// ctx tokens, the first of each overwritten by BOS; what is left at the end is dropped. At least two chunks of text.
[[nodiscard]] inline calibration_text cut_calibration_text(tokenizer const& words, std::string_view text,
                                                           chunk_options const& how, std::string const& place) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    calibration_text   out;
    std::vector<token> ids = how.parse_special ? words.encode_with_specials(text) : words.encode(text);
    if (words.adds_bos()) out.tokens.push_back(words.bos());
    out.tokens.insert(out.tokens.end(), ids.begin(), ids.end());
    index const tokens = std::ssize(out.tokens);
    if (tokens < 2 * how.ctx) {
        throw file_error{{"CA02", place, std::to_string(tokens) + " tokens",
                          "at least " + std::to_string(2 * how.ctx) + " (2 chunks of " + std::to_string(how.ctx) + ")",
                          "the text is too short to calibrate with; a smaller --ctx needs less"}};
    }
    out.ctx    = how.ctx;
    out.chunks = tokens / how.ctx;
    if (how.limit > 0) out.chunks = std::min(out.chunks, how.limit);
    out.tokens.resize(static_cast<std::size_t>(out.chunks * out.ctx));
    for (index c = 0; words.adds_bos() && c < out.chunks; ++c)
        out.tokens[static_cast<std::size_t>(c * out.ctx)] = words.bos();
    return out;
}

// Every chunk from an empty cache, about pass_tokens in one pass; `head`: the head computes, and shows its inputs, too.
// progress(chunks done), before the first pass and after each group of chunks.
template <class Progress>
void read_calibration_text(causal_lm& model, calibration_text const& text, index pass_tokens, bool head,
                           Progress const& progress) {
    if (text.ctx > model.max_tokens()) {
        throw usage_error{{"CA03", "--ctx", std::to_string(text.ctx),
                           "at most the model's context of " + std::to_string(model.max_tokens()), ""}};
    }
    index const together = std::max<index>(1, pass_tokens / text.ctx), piece = std::min(pass_tokens, text.ctx);
    progress(index{0});
    for (index first = 0; first < text.chunks; first += together) {
        index const                                  count = std::min(together, text.chunks - first);
        std::vector<std::unique_ptr<sequence_state>> states;
        for (index i = 0; i < count; ++i) states.push_back(model.start());
        for (index begin = 0; begin < text.ctx; begin += piece) {
            std::vector<sequence_step> steps;
            for (index i = 0; i < count; ++i) {
                auto const part = text.chunk(first + i).subspan(
                    static_cast<std::size_t>(begin), static_cast<std::size_t>(std::min(piece, text.ctx - begin)));
                steps.push_back({states[static_cast<std::size_t>(i)].get(), part, head ? 0 : std::ssize(part)});
            }
            model.forward(steps, [](auto, auto const&) {});
        }
        progress(first + count);
    }
}

} // namespace qeval
