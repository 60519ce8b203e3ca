// The memory that a model takes under a scheme, before any weight is read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/description.hpp>
#include <qeval/scheme/plan.hpp>
#include <qeval/scheme/planned_matrices.hpp>

namespace qeval {

// Bytes.
struct memory_plan {
    std::uint64_t made                  = 0; // matrices that the scheme encodes
    std::uint64_t largest               = 0; // the largest of them: there are two while it is put in the kernels' order
    std::uint64_t mapped                = 0; // matrices that stay where the file has them
    std::uint64_t vectors               = 0; // norms, biases and the like, in 32 bits
    std::optional<std::uint64_t> scales = 0; // of the matrices' bytes: scales, zeros, offsets; nothing: not apart

    [[nodiscard]] std::uint64_t needed() const { return made + largest + vectors; } // mapped pages can be given up
};

// Matrices whose format this program does not know are not counted.
[[nodiscard]] inline memory_plan plan_memory(std::span<planned_matrix const> matrices, model_description const& model) {
    memory_plan   memory;
    std::uint64_t weights = 0;
    for (auto const& m : matrices) {
        weights += static_cast<std::uint64_t>(m.slot.rows * m.slot.cols);
        if (m.choice.format == nullptr) continue;
        auto const bytes = static_cast<std::uint64_t>(m.bytes());
        if (m.in_place) {
            memory.mapped += bytes;
        } else {
            memory.made += bytes;
            memory.largest = std::max(memory.largest, bytes);
        }
        auto const scales = m.choice.format->parameter_bytes(m.slot.rows, m.slot.cols);
        if (!scales) memory.scales.reset();
        if (memory.scales) *memory.scales += static_cast<std::uint64_t>(*scales);
    }
    auto const parameters = static_cast<std::uint64_t>(model.parameters());
    memory.vectors        = 4 * (parameters - std::min(weights, parameters));
    return memory;
}
[[nodiscard]] inline memory_plan plan_memory(scheme_plan const& plan, model_description const& model,
                                             tensor_finder const& find) {
    return plan_memory(planned_matrices(plan, model, find), model);
}

// What a forward pass over `tokens` tokens works in, at most, beside weights and cache: rows of floats. The hidden
// states, their sum and their norm; of a layer all outputs of its attention, or of its feed-forward block, experts
// one after the other; and the logits of as many rows.
[[nodiscard]] inline std::uint64_t pass_bytes(model_description const& model, index tokens) {
    index widest = 0, logits = 0;
    for (index layer = -1, at = 0; at < static_cast<index>(model.matrices.size());) {
        index attention = 0, block = 0;
        layer = model.matrices[static_cast<std::size_t>(at)].layer;
        for (; at < static_cast<index>(model.matrices.size()); ++at) {
            auto const& m = model.matrices[static_cast<std::size_t>(at)];
            if (m.layer != layer) break;
            if (m.role == tensor_role::head || m.tied) logits = std::max(logits, m.rows);
            if (layer < 0) continue;
            if (m.role >= tensor_role::router) {
                if (m.member <= 0) block += m.rows;
            } else {
                attention += m.rows;
            }
        }
        widest = std::max({widest, attention, block});
    }
    return 4 * static_cast<std::uint64_t>(tokens) * static_cast<std::uint64_t>(3 * model.width() + widest + logits);
}

} // namespace qeval
