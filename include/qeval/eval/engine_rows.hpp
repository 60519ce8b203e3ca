// Where the engines of an evaluation come from: one for each row of its table.
#pragma once

#include <memory>
#include <string>

#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/result/result.hpp>

namespace qeval {

// Rows may be of different kinds (a model in this process, an endpoint). Every row is asked the tokens that the
// reference is asked, cut to the reference's context. An engine that makes other tokens of a question is refused
// (EV15).
class engine_rows {
public:
    virtual ~engine_rows() = default;

    // Is called once for each scheme, for the reference first. An engine is destroyed before the next is opened, unless
    // the reference's logits of a text are too many to keep (evaluation_options::reference_bytes): then all engines are
    // alive at once.
    [[nodiscard]] virtual std::unique_ptr<any_engine> open(std::string const& scheme) = 0;
    // Is called once the answers of scores.scheme are there. Adds what only the maker of the engine knows: sizes,
    // notes, the name of the kernel.
    virtual void describe(scheme_scores&, scheme_run&) {}
    // What this process has taken since the scheme's engine was opened: peak memory, threads. Is called after each call
    // of the engine.
    [[nodiscard]] virtual scheme_process taken(std::string const& /*scheme*/) { return {}; }
    // What all rows have in common: the model and its tokenizer, hashes, the build.
    [[nodiscard]] virtual provenance origin() = 0;
};

} // namespace qeval
