// qeval quantize: quantizes a checkpoint under a scheme, and writes it in an output format.
#pragma once

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/tables_command.hpp>
#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/cli/model/output_file.hpp>
#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/file/folder_lock.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/scheme/mix_overrides.hpp>
#include <qeval/scheme/output/any_output.hpp>
#include <qeval/scheme/output/read_back.hpp>
#include <qeval/scheme/tensor_override.hpp>

namespace qeval::cli {

struct quantize_command : private tables_command<quantize_options> {
    using tables_command::tables_command;

    exit_status run() {
        auto const         format = output_named(options_.output_format);
        auto const         spec   = parse_scheme(options_.scheme);
        loaded_model       model(tables_, options_.model);
        matrix_builder     builder(model.plan(spec, overrides()), model.pool(), model.encoding());
        quantization const asked{model.file(),
                                 model.source(),
                                 model.description(),
                                 builder,
                                 model.importance(),
                                 options_.model.imatrix,
                                 options_.model.tokenizer,
                                 [&model]() -> tokenizer const& { return model.words(); },
                                 options_.from_quantized};
        auto const         made = format.plan(asked);
        report(builder.plan(), made->account());
        if (options_.dry_run) return exit_status::ok;

        std::filesystem::path const out(options_.output_path);
        if (!format.is_file) refuse_folder_of(model, options_.model, out);
        for (auto const& file : made->files(out)) input_guard::refuse_output(file, "--output-path");
        if (format.is_file) {
            prepare_output(out, {});
            made->write(out);
        } else {
            make_folder(out);
            folder_lock const writer(out);
            made->write(out);
        }
        if (options_.from_quantized) prove(asked, *made, out);
        return exit_status::ok;
    }

private:
    // Codes were taken as they are: what was written is read back, and has the numbers that it was made of.
    void prove(quantization const& asked, planned_output const& made, std::filesystem::path const& out) const {
        auto const file =
            open_checkpoint(out, tables_.formats.gguf_types(), tables_.architectures.gguf_namings(), file_access::map);
        auto const proof = read_back(asked, made, quantized_source(tables_.formats, file, asked.builder.pool()));
        if (!options_.output.quiet) {
            std::printf("read back: %lld matrices, %lld values compared, %lld different\n",
                        static_cast<long long>(proof.tensors), static_cast<long long>(proof.values),
                        static_cast<long long>(proof.different));
        }
        if (proof.different == 0) return;
        throw internal_error{
            {"SC11", display_name(out), std::to_string(proof.different) + " values that differ", "none", ""}};
    }
    [[nodiscard]] mix_overrides overrides() const {
        mix_overrides made{options_.pure, options_.output_tensor_type, options_.token_embedding_type, {}};
        for (auto const& text : options_.tensor_types) made.tensors.push_back(tensor_override_of(text));
        return made;
    }
    void report(scheme_plan const& plan, output_account const& a) const {
        if (options_.output.quiet) return;
        std::printf("%s: %s\n%zu tensors, %zu of them quantized, %s, %.3f bits a weight in all\n",
                    options_.scheme.c_str(), plan.recipe().c_str(), a.tensors, a.quantized, bytes_text(a.bytes).c_str(),
                    8.0 * static_cast<double>(a.bytes) / static_cast<double>(a.weights));
        for (auto const& n : a.notes) std::printf("note: %s\n", n.c_str());
    }
};

template <>
struct work_of<quantize_options> : work_by<quantize_command> {};

} // namespace qeval::cli
