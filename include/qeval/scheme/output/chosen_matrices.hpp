// The matrices of a model with the formats that a scheme gives them, what reports say about it, and how they are made:
// what every output format asks.
#pragma once

#include <functional>
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
#include <qeval/scheme/output/exact_forms.hpp>
#include <qeval/scheme/output/planned_output.hpp>
#include <qeval/scheme/planned_matrices.hpp>

namespace qeval {

struct chosen_matrix {
    tensor_slot                       slot;
    std::shared_ptr<any_format const> format;
    exact_form const*                 from = nullptr; // it is made of the scheme's matrix; nothing: it is that
};

class chosen_matrices {
public:
    // `holds`: the formats that a container has a place for, by name. Where the scheme's is none of them, and codes are
    // to be taken as they are, another one with the same numbers stands in for it.
    explicit chosen_matrices(quantization const& q, bool (*holds)(any_format const&) = nullptr) : q_(&q) {
        for (auto& m : planned_matrices(q.builder.plan(), q.description, finder_in(q.source), q.importance)) {
            auto format = q.builder.format(m.choice, *q.source.find(m.slot.name)); // refuses one that is not known
            if (!m.choice.note.empty()) notes_.push_back(std::move(m.choice.note));
            if (!m.unweighed.empty()) notes_.push_back(m.slot.name + ": " + m.unweighed);
            auto const name = m.slot.name;
            chosen_.emplace(name, held(chosen_matrix{std::move(m.slot), std::move(format)}, holds));
        }
    }
    // The matrix of that canonical name; nullptr: a tensor that no scheme quantizes, or one that is no matrix.
    [[nodiscard]] chosen_matrix const* find(std::string_view name) const {
        auto const at = chosen_.find(name);
        return at == chosen_.end() ? nullptr : &at->second;
    }
    // Stored tensors get another order of rows by `ordered` before they are encoded.
    void set_order(std::function<tensor_view(tensor_view)> ordered) { ordered_ = std::move(ordered); }
    // Encodes it, or takes it as it is stored.
    [[nodiscard]] std::unique_ptr<any_packed> pack(chosen_matrix const& m) const {
        auto stored = slot_tensor(finder_in(q_->source), m.slot);
        if (ordered_) stored = ordered_(std::move(stored));
        auto packed = q_->builder.pack(stored, m.slot).packed;
        if (m.from == nullptr) return packed;
        auto const made = m.from->make(*packed, m.slot.name, q_->builder.pool());
        return m.format->read(made->span(), m.slot.rows, m.slot.cols, m.slot.name, made);
    }
    // The same, and sends its bytes.
    void               write(chosen_matrix const& m, byte_sink const& sink) const { pack(m)->write(sink); }
    [[nodiscard]] auto begin() const { return chosen_.begin(); } // by names
    [[nodiscard]] auto end() const { return chosen_.end(); }
    [[nodiscard]] std::vector<std::string> const& notes() const { return notes_; }

private:
    [[nodiscard]] chosen_matrix held(chosen_matrix m, bool (*holds)(any_format const&)) const {
        if (!q_->from_quantized || holds == nullptr || m.format->dense() || holds(*m.format)) return m;
        for (auto const& form : exact_forms) {
            auto const name   = form.to(m.format->name(), m.slot.cols);
            auto const format = name.empty() ? nullptr : q_->builder.plan().formats().find(name);
            if (format != nullptr && holds(*format)) return {m.slot, format, &form};
        }
        return m;
    }

    quantization const*                               q_;
    std::map<std::string, chosen_matrix, std::less<>> chosen_;
    std::vector<std::string>                          notes_;
    std::function<tensor_view(tensor_view)>           ordered_; // nothing: as they are
};

} // namespace qeval
