// The two ways in which llama.cpp's perplexity tool cuts a text.
#pragma once

#include <string>
#include <string_view>

#include <qeval/eval/task/protocol.hpp>
#include <qeval/eval/task/text_windows.hpp>

namespace qeval {

// The text is tokenized once, behind BOS, and cut into windows of n_ctx tokens, whose first token is replaced by BOS.
// The second half of each is scored (255 positions of 512); the perplexity is exp of the mean over tokens. A text has
// at least two windows. Special tokens that are written in the text are read as characters.
struct llamacpp_half_window : plain_perplexity {
    static constexpr std::string_view name           = "perplexity:llamacpp";
    static constexpr bool             has_divergence = true;
    index                             ctx            = 512;
    bool                              specials       = false;

    constexpr llamacpp_half_window() = default;
    constexpr explicit llamacpp_half_window(index window, bool read_specials = false)
        : ctx(window), specials(read_specials) {}

    [[nodiscard]] std::string text() const {
        return "llama.cpp half-window: n_ctx = " + std::to_string(ctx) + ", positions " + std::to_string(ctx / 2) +
               " to " + std::to_string(ctx - 2) + " scored, exp of the mean over tokens" +
               (specials ? specials_are_tokens : "");
    }
    [[nodiscard]] text_windows windows(any_engine& engine, std::string_view text, std::string const& place,
                                       item_limit limit) const {
        refuse_context(engine, name, ctx);
        auto w = tokenize_text(engine, text, this->text(), specials);
        refuse_short_text(w, 2, ctx, place);
        auto const bos = engine.bos();
        for (index begin = 0; begin + ctx <= w.text_tokens; begin += ctx) {
            w.add(begin, ctx, ctx / 2);
            if (bos >= 0) w.tokens[static_cast<std::size_t>(begin)] = bos;
        }
        w.keep_first(limit);
        w.measure_perplexity();
        return w;
    }
};

// The tool's --ppl-stride: windows of n_ctx + stride / 2 tokens begin every `stride` tokens; the last `stride` tokens
// of each are scored. (The tool replaces a window's first token by BOS only after it has read the window, which has no
// effect.)
struct llamacpp_stride : plain_perplexity {
    static constexpr std::string_view name           = "perplexity:llamacpp_stride";
    static constexpr bool             has_divergence = false;
    index                             ctx            = 512; // the stride is half of it: 256, as is usual
    bool                              specials       = false;

    [[nodiscard]] index       stride() const { return ctx / 2; }
    [[nodiscard]] index       size() const { return ctx + stride() / 2; }
    [[nodiscard]] std::string text() const {
        return "llama.cpp --ppl-stride " + std::to_string(stride()) + ": windows of " + std::to_string(size()) +
               " tokens, the last " + std::to_string(stride()) + " of each scored, exp of the mean over tokens" +
               (specials ? specials_are_tokens : "");
    }
    [[nodiscard]] text_windows windows(any_engine& engine, std::string_view text, std::string const& place,
                                       item_limit limit) const {
        refuse_context(engine, name, size());
        auto w = tokenize_text(engine, text, this->text(), specials);
        refuse_short_text(w, 1, size() + 1, place);
        for (index begin = 0; begin + size() < w.text_tokens; begin += stride())
            w.add(begin, size(), size() - stride() - 1);
        w.keep_first(limit);
        w.measure_perplexity();
        return w;
    }
};

} // namespace qeval
