// A text cut into a protocol's windows of tokens, and the walk over the positions that are scored.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/data/item_limit.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/io/file/sha256.hpp>

namespace qeval {

// A window of a text. The logits at position p of it predict its token p + 1. Positions first ... size - 2 are scored;
// the last token is predicted and never read.
struct text_window {
    index  begin  = 0;  // where in text_windows::tokens it begins; windows may overlap
    index  size   = 0;  // tokens
    index  first  = 0;  // the first scored position
    index  slot   = 0;  // the number of that position among all scored positions of the text
    double weight = 0;  // of its mean loss in the protocol's sum; scored() in most protocols
    index  page   = -1; // the page of the text, in protocols that read pages

    [[nodiscard]] index scored() const { return size - 1 - first; }
};

// A number that is made of the windows' mean losses m (nats per scored token): scale * sum(weight * m) / units; or exp
// of that, where the metric is a perplexity.
struct text_metric {
    metric_spec metric;
    double      units = 0; // how many scored tokens, words or bytes
    double      scale = 1;
};

struct text_windows {
    std::string              protocol; // in words
    std::string              text_sha256;
    std::vector<token>       tokens;
    std::vector<text_window> windows;
    std::vector<text_metric> metrics;         // the first one is the headline
    index                    text_tokens = 0; // of the whole text, BOS included

    [[nodiscard]] index                  count() const { return std::ssize(windows); }
    [[nodiscard]] text_window const&     window(index w) const { return windows[static_cast<std::size_t>(w)]; }
    [[nodiscard]] std::span<token const> at(index w) const {
        return std::span(tokens).subspan(static_cast<std::size_t>(window(w).begin),
                                         static_cast<std::size_t>(window(w).size));
    }
    // How many positions are scored in the windows before w, and in all windows.
    [[nodiscard]] index slots_before(index w) const { return w < count() ? window(w).slot : positions(); }
    [[nodiscard]] index positions() const {
        return windows.empty() ? 0 : windows.back().slot + windows.back().scored();
    }
    [[nodiscard]] index longest() const {
        index size = 0;
        for (auto const& w : windows) size = std::max(size, w.size);
        return size;
    }
    [[nodiscard]] index tokens_read() const {
        index sum = 0;
        for (auto const& w : windows) sum += w.size;
        return sum;
    }
    // The end of the batch of windows that begins at `begin`. It has at most `batch_tokens` tokens, but at least one
    // window.
    [[nodiscard]] index batch_end(index begin, index batch_tokens) const {
        index end = begin, sum = 0;
        while (end < count() && (end == begin || sum + window(end).size <= batch_tokens)) sum += window(end++).size;
        return end;
    }
    // The factor of window w's mean loss that makes the mean over all windows the metric (before exp).
    [[nodiscard]] double share(index w, text_metric const& m) const {
        return window(w).weight * static_cast<double>(count()) / m.units * m.scale;
    }
    // Whether every scored token counts alike, so that the mean over tokens, the mean of the windows' means and the
    // first metric are one number.
    [[nodiscard]] bool uniform() const {
        for (index w = 0; w < count(); ++w)
            if (share(w, metrics[0]) != 1) return false;
        return true;
    }

    void add(index begin, index size, index first) {
        text_window w{begin, size, first, positions(), 0, -1};
        w.weight = static_cast<double>(w.scored());
        windows.push_back(w);
    }
    void keep_first(item_limit limit) { windows.resize(static_cast<std::size_t>(limit.among(count()))); }
    // Sets the usual metric: exp(sum(weight * m) / sum(weight)), which is exp of the mean over all scored tokens where
    // weights are scored().
    void measure_perplexity() {
        double units = 0;
        for (auto const& w : windows) units += w.weight;
        metrics = {{{"perplexity", metric_kind::exp_of_mean, false}, units, 1}};
    }
};

// What is appended to the words of a protocol where a run departs from its rule.
inline constexpr char const* specials_are_tokens = "; special tokens in the text read as tokens";
inline constexpr char const* specials_are_text   = "; special tokens in the text spelled out";

// The tokens of a text. `specials`: special tokens that are written in it, such as "<|endoftext|>", become those
// tokens; where the engine cannot do that, `protocol` says so.
[[nodiscard]] inline std::vector<token> encode_text(any_engine& engine, std::string_view text, bool specials,
                                                    std::string& protocol) {
    if (!specials) return engine.encode(text);
    if (auto ids = engine.encode_with_specials(text)) return *std::move(ids);
    protocol += specials_are_text;
    return engine.encode(text);
}

// Tokenizes a whole text, behind BOS where the tokenizer adds one. The result has no windows yet.
[[nodiscard]] inline text_windows tokenize_text(any_engine& engine, std::string_view text, std::string protocol,
                                                bool specials) {
    text_windows w;
    w.protocol = std::move(protocol);
    sha256 hash;
    hash.update(text);
    w.text_sha256 = hash.hex();
    if (auto const bos = engine.bos(); bos >= 0) w.tokens.push_back(bos);
    auto const ids = encode_text(engine, text, specials, w.protocol);
    w.tokens.insert(w.tokens.end(), ids.begin(), ids.end());
    w.text_tokens = std::ssize(w.tokens);
    return w;
}

inline void refuse_context(any_engine& engine, std::string_view protocol, index window) {
    if (window >= 2 && engine.max_tokens() >= window) return;
    throw usage_error{{"EV02", "the context of protocol \"" + std::string(protocol) + "\"",
                       std::to_string(window) + " tokens",
                       "2 to " + std::to_string(engine.max_tokens()) + " tokens, the model's context",
                       "choose a smaller --ctx or leave this task out"}};
}
inline void refuse_short_text(text_windows const& w, index windows, index size, std::string const& name) {
    if (w.text_tokens >= windows * size) return;
    throw file_error{{"EV01", name, std::to_string(w.text_tokens) + " tokens",
                      "at least " + std::to_string(windows * size) + " (" + std::to_string(windows) + " windows of " +
                          std::to_string(size) + ")",
                      "the text is too short for this protocol; a smaller --ctx needs less"}};
}

// Sends windows [begin, end) through the engine and calls f(slots, targets, logits) for some scored positions at a
// time: slots[i] is the number of a position, targets[i] its row of `logits` and the token to predict. Slots may come
// in any order.
template <class F>
void for_each_scored(logit_source& engine, text_windows const& text, index begin, index end, F const& f) {
    std::vector<logit_request> requests;
    for (index w = begin; w < end; ++w) {
        auto const tokens = text.at(w);
        requests.push_back({tokens.first(tokens.size() - 1), text.window(w).first});
    }
    std::vector<index>        slots;
    std::vector<logit_target> targets;
    engine.read(requests, [&](std::span<logit_place const> places, logit_rows const& logits) {
        slots.clear(), targets.clear();
        for (auto const& p : places) {
            text_window const& w = text.window(begin + p.sequence);
            slots.push_back(w.slot + (p.position - w.first));
            targets.push_back({p.row, text.at(begin + p.sequence)[static_cast<std::size_t>(p.position + 1)]});
        }
        f(std::span<index const>(slots), std::span<logit_target const>(targets), logits);
    });
}

} // namespace qeval
