// The texts of tasks that are loaded.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <qeval/eval/result/asked_texts.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/item_text.hpp>

namespace qeval {

// The tasks must outlive it.
class loaded_texts final : public asked_texts {
public:
    explicit loaded_texts(any_tasks const& tasks) : tasks_(tasks) {}

    [[nodiscard]] std::vector<set_part> parts(std::string_view task) const override {
        auto const* const t = find(task);
        return t != nullptr ? t->parts() : std::vector<set_part>();
    }
    [[nodiscard]] std::optional<item_text> text(std::string_view task, std::size_t item) const override {
        auto const* const t = find(task);
        return t != nullptr ? t->text_of(item) : std::nullopt;
    }

private:
    [[nodiscard]] any_task const* find(std::string_view task) const {
        auto const found = std::ranges::find_if(tasks_, [&](auto const& t) { return t->facts().name == task; });
        return found != tasks_.end() ? found->get() : nullptr;
    }

    any_tasks const& tasks_;
};

} // namespace qeval
