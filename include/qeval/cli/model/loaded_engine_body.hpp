// The functions of loaded_model that read its tokenizer, and make an engine of it and a model.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/engine/in_process.hpp>
#include <qeval/io/tokenizer/load_tokenizer.hpp>

namespace qeval::cli {

QEVAL_DRIVER_ONCE tokenizer loaded_model::load_words() const {
    auto const path  = tokenizer_path();
    tokenizer  words = load_tokenizer(path);
    if (static_cast<index>(words.vocab_size()) <= description().vocab_size) return words;
    throw file_error{{"CF02", path.string(), std::to_string(words.vocab_size()) + " tokens",
                      "at most the model's " + std::to_string(description().vocab_size),
                      "a tokenizer of another model"}};
}
QEVAL_DRIVER_ONCE std::unique_ptr<any_engine> loaded_model::engine(std::unique_ptr<causal_lm> model) {
    std::vector<token> ends;
    for (index id : description().facts.eos) ends.push_back(static_cast<token>(id));
    return std::make_unique<in_process<tokenizer>>(std::move(model), words(), batch_limits{options_.batch_tokens, 64},
                                                   ends);
}

} // namespace qeval::cli
