// An engine: all that `eval/` sees of a model, wherever it runs. A call carries a batch, so that the cost of a virtual
// function does not matter.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/requests.hpp>
#include <qeval/io/text/text_range.hpp>
#include <qeval/model/logit_rows.hpp>

namespace qeval {

// Asks for the logits at positions >= `first` of `tokens`. The logits at position p predict token p + 1.
struct logit_request {
    std::span<token const> tokens;
    index                  first = 0;
};
// A wanted position, and the row of logits that belongs to it. Sequences that begin alike share rows.
struct logit_place {
    index sequence = 0;
    index position = 0;
    index row      = 0;
};
// Is called with some of the wanted positions at a time: with each of them once, in ascending order within a sequence.
// The rows stay on the engine's device: a sink asks logit_rows what it needs to know of them, and copies whole rows
// only where it has to keep them.
using logit_sink = std::function<void(std::span<logit_place const> places, logit_rows const& logits)>;

// An engine that shows logits: what perplexity and KL divergence need.
class logit_source {
public:
    virtual ~logit_source() = default;

    [[nodiscard]] virtual index vocab_size() const                                                    = 0;
    virtual void                read(std::span<logit_request const> requests, logit_sink const& sink) = 0;

protected:
    logit_source()                               = default;
    logit_source(logit_source const&)            = default; // only an engine copies it, as a part of itself
    logit_source& operator=(logit_source const&) = default;
};

// An engine may compute requests in any batches; no answer may depend on them. A request that this engine cannot answer
// (it is too long, or logits are not finite) has its error in its own answer. What no engine could answer (a token id
// outside the vocabulary, EN01) is thrown as usage_error.
class any_engine {
public:
    virtual ~any_engine() = default;

    [[nodiscard]] virtual std::vector<token> encode(std::string_view text) const = 0; // without special tokens
    // Like encode(), but special tokens that are written in the text, such as "<|endoftext|>", become those tokens.
    // nullopt: this engine cannot do that.
    [[nodiscard]] virtual std::optional<std::vector<token>> encode_with_specials(std::string_view) const { return {}; }
    // The same, in the given parts of the text only (io/text/text_range.hpp), which are in order and apart.
    [[nodiscard]] virtual std::optional<std::vector<token>> encode_marked(std::string_view,
                                                                          std::span<text_range const>) const {
        return {};
    }
    [[nodiscard]] virtual std::string decode(std::span<token const> ids) const = 0;
    [[nodiscard]] virtual token       bos() const                              = 0; // -1 where the tokenizer adds none
    [[nodiscard]] virtual token       eos() const                              = 0;
    [[nodiscard]] virtual index       max_tokens() const                       = 0; // context length
    // Whether a word never reaches over the end of a line that ends with a letter or digit, so that texts that begin
    // alike need not be encoded whole (io/tokenizer/line_ends.hpp). false: it may, or nobody knows.
    [[nodiscard]] virtual bool ends_words_with_lines() const { return false; }
    // The same of encode_marked().
    [[nodiscard]] virtual bool ends_marked_words_with_lines() const { return false; }

    // Both return one answer for each request, in the order of the requests.
    virtual std::vector<score>      log_likelihoods(std::span<score_request const> requests) = 0;
    virtual std::vector<generation> generate(std::span<generate_request const> requests)     = 0;

    [[nodiscard]] virtual logit_source* logits() { return nullptr; } // nullptr: it does not show them
    // How many tokens have gone through the model so far; a beginning that requests share counts once. nullopt: the
    // engine does not know, because another machine computes.
    [[nodiscard]] virtual std::optional<index> tokens_computed() const { return {}; }

protected:
    any_engine()                             = default;
    any_engine(any_engine const&)            = default;
    any_engine& operator=(any_engine const&) = default;
};

} // namespace qeval
