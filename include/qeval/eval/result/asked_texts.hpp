// What a result leaves out of an evaluation's items: their texts, and how large the sets are that they come from.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <qeval/eval/task/item_text.hpp>

namespace qeval {

// Tasks are named as in results; items are counted from 0, in the order of a task's outcomes (a text's pages).
class asked_texts {
public:
    virtual ~asked_texts() = default;

    [[nodiscard]] virtual std::vector<set_part>    parts(std::string_view task) const = 0; // none: not known
    [[nodiscard]] virtual std::optional<item_text> text(std::string_view task, std::size_t item) const = 0;
};

} // namespace qeval
