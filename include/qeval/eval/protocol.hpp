// Perplexity protocols: which tokens of a text are scored under which context. "Perplexity" is no number without one.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include <qeval/core/view.hpp>

namespace qeval {

// Non-overlapping windows of `window()` tokens, the tail dropped. Position p of a window predicts token p + 1; scored
// are positions first_scored() ... window() - 2.
template <class P>
concept perplexity_protocol = requires(P const& p) {
    { P::name } -> std::convertible_to<std::string_view>;   // in task names
    { P::bos_in_each_window } -> std::convertible_to<bool>; // overwrites the window's first token
    { P::has_divergence } -> std::convertible_to<bool>;     // KL divergence is defined over the same positions
    { p.window() } -> std::same_as<index>;
    { p.first_scored() } -> std::same_as<index>;
    { p.minimum_windows() } -> std::same_as<index>;
    { p.specials } -> std::convertible_to<bool>; // "<|endoftext|>" in the text is that token, not its characters
    { p.text() } -> std::same_as<std::string>;   // the protocol in words, with its numbers
};

// Departures from a protocol's own rule are part of its words.
inline constexpr char const* specials_are_tokens = "; special tokens in the text read as tokens";
inline constexpr char const* specials_are_text   = "; special tokens in the text spelled out";

// llama.cpp's perplexity tool: one tokenization with BOS, windows of n_ctx whose first token is overwritten by BOS,
// the second half scored (255 of 512), exp of the mean over tokens. At least two windows of text. Special tokens
// written in the text are spelled out.
struct llamacpp_half_window {
    static constexpr std::string_view name               = "perplexity:llamacpp";
    static constexpr bool             bos_in_each_window = true;
    static constexpr bool             has_divergence     = true;
    index                             ctx                = 512;
    bool                              specials           = false;

    [[nodiscard]] index       window() const { return ctx; }
    [[nodiscard]] index       first_scored() const { return ctx / 2; }
    [[nodiscard]] index       minimum_windows() const { return 2; }
    [[nodiscard]] std::string text() const {
        return "llama.cpp half-window: n_ctx = " + std::to_string(ctx) + ", positions " + std::to_string(ctx / 2) +
               " to " + std::to_string(ctx - 2) + " scored, exp of the mean over tokens" +
               (specials ? specials_are_tokens : "");
    }
};

// GPTQ's evaluation, also llmc's, AutoAWQ's, SmoothQuant's and QuaRot's: one tokenization (BOS once), windows of 2048,
// every next token scored, exp of the mean of window means. Hugging Face tokenizers read special tokens in a text.
struct gptq_2048 {
    static constexpr std::string_view name               = "perplexity:gptq2048";
    static constexpr bool             bos_in_each_window = false;
    static constexpr bool             has_divergence     = false;
    index                             ctx                = 2048;
    bool                              specials           = true;

    [[nodiscard]] index       window() const { return ctx; }
    [[nodiscard]] index       first_scored() const { return 0; }
    [[nodiscard]] index       minimum_windows() const { return 1; }
    [[nodiscard]] std::string text() const {
        return "GPTQ: windows of " + std::to_string(ctx) + ", all " + std::to_string(ctx - 1) +
               " next tokens scored, exp of the mean of window means" + (specials ? "" : specials_are_text);
    }
};

} // namespace qeval
