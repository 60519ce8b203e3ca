// What a scheme makes of every matrix of a model, before any of them is read: the one walk that plans, reports,
// estimates of memory and output formats share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <qeval/io/checkpoint/imatrix.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/role.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/scheme/plan.hpp>

namespace qeval {

// What reports say of a matrix whose format weighs errors, and which the importance matrix does not have; else nothing.
// llama.cpp measures no embedding, and heads on request only.
[[nodiscard]] inline std::string missing_importance(importance_matrix const& importance, tensor_slot const& slot,
                                                    any_format const& to) {
    bool const outer = slot.role == tensor_role::embedding || slot.role == tensor_role::head;
    if (outer || !to.weighs_importance() || !importance.find(slot.name, slot.member, slot.members).empty()) return {};
    return "not in " + importance.name() + "; all weights count alike";
}

struct planned_matrix {
    tensor_slot   slot;
    std::string   stored;            // the type that the file has it in
    format_choice choice;            // without a format: a type that this program does not know
    bool          as_stored = false; // in the file's type: nothing is encoded
    bool          in_place  = false; // and where the file has it
    std::string   unweighed = {};    // why all its weights count alike, though there is an importance matrix

    [[nodiscard]] index bytes() const { return choice.format->bytes(slot.rows, slot.cols); }
};

// In the model's order. A matrix that the file lacks, or has in another shape, is CF02.
[[nodiscard]] inline std::vector<planned_matrix> planned_matrices(scheme_plan const&       plan,
                                                                  model_description const& model,
                                                                  tensor_finder const&     find,
                                                                  importance_matrix const* importance = nullptr) {
    std::vector<planned_matrix> all;
    all.reserve(model.matrices.size());
    for (auto const& slot : model.matrices) {
        tensor_view const stored = described_tensor(find, slot);
        planned_matrix    m{slot, stored.type, plan.choose(slot, stored)};
        if (m.choice.format != nullptr) {
            bool const whole = static_cast<std::uint64_t>(m.bytes()) == stored.bytes.size(); // F64, read as F32, is not
            bool const in_order = !stored.maker && whole && (!slot.transposed || stored.turned);
            m.as_stored         = same_name(stored.type, m.choice.format->name());
            m.in_place          = m.as_stored && in_order;
            if (importance != nullptr && !m.as_stored)
                m.unweighed = missing_importance(*importance, slot, *m.choice.format);
        }
        all.push_back(std::move(m));
    }
    return all;
}

} // namespace qeval
