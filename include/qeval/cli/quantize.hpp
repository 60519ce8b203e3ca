// qeval quantize: quantizes a checkpoint under a scheme and writes a Hugging Face directory, which qeval reads back.
#pragma once

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/tables_command.hpp>
#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/cli/model/output_file.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/version.hpp>
#include <qeval/io/checkpoint/companion_files.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/file/folder_lock.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/safetensors/safetensors_writer.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::cli {

struct quantize_command : private tables_command<quantize_options> {
    using tables_command::tables_command;

    exit_status run() {
        loaded_model model(tables_, options_.model);
        if (!model.file().hf_config()) {
            throw usage_error{{"CL02", "--model " + qeval::quoted(options_.model.model), "a GGUF file",
                               "a Hugging Face directory",
                               "the result is such a directory: its config.json and tokenizer come from the model's"}};
        }
        matrix_builder builder(model.plan(parse_scheme(options_.scheme)), model.pool(), model.encoding());
        plan(model, builder);
        report(builder);
        if (options_.dry_run) return exit_status::ok;

        std::filesystem::path const out(options_.output_path);
        refuse_own_input(out, model);
        make_folder(out);
        folder_lock const writer(out);
        write_safetensors(
            out / "model.safetensors", plans_, {{"format", "pt"}, {"quantized_by", "qeval " + std::string(version)}},
            [&](tensor_plan const& p, byte_sink const& sink) {
                auto const slot = slots_.find(p.name);
                if (slot == slots_.end()) return sink(model.source().find(p.name)->bytes);
                builder.pack(slot_tensor(finder_in(model.source()), slot->second), slot->second).packed->write(sink);
            });
        write_file(out / "config.json", json_text(config(model), 2) + "\n");
        for (auto const& from : copied(model)) {
            mapped_file const file(from);
            write_file(out / from.filename(), file.read_text(0, file.size()));
        }
        return exit_status::ok;
    }

private:
    // What goes with the model: the files beside its weights, or those of --tokenizer in their place.
    [[nodiscard]] std::vector<std::filesystem::path> copied(loaded_model const& model) const {
        auto                        files = companion_files(model.file().tokenizer_directory());
        std::filesystem::path const other = options_.model.tokenizer;
        if (other.empty()) return files;
        auto const others = std::filesystem::is_directory(other) ? companion_files(other) : std::vector{other};
        for (auto const& f : others) std::erase_if(files, [&](auto const& g) { return g.filename() == f.filename(); });
        files.insert(files.end(), others.begin(), others.end());
        return files;
    }
    // Refuses a folder in which the result would take the place of what it is made from.
    void refuse_own_input(std::filesystem::path const& out, loaded_model const& model) const {
        refuse_folder_of(model, options_.model, out);
        std::vector<std::filesystem::path> written = {"model.safetensors", "config.json"};
        for (auto const& f : copied(model)) {
            input_guard::remember(f);
            written.push_back(f.filename());
        }
        for (auto const& name : written) input_guard::refuse_output(out / name, "--output-path");
    }
    // Plans every tensor of the result. Tensors that are not quantized keep their type and shape; quantized matrices
    // become tensors of bytes.
    void plan(loaded_model const& model, matrix_builder const& builder) {
        for (auto const& slot : model.description().matrices) slots_.emplace(slot.name, slot);
        for (auto const& stored : model.source().tensors()) {
            auto const slot = slots_.find(stored.name);
            weights_ += static_cast<std::uint64_t>(stored.count());
            if (slot == slots_.end()) {
                plans_.push_back({stored.name, stored.type, stored.shape});
                bytes_ += stored.bytes.size();
                continue;
            }
            tensor_view t      = stored;
            t.shape            = {slot->second.rows, slot->second.cols};
            auto const  choice = builder.plan().choose(slot->second, t);
            auto const  format = builder.format(choice, t);
            index const size   = format->bytes(t.shape[0], t.shape[1]);
            bytes_ += static_cast<std::uint64_t>(size);
            // Where a class stores matrices transposed, what is written beside others says for itself how it lies.
            if (format->dense() && !slot->second.transposed) {
                plans_.push_back({t.name, std::string(format->name()), t.shape});
            } else {
                plans_.push_back({t.name, "U8", {size}});
                quantized_[t.name] = {{"format", format->name()}, {"shape", t.shape}};
                if (slot->second.transposed) quantized_[t.name]["transposed"] = true;
            }
            if (!choice.note.empty()) notes_.push_back(choice.note);
            if (model.importance() == nullptr || same_name(t.type, format->name())) continue;
            if (auto note = missing_importance(*model.importance(), slot->second, *format); !note.empty())
                notes_.push_back(slot->second.name + ": " + note);
        }
    }
    void report(matrix_builder const& builder) const {
        if (options_.output.quiet) return;
        std::printf("%s: %s\n%zu tensors, %zu of them quantized, %s, %.3f bits a weight in all\n",
                    options_.scheme.c_str(), builder.plan().recipe().c_str(), plans_.size(), quantized_.size(),
                    bytes_text(bytes_).c_str(), 8.0 * static_cast<double>(bytes_) / static_cast<double>(weights_));
        for (auto const& n : notes_) std::printf("fallback: %s\n", n.c_str());
    }
    [[nodiscard]] json config(loaded_model const& model) const {
        mapped_file const file(model.file().tokenizer_directory() / "config.json");
        json              c      = *json_of(file.read_text(0, file.size())); // it was checked when the model was opened
        c["quantization_config"] = {
            {"quant_method", "qeval"}, {"scheme", options_.scheme}, {"version", 1}, {"tensors", quantized_}};
        return c;
    }

    std::map<std::string, tensor_slot> slots_;
    std::vector<tensor_plan>           plans_;
    json                               quantized_ = json::object();
    std::vector<std::string>           notes_;
    std::uint64_t                      bytes_ = 0, weights_ = 0;
};

template <>
struct work_of<quantize_options> : work_by<quantize_command> {};

} // namespace qeval::cli
