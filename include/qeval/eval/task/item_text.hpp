// An item in words: what logs show beside its outcome. Made one by one when it is wanted, since the prompts of a whole
// exam with examples are hundreds of megabytes.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <vector>

#include <qeval/core/view.hpp>

namespace qeval {

struct asked_text {
    std::string context;      // what the model reads
    std::string continuation; // what is scored behind it; empty where the model writes
};

struct item_text {
    std::string             doc;      // the data set's row, JSON
    std::string             target;   // the right answer, as lm-eval prints it
    std::vector<asked_text> requests; // one for each answer that is ranked, else one
    std::string             head;     // of a program: what stands before the text that the model writes
    std::vector<index>      units;    // of a text, for each metric: the words or bytes that share its loss; else empty
};

// Some items of a data set: a subject's, or all. `items` counts the whole set, whatever --limit leaves of it.
struct set_part {
    std::string name;     // of the subject; empty where there is none
    std::string title;    // as prompts call it
    std::string category; // of the subject
    index       items = 0;
};

// What a task inherits whose data set has no subjects.
struct whole_set {
    index set_size = 0;

    [[nodiscard]] std::vector<set_part> parts() const { return {{{}, {}, {}, set_size}}; }
};

// A task that can show its items in words. Texts are shown page by page.
template <class T>
concept tells_texts = requires(T const& t, std::size_t i) {
    { t.text_of(i) } -> std::same_as<item_text>;
};
// A task that knows how large its data set is: one part for each subject, in the order of its items, else one.
template <class T>
concept knows_its_set = requires(T const& t) {
    { t.parts() } -> std::convertible_to<std::vector<set_part>>;
};

} // namespace qeval
