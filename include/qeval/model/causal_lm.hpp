// A language model as engines see it, whatever its architecture and backend: tokens in, logits out.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/model/logit_rows.hpp>
#include <qeval/model/role.hpp>

namespace qeval {

// What a sequence remembers. Copies share memory until one of them grows.
class sequence_state {
public:
    virtual ~sequence_state() = default;

    [[nodiscard]] virtual index                           length() const           = 0;
    [[nodiscard]] virtual std::unique_ptr<sequence_state> fork(index tokens) const = 0; // the first `tokens`
};

// One sequence's share of a forward pass: `tokens` continue `state`; logits are wanted at tokens [wanted, end).
struct sequence_step {
    sequence_state*        state = nullptr;
    std::span<token const> tokens;
    index                  wanted = 0;
};
// A token of a forward pass.
struct token_place {
    index step   = 0; // which sequence_step
    index offset = 0; // which of its tokens
};
using logit_row = token_place; // the row predicts the token after it
// Receives rows in ascending (step, offset), a bounded number of them at a time, where the backend has them: a sink
// asks for summaries, or for the rows themselves. Called by the caller's thread.
using logit_rows_sink = std::function<void(std::span<logit_row const> rows, logit_rows const& logits)>;

// What a linear layer is about to multiply: what calibration reads. Valid during the call.
struct observed_input {
    tensor_slot const&           slot;   // the matrix
    matrix_view<float const>     rows;   // [n, cols]
    std::span<token_place const> tokens; // [n], whose rows they are
};
using input_observer = std::function<void(observed_input const&)>;

class causal_lm {
public:
    virtual ~causal_lm() = default;

    [[nodiscard]] virtual index                           vocab_size() const = 0;
    [[nodiscard]] virtual index                           max_tokens() const = 0; // context length
    [[nodiscard]] virtual std::unique_ptr<sequence_state> start() const      = 0;

    // The states grow by their tokens. Logits do not depend on the other steps, nor on how a sequence is cut into
    // steps.
    virtual void forward(std::span<sequence_step const> steps, logit_rows_sink const& sink) = 0;

    // From now on `f` is shown the input of every linear layer of every pass, in the order of computation and on the
    // caller's thread; the head's only where logits are wanted. An empty function ends it. Logits stay the same bits.
    virtual void observe(input_observer f) = 0;
};

} // namespace qeval
