// A task of every kind with data of its own, for scripted engines.
#pragma once

#include <string>

#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/choice/multiple_choice.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/erased_task.hpp>
#include <qeval/eval/text/llamacpp_windows.hpp>
#include <qeval/eval/text/perplexity_task.hpp>
#include <qeval/eval/text/whole_windows.hpp>
#include <qeval/eval/written/completion.hpp>

namespace qeval_test {

// Two texts under their protocols; so many items of choices, of cloze, and of completion.
[[nodiscard]] inline qeval::any_tasks scripted_tasks(int count) {
    qeval::perplexity_task<qeval::llamacpp_half_window> half;
    half.how.ctx = 32;
    half.text    = golden_text();
    qeval::perplexity_task<qeval::gptq_2048> whole;
    whole.how.ctx = 64;
    whole.text    = golden_text();
    qeval::multiple_choice choice;
    qeval::cloze           last_word;
    qeval::completion      functions;
    for (int i = 0; i < count; ++i) {
        std::string const word(1, char('A' + i % 16));
        choice.items.push_back({"mc" + std::to_string(i),
                                {},
                                0,
                                word + "\nQuestion: Q\nAnswer:",
                                qeval::ranked_item::of({"B", "CC", "DDD"}),
                                i % 3});
        last_word.items.push_back({"c" + std::to_string(i), word + word, " E"});
        functions.items.push_back({"f" + std::to_string(i), word, "f", "GH", ""});
    }
    return qeval::any_tasks_of(half, whole, choice, last_word, functions);
}

} // namespace qeval_test
