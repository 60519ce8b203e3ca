// What a task asks an engine.
#pragma once

#include <cstddef>
#include <vector>

#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/text_encoder.hpp>

namespace qeval_test {

// About one item.
template <class E, class Task>
[[nodiscard]] auto question_of(E& engine, Task const& task, std::size_t item) {
    qeval::text_encoder words(engine);
    return task.ask(words, item);
}

// And about all of them.
template <class E, class Task>
[[nodiscard]] auto questions_of(E& engine, Task const& task) {
    qeval::text_encoder                                  words(engine);
    std::vector<qeval::question<typename Task::request>> all;
    for (std::size_t i = 0; i < task.items.size(); ++i) all.push_back(task.ask(words, i));
    return all;
}

} // namespace qeval_test
