// A GGUF file as llama.cpp's quantizer writes it of the same model.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/gguf/gguf_writer.hpp>
#include <qeval/scheme/ggml_file_types.hpp>
#include <qeval/scheme/output/chosen_matrices.hpp>
#include <qeval/scheme/output/gguf_classes.hpp>
#include <qeval/scheme/output/gguf_contents.hpp>
#include <qeval/scheme/output/gguf_directory_tensors.hpp>
#include <qeval/scheme/output/gguf_from_directory.hpp>
#include <qeval/scheme/output/gguf_from_file.hpp>
#include <qeval/scheme/output/gguf_provenance.hpp>
#include <qeval/scheme/output/gguf_tensor_order.hpp>
#include <qeval/scheme/output/planned_output.hpp>

namespace qeval {

class gguf_output final : public planned_output {
public:
    static constexpr std::string_view name    = "gguf";
    static constexpr bool             is_file = true;

    explicit gguf_output(quantization const& q)
        : q_(q),
          matrices_(q_, [](any_format const& f) { return f.gguf_id().has_value(); }),
          made_(q.file.metadata() != nullptr ? gguf_from_file(q_, matrices_).made()
                                             : gguf_from_directory(q_, matrices_).made()) {
        auto const by_name = [](auto const& a, auto const& b) { return before_in_gguf(a.plan.name, b.plan.name); };
        std::ranges::sort(made_.parts, by_name);
        add_provenance(made_.entries, q_, file_type());
        account_.notes   = matrices_.notes();
        account_.tensors = made_.parts.size();
        account_.notes.insert(account_.notes.end(), made_.notes.begin(), made_.notes.end());
        for (auto const& p : made_.parts) {
            plans_.push_back(p.plan);
            std::uint64_t weights = 1;
            for (index const d : p.plan.shape) weights *= static_cast<std::uint64_t>(d);
            account_.weights += weights;
            account_.bytes += planned_bytes(p.plan);
            account_.quantized += p.quantized ? 1 : 0;
        }
        account_.file_bytes = gguf_size(made_.entries, plans_, made_.alignment);
        if (made_.requantized > 0)
            account_.notes.push_back(std::to_string(made_.requantized) +
                                     " tensors were quantized before, and are quantized a second time from there");
    }
    [[nodiscard]] std::vector<std::filesystem::path> files(std::filesystem::path const& target) const override {
        return {target};
    }
    [[nodiscard]] std::vector<index> row_order(tensor_slot const& slot) const override {
        auto const* known = q_.file.metadata() == nullptr ? gguf_class_of(q_.description.architecture) : nullptr;
        if (known == nullptr) return {};
        return gguf_directory_tensors(q_, matrices_, *known).order_of(slot.name, slot.rows);
    }
    void write(std::filesystem::path const& target) override {
        write_gguf(
            target, made_.entries, plans_,
            [&](gguf_tensor_plan const& p, byte_sink const& sink) {
                made_.parts[static_cast<std::size_t>(&p - plans_.data())].send(sink);
            },
            made_.alignment);
    }

private:
    [[nodiscard]] std::uint32_t file_type() const {
        auto const& plan = q_.builder.plan();
        if (auto const number = ggml_file_type_of(plan.file_type(), plan.main_format())) return *number;
        return made_.file_type.value_or(0);
    }

    quantization                  q_;
    chosen_matrices               matrices_;
    gguf_contents                 made_;
    std::vector<gguf_tensor_plan> plans_; // of its parts
};

} // namespace qeval
