// Who answers: all that `eval/` sees of a model, wherever it runs. Calls are batches, so a virtual one costs nothing.
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
#include <qeval/model/logit_rows.hpp>

namespace qeval {

// Logits wanted at positions >= `first` of `tokens` (position p predicts token p + 1).
struct logit_request {
    std::span<token const> tokens;
    index                  first = 0;
};
// A wanted position, and which row has its logits: sequences that begin alike share rows.
struct logit_place {
    index sequence = 0;
    index position = 0;
    index row      = 0;
};
// Called with some wanted positions at a time, each of them once, ascending within a sequence. The rows are where the
// engine has them: a sink asks what it needs to know of them, and for whole rows only to keep them.
using logit_sink = std::function<void(std::span<logit_place const> places, logit_rows const& logits)>;

// What KL divergence and perplexity need of an engine.
class logit_source {
public:
    virtual ~logit_source() = default;

    [[nodiscard]] virtual index vocab_size() const                                                    = 0;
    virtual void                read(std::span<logit_request const> requests, logit_sink const& sink) = 0;

protected:
    logit_source()                               = default;
    logit_source(logit_source const&)            = default; // copied as a part of an engine only
    logit_source& operator=(logit_source const&) = default;
};

// Answers may be computed in any batch composition; they must not depend on it. A request that cannot be answered has
// its own error in its answer; what no engine could be asked (a token id outside the vocabulary) throws.
class any_engine {
public:
    virtual ~any_engine() = default;

    [[nodiscard]] virtual std::vector<token> encode(std::string_view text) const = 0; // without special tokens
    // The same where "<|endoftext|>" and its like in the text are read as those tokens; none: it cannot.
    [[nodiscard]] virtual std::optional<std::vector<token>> encode_with_specials(std::string_view) const { return {}; }
    [[nodiscard]] virtual std::string                       decode(std::span<token const> ids) const = 0;
    [[nodiscard]] virtual token                             bos() const        = 0; // -1 where the tokenizer adds none
    [[nodiscard]] virtual token                             eos() const        = 0;
    [[nodiscard]] virtual index                             max_tokens() const = 0; // context length
    // Texts that begin alike need not be encoded whole (io/tokenizer/line_ends.hpp); false: not known.
    [[nodiscard]] virtual bool ends_words_with_lines() const { return false; }

    // One answer for each request, in their order.
    virtual std::vector<score>      log_likelihoods(std::span<score_request const> requests) = 0;
    virtual std::vector<generation> generate(std::span<generate_request const> requests)     = 0;

    [[nodiscard]] virtual logit_source* logits() { return nullptr; } // none where the engine keeps them to itself

protected:
    any_engine()                             = default;
    any_engine(any_engine const&)            = default;
    any_engine& operator=(any_engine const&) = default;
};

} // namespace qeval
