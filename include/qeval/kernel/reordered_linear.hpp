// A linear whose matrix has its columns in another order than its inputs: they are put in that order first.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/changed_input_linear.hpp>
#include <qeval/kernel/linear.hpp>

namespace qeval {

// y = x' W'^T with x'[k] = x[order[k]], where W'[r, k] = W[r, order[k]]: y = x W^T, added up in the order of W'.
class reordered_linear final : public changed_input_linear {
public:
    // order: a permutation of 0 .. cols - 1
    reordered_linear(std::unique_ptr<linear> base, std::shared_ptr<std::vector<index> const> order, thread_pool& pool)
        : changed_input_linear(std::move(base), "order " + std::to_string(next_order()), "columns by group", pool),
          order_(std::move(order)) {}

    void row(index i, std::span<float> out) const override {
        std::vector<float> stored(out.size());
        base().row(i, stored);
        for (std::size_t k = 0; k < stored.size(); ++k) out[static_cast<std::size_t>((*order_)[k])] = stored[k];
    }

private:
    void change(std::span<float const> x, std::span<float> out) const override {
        for (std::size_t k = 0; k < out.size(); ++k) out[k] = x[static_cast<std::size_t>((*order_)[k])];
    }
    // Every matrix may have an order of its own, so that no two share what they prepare.
    static std::uint64_t next_order() {
        static std::atomic<std::uint64_t> orders = 0;
        return ++orders;
    }

    std::shared_ptr<std::vector<index> const> order_;
};

} // namespace qeval
