// A memory for a run that wants the error of each matrix. It does not know a scheme that an earlier run has measured
// without these errors.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/view.hpp>
#include <qeval/eval/store/outcome_memory.hpp>
#include <qeval/eval/task/outcome.hpp>

namespace qeval {

class tensor_errors_wanted final : public outcome_memory {
public:
    // The reference is known without errors, since it has none. `memory` must outlive this object.
    tensor_errors_wanted(outcome_memory& memory, std::string reference)
        : memory_(memory), reference_(std::move(reference)) {}

    [[nodiscard]] std::optional<scheme_facts> find_scheme(std::string_view scheme) override {
        auto facts = memory_.find_scheme(scheme);
        if (facts && facts->tensors.empty() && scheme != reference_) return std::nullopt;
        return facts;
    }

    [[nodiscard]] std::optional<item_outcome> find(std::string_view scheme, std::string_view task, index item,
                                                   std::string_view request) override {
        return memory_.find(scheme, task, item, request);
    }
    [[nodiscard]] std::optional<window_reading> find_window(std::string_view scheme, std::string_view task,
                                                            index window, std::string_view request,
                                                            index positions) override {
        return memory_.find_window(scheme, task, window, request, positions);
    }
    void put(std::string_view scheme, std::string_view task, std::span<entry const> entries) override {
        memory_.put(scheme, task, entries);
    }
    void put_windows(std::string_view scheme, std::string_view task, std::span<window_entry const> entries) override {
        memory_.put_windows(scheme, task, entries);
    }
    void put_scheme(std::string_view scheme, scheme_facts const& facts) override { memory_.put_scheme(scheme, facts); }
    [[nodiscard]] std::optional<scheme_process> find_process(std::string_view   scheme,
                                                             std::string const& process) override {
        return memory_.find_process(scheme, process);
    }
    void put_process(std::string_view scheme, scheme_process const& process) override {
        memory_.put_process(scheme, process);
    }

private:
    outcome_memory& memory_;
    std::string     reference_;
};

} // namespace qeval
