// A Hugging Face directory that qeval reads back (scheme/quantized_source.hpp): every quantized matrix is one U8
// tensor, described in config.json; all other files as the model has them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/version.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/safetensors/safetensors_head.hpp>
#include <qeval/io/safetensors/safetensors_writer.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/output/chosen_matrices.hpp>
#include <qeval/scheme/output/directory_files.hpp>
#include <qeval/scheme/output/planned_output.hpp>

namespace qeval {

class qeval_output final : public planned_output {
public:
    static constexpr std::string_view name    = "qeval";
    static constexpr bool             is_file = false;

    explicit qeval_output(quantization const& q) : q_(q), beside_(q_, name), matrices_(q_) {
        if (beside_.gguf()) {
            throw usage_error{{"CL02", "--output-format qeval", "a model that is a GGUF file",
                               "a Hugging Face directory, or --output-format gguf",
                               "the result is such a directory: its config.json and tokenizer come from the model's"}};
        }
        for (auto const& stored : q.source.tensors()) plan(stored);
        account_.tensors    = plans_.size();
        account_.quantized  = quantized_.size();
        account_.notes      = matrices_.notes();
        config_text_        = json_text(config(), 2) + "\n";
        account_.file_bytes = head_of(plans_, metadata()).file_bytes() + beside_.bytes(config_text_);
    }
    [[nodiscard]] std::vector<std::filesystem::path> files(std::filesystem::path const& target) const override {
        auto all = beside_.files(target);
        all.push_back(target / "model.safetensors");
        return all;
    }
    void write(std::filesystem::path const& target) override {
        write_safetensors(target / "model.safetensors", plans_, metadata(),
                          [&](tensor_plan const& p, byte_sink const& sink) {
                              auto const* matrix = matrices_.find(p.name);
                              if (matrix == nullptr) return sink(q_.source.find(p.name)->bytes);
                              matrices_.write(*matrix, sink);
                          });
        beside_.write(target, config_text_);
    }

private:
    // Tensors that are not quantized keep their type and shape; quantized matrices become tensors of bytes.
    void plan(tensor_view const& stored) {
        auto const* matrix = matrices_.find(stored.name);
        account_.weights += static_cast<std::uint64_t>(stored.count());
        if (matrix == nullptr) {
            plans_.push_back({stored.name, stored.type, stored.shape});
            account_.bytes += stored.byte_count();
            return;
        }
        auto const& [slot, format, from] = *matrix;
        index const size                 = format->bytes(slot.rows, slot.cols);
        account_.bytes += static_cast<std::uint64_t>(size);
        // Where a class stores matrices transposed, what is written beside others says for itself how it lies.
        if (format->dense() && !slot.transposed) {
            plans_.push_back({slot.name, std::string(format->name()), {slot.rows, slot.cols}});
            return;
        }
        plans_.push_back({slot.name, "U8", {size}});
        quantized_[slot.name] = {{"format", format->name()}, {"shape", {slot.rows, slot.cols}}};
        if (slot.transposed) quantized_[slot.name]["transposed"] = true;
    }
    static std::map<std::string, std::string> metadata() {
        return {{"format", "pt"}, {"quantized_by", "qeval " + std::string(version)}};
    }
    [[nodiscard]] json config() const {
        json c                   = beside_.config();
        c["quantization_config"] = {{"quant_method", "qeval"},
                                    {"scheme", q_.builder.plan().spec().name},
                                    {"recipe", q_.builder.plan().recipe()},
                                    {"version", 1},
                                    {"tensors", quantized_}};
        if (q_.importance != nullptr) c["quantization_config"]["imatrix_sha256"] = q_.importance->sha256();
        return c;
    }

    quantization             q_;
    directory_files          beside_;
    chosen_matrices          matrices_;
    std::vector<tensor_plan> plans_;
    json                     quantized_ = json::object();
    std::string              config_text_;
};

} // namespace qeval
