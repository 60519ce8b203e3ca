// The memory that a model's weights take under a scheme, before any of them is read.
#pragma once

#include <algorithm>
#include <cstdint>

#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/scheme/plan.hpp>

namespace qeval {

// Bytes.
struct memory_plan {
    std::uint64_t made    = 0; // matrices that the scheme encodes
    std::uint64_t largest = 0; // the largest of them, of which there are two while it is put in the kernels' order
    std::uint64_t mapped  = 0; // matrices that stay where the file has them
    std::uint64_t vectors = 0; // norms, biases and the like, in 32 bits

    [[nodiscard]] std::uint64_t needed() const { return made + largest + vectors; } // mapped pages can be given up
};

// Matrices whose format this program does not know are not counted.
[[nodiscard]] inline memory_plan plan_memory(scheme_plan const& plan, model_description const& model,
                                             tensor_finder const& find) {
    memory_plan   memory;
    std::uint64_t matrices = 0;
    for (auto const& slot : model.matrices) {
        tensor_view const stored = described_tensor(find, slot);
        auto const        choice = plan.choose(slot, stored);
        matrices += static_cast<std::uint64_t>(slot.rows * slot.cols);
        if (choice.format == nullptr) continue;
        auto const bytes    = static_cast<std::uint64_t>(choice.format->bytes(slot.rows, slot.cols));
        bool const whole    = bytes == stored.bytes.size(); // F64 is not, and read as F32
        bool const in_order = !stored.maker && whole && (!slot.transposed || stored.turned);
        if (same_name(stored.type, choice.format->name()) && in_order) {
            memory.mapped += bytes;
        } else {
            memory.made += bytes;
            memory.largest = std::max(memory.largest, bytes);
        }
    }
    memory.vectors = 4 * (static_cast<std::uint64_t>(model.parameters()) -
                          std::min(matrices, static_cast<std::uint64_t>(model.parameters())));
    return memory;
}

} // namespace qeval
