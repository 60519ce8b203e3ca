// The texts of tasks that are loaded.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include <qeval/eval/result/asked_texts.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/task.hpp>

namespace qeval {

// The tasks must outlive it.
template <class Tasks>
class loaded_texts final : public asked_texts {
public:
    explicit loaded_texts(std::vector<typename Tasks::any> const& tasks) : tasks_(tasks) {}

    [[nodiscard]] std::vector<set_part> parts(std::string_view task) const override {
        std::vector<set_part> parts;
        find(task, [&]<class T>(T const& t) {
            if constexpr (knows_its_set<T>) parts = t.parts();
        });
        return parts;
    }
    [[nodiscard]] std::optional<item_text> text(std::string_view task, std::size_t item) const override {
        std::optional<item_text> text;
        find(task, [&]<class T>(T const& t) {
            if constexpr (tells_texts<T>) text = t.text_of(item);
        });
        return text;
    }

private:
    template <class F>
    void find(std::string_view task, F const& f) const {
        for (auto const& any : tasks_) {
            std::visit(
                [&](auto const& t) {
                    if (name_of_task(t) == task) f(t);
                },
                any);
        }
    }

    std::vector<typename Tasks::any> const& tasks_;
};

} // namespace qeval
