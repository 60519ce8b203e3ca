// A linear whose inputs go through an activation format first: what formats and activations without a kernel of their
// own compute, on the exact path of the rounded values.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>

#include <qeval/core/thread_pool.hpp>
#include <qeval/format/activation.hpp>
#include <qeval/kernel/changed_input_linear.hpp>
#include <qeval/kernel/linear.hpp>

namespace qeval {

class rounded_linear final : public changed_input_linear {
public:
    rounded_linear(std::unique_ptr<linear> base, any_activation const& input, thread_pool& pool)
        : changed_input_linear(std::move(base), "rounded to " + std::string(input.name),
                               "inputs as " + std::string(input.name), pool),
          round_(input.round) {}

    void row(index i, std::span<float> out) const override { base().row(i, out); }

private:
    void change(std::span<float const> x, std::span<float> out) const override { round_(x, out); }

    void (*round_)(std::span<float const>, std::span<float>);
};

} // namespace qeval
