// The matrices of a model with the formats that a scheme gives them, what reports say about it, and how they are made:
// what every output format asks.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/role.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/scheme/output/planned_output.hpp>
#include <qeval/scheme/planned_matrices.hpp>

namespace qeval {

struct chosen_matrix {
    tensor_slot                       slot;
    std::shared_ptr<any_format const> format;
};

class chosen_matrices {
public:
    explicit chosen_matrices(quantization const& q) : q_(&q) {
        for (auto& m : planned_matrices(q.builder.plan(), q.description, finder_in(q.source), q.importance)) {
            auto format = q.builder.format(m.choice, *q.source.find(m.slot.name)); // refuses one that is not known
            if (!m.choice.note.empty()) notes_.push_back(std::move(m.choice.note));
            if (!m.unweighed.empty()) notes_.push_back(m.slot.name + ": " + m.unweighed);
            auto const name = m.slot.name;
            chosen_.emplace(name, chosen_matrix{std::move(m.slot), std::move(format)});
        }
    }
    // The matrix of that canonical name; nullptr: a tensor that no scheme quantizes, or one that is no matrix.
    [[nodiscard]] chosen_matrix const* find(std::string_view name) const {
        auto const at = chosen_.find(name);
        return at == chosen_.end() ? nullptr : &at->second;
    }
    // Encodes it, or takes it as it is stored, and sends its bytes.
    void write(chosen_matrix const& m, byte_sink const& sink) const {
        q_->builder.pack(slot_tensor(finder_in(q_->source), m.slot), m.slot).packed->write(sink);
    }
    [[nodiscard]] std::vector<std::string> const& notes() const { return notes_; }

private:
    quantization const*                               q_;
    std::map<std::string, chosen_matrix, std::less<>> chosen_;
    std::vector<std::string>                          notes_;
};

} // namespace qeval
