// A linear whose inputs go through an activation format first: what formats and activations without a kernel of their
// own compute, on the exact path of the rounded values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/bits.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/format/activation.hpp>
#include <qeval/format/prescribed_input.hpp>
#include <qeval/kernel/changed_input_linear.hpp>
#include <qeval/kernel/linear.hpp>

namespace qeval {

class rounded_linear final : public changed_input_linear {
public:
    rounded_linear(std::unique_ptr<linear> base, any_activation const& input, thread_pool& pool)
        : rounded_linear(std::move(base), std::string(input.name), input.name, input.round, pool) {}
    // With the numbers of a checkpoint, which make it an input of its own.
    rounded_linear(std::unique_ptr<linear> base, any_prescribed_input const& input, input_numbers const& n,
                   thread_pool& pool)
        : rounded_linear(
              std::move(base),
              std::string(input.name) + ", " + std::to_string(bit_cast<std::uint32_t>(n.scale)) + ", " +
                  std::to_string(bit_cast<std::uint32_t>(n.zero)) + ", " + std::to_string(n.group),
              input.name,
              [round = input.round, n](std::span<float const> x, std::span<float> out) { round(x, out, n); }, pool) {}

    void row(index i, std::span<float> out) const override { base().row(i, out); }

private:
    using rounding = std::function<void(std::span<float const>, std::span<float>)>;

    rounded_linear(std::unique_ptr<linear> base, std::string const& as, std::string_view format, rounding round,
                   thread_pool& pool)
        : changed_input_linear(std::move(base), "rounded to " + as, "inputs as " + std::string(format), pool),
          round_(std::move(round)) {}

    void change(std::span<float const> x, std::span<float> out) const override { round_(x, out); }

    rounding round_;
};

} // namespace qeval
