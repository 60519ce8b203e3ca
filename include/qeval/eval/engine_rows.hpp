// Where the engines of an evaluation come from: one for each row of its table.
#pragma once

#include <memory>
#include <string>

#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/result/result.hpp>

namespace qeval {

// Rows may be of different kinds (a model in this process, an endpoint). Every row is asked what the reference is
// asked, for its context length: an engine that makes other tokens of a question is refused.
class engine_rows {
public:
    virtual ~engine_rows() = default;

    // Called once for each scheme, the reference first. An engine is destroyed before the next is opened, unless the
    // reference's logits of a text are too many to keep (evaluation_options::reference_bytes): then all live at once.
    [[nodiscard]] virtual std::unique_ptr<any_engine> open(std::string const& scheme) = 0;
    // Adds what only the maker knows of scores.scheme, once its answers are there: sizes, notes, kernel, peak memory.
    virtual void describe(scheme_scores&, scheme_run&) {}
    // What all rows have in common: the model and its tokenizer, hashes, the build.
    [[nodiscard]] virtual provenance origin() = 0;
};

} // namespace qeval
