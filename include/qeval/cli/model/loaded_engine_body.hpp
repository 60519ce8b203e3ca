// The functions of loaded_model that read its tokenizer, and make an engine of it and a model.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/cli/model/model_words.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/engine/in_process.hpp>
#include <qeval/io/file/mapped_file.hpp>

namespace qeval::cli {

QEVAL_DRIVER_ONCE tokenizer    loaded_model::load_words() const { return read_words(where_words_are()); }
QEVAL_DRIVER_ONCE prompt_style loaded_model::style(wording_options const& wanted) {
    auto choice = choose_chat(wanted, where_words_are(), words());
    chat_note_  = std::move(choice.note);
    turn_end_   = choice.end;
    return std::move(choice.style);
}
QEVAL_DRIVER_ONCE std::vector<std::string> loaded_model::notes() {
    auto        all    = description().facts.notes;
    index const tokens = static_cast<index>(words().vocab_size()), rows = description().vocab_size;
    if (tokens > rows) {
        all.push_back(display_name(where_words_are().path) + " has " + std::to_string(tokens) +
                      " tokens, the embedding " + std::to_string(rows) +
                      " rows: a text that needs one of the others is an error");
    }
    for (auto& note : words().notes()) // a GGUF's metadata is read for both
        if (std::ranges::find(all, note) == all.end()) all.push_back(std::move(note));
    if (!chat_note_.empty()) all.push_back(chat_note_);
    return all;
}
QEVAL_DRIVER_ONCE std::unique_ptr<any_engine> loaded_model::engine(std::unique_ptr<causal_lm> model) {
    std::vector<token> ends;
    for (index id : description().facts.eos) ends.push_back(static_cast<token>(id));
    if (turn_end_ >= 0) ends.push_back(turn_end_);
    return std::make_unique<in_process<tokenizer>>(std::move(model), words(), batch_limits{options_.batch_tokens, 64},
                                                   ends);
}

} // namespace qeval::cli
