// Where a scheme's loss comes from: the schemes between the reference and it, each with one source of error more.
// Evaluated side by side, the difference of two neighbours is what that source costs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <qeval/kernel/compute.hpp>
#include <qeval/scheme/spec.hpp>

namespace qeval {

struct attribution_step {
    std::string part; // "weights", "activations", "accumulation", "compute", "KV cache"
    scheme_spec spec; // everything up to and with this part; the last one is the scheme itself
};

//   weights       quantized weights, f32 activations, exact path
//   activations   inputs of matrix products rounded to their format, products and sums still in f32
//   accumulation  the scheme's own kernel in the place of the exact path: integer sums, another order of additions
//   compute       operands and results rounded to the compute type
//   KV cache      keys and values read back from their format
// Parts that a scheme does not have are left out; `source` has none. A format that rounds inputs by a rule of its own
// (LLM.int8: `splits_inputs`) has one step for that and its sums.
[[nodiscard]] inline std::vector<attribution_step> attribution_steps(scheme_spec const& full,
                                                                     bool               splits_inputs = false) {
    std::vector<attribution_step> steps;
    scheme_spec                   s = full;
    s.activations                   = nullptr;
    s.kv.clear();
    s.compute      = compute_type::f32;
    s.exact_sums   = true;
    auto const add = [&](std::string part) { steps.push_back({std::move(part), s}); };
    if (s.weights != "source") add("weights");
    if (full.activations != nullptr) {
        s.activations = full.activations;
        add("activations");
    }
    s.exact_sums = full.exact_sums;
    if (!s.exact_sums && full.activations != nullptr) add("accumulation");
    if (!s.exact_sums && full.activations == nullptr && splits_inputs) add("activations, accumulation");
    if (full.compute != compute_type::f32) {
        s.compute = full.compute;
        add("compute");
    }
    if (!full.kv.empty()) {
        s.kv = full.kv;
        add("KV cache");
    }
    for (auto& step : steps) step.spec.name = full.name + " [" + step.part + "]";
    if (!steps.empty()) steps.back().spec.name = full.name;
    return steps;
}

} // namespace qeval
