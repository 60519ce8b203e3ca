// A checkpoint as qeval compare reads it: every matrix as its model multiplies it, whatever its container makes of it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/cli/base/device.hpp>
#include <qeval/cli/base/program_tables.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/io/tensor/double_numbers.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/report/tensor_difference.hpp>
#include <qeval/scheme/method/quantized_source.hpp>
#include <qeval/scheme/output/gguf_classes.hpp>
#include <qeval/scheme/output/gguf_row_order.hpp>

namespace qeval::cli {

class compared_checkpoint {
public:
    // The pool must outlive it.
    compared_checkpoint(program_tables const& tables, std::string const& path, thread_pool& pool)
        : file_(open_checkpoint(path, tables.formats.gguf_types(), tables.architectures.gguf_namings())),
          source_(tables.formats, file_, pool) {
        if (!file_.hf_config() && !is_gguf()) return;
        try {
            model_ = tables.architectures.read(file_, source_);
        } catch (error const& e) { // a model that is not known has tensors all the same
            notes_.push_back(path + ": tensors are compared as they are stored: " + e.what());
            return;
        }
        for (auto const& slot : model_->description().matrices) slots_.emplace(slot.name, &slot);
        for (auto const& t : source_.tensors()) {
            if (auto name = shared_name(t.name); name != t.name) others_.emplace(std::move(name), t.name);
        }
    }
    compared_checkpoint(compared_checkpoint const&)            = delete;
    compared_checkpoint& operator=(compared_checkpoint const&) = delete;

    [[nodiscard]] bool                            is_gguf() const { return file_.metadata() != nullptr; }
    [[nodiscard]] std::vector<std::string> const& notes() const { return notes_; }

    // What find() knows. `as_gguf`: with the conventions of a GGUF, because the other one is one.
    [[nodiscard]] std::vector<std::string> names(bool as_gguf) const {
        std::vector<std::string> all;
        for (auto const& t : source_.tensors()) all.push_back(as_gguf ? shared_name(t.name) : t.name);
        return all;
    }
    // Nothing: it has no such tensor.
    [[nodiscard]] std::optional<compared_tensor> find(std::string_view name, bool as_gguf) const {
        auto const* stored = source_.find(name);
        if (stored == nullptr && as_gguf) {
            auto const at = others_.find(name);
            stored        = at == others_.end() ? nullptr : source_.find(at->second);
        }
        if (stored == nullptr) return {};
        compared_tensor t{without_doubles(*stored)};
        auto const      slot = slots_.find(stored->name);
        if (slot != slots_.end()) t.tensor = slot_tensor(finder_in(source_), *slot->second);
        t.tensor.name = name;
        if (!as_gguf) return t;
        auto& shape = t.tensor.shape;
        while (shape.size() > 1 && shape.front() == 1) shape.erase(shape.begin()); // dimensions that a GGUF has not
        if (is_gguf() || model_ == nullptr || shape.empty()) return t;
        if (auto const* conventions = gguf_class_of(model_->description().architecture)) {
            t.rows = gguf_row_order(*conventions, model_->description(), stored->name, shape[0]);
            t.plus = gguf_norm_plus(*conventions, stored->name);
        }
        return t;
    }

private:
    // What a GGUF's tensor is called here: of two names for one the first of the architecture's list.
    [[nodiscard]] std::string shared_name(std::string const& name) const {
        if (is_gguf() || model_ == nullptr) return name;
        auto const names = model_->description().gguf_names;
        auto       made  = canonical_name(gguf_name(name, names), names);
        bool const stack = made.find('*') != made.npos; // of all experts, where this is one of them
        return stack || source_.find(made) != nullptr ? name : made;
    }

    checkpoint                                                  file_;
    quantized_source                                            source_;
    std::unique_ptr<model_blueprint<device_type> const>         model_; // nullptr: not described
    std::map<std::string_view, tensor_slot const*, std::less<>> slots_;
    std::map<std::string, std::string, std::less<>>             others_; // shared names that are not those stored
    std::vector<std::string>                                    notes_;
};

} // namespace qeval::cli
