// What a command reads of a checkpoint's words: its tokenizer, and which chat template a command line means.
#pragma once

#include <string>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/model/words_place.hpp>
#include <qeval/core/token.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>
#include <qeval/report/model/checkpoint_facts.hpp>

namespace qeval::cli {

struct chat_choice {
    prompt_style style;
    token        end = -1; // of a turn, which ends a text, too; -1: none beside the model's own
    std::string  note;     // where the checkpoint says something else; else empty
};

// "auto" is the template that the checkpoint's own source is. A source that qeval does not know is refused (CH02),
// since another rendering would be another prompt; a name is taken whatever the source says, with a note.
[[nodiscard]] chat_choice choose_chat(wording_options const& wanted, words_place const& from, tokenizer const& words);
// The tokenizer of `from`, as load_tokenizer reads it.
[[nodiscard]] tokenizer read_words(words_place const& from);
// Tokenizer and chat template of `from`, or why there is no tokenizer. What a model is can be told without one.
[[nodiscard]] found_words find_words(words_place const& from);

} // namespace qeval::cli

#if !defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/cli/model/model_words_body.hpp>
#endif
