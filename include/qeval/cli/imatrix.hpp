// qeval imatrix: measures how important the columns of a model's matrices are, and writes a file as llama.cpp's
// llama-imatrix does.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <qeval/calibrate/calibration_text.hpp>
#include <qeval/calibrate/importance.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/tables_command.hpp>
#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/cli/model/output_file.hpp>
#include <qeval/core/counted.hpp>
#include <qeval/engine/request_tokens.hpp>
#include <qeval/io/checkpoint/imatrix_writer.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::cli {

struct imatrix_command : private tables_command<imatrix_options> {
    using tables_command::tables_command;

    exit_status run() {
        std::filesystem::path const target(options_.output_path);
        (void)imatrix_form_of(target); // refuses an unknown form before any work
        auto const   data = read_data_file(options_.calib);
        loaded_model model(tables_, options_.model);
        prepare_output(target, {options_.calib, options_.model.tokenizer, options_.model.imatrix});
        auto const chunks = cut_calibration_text(model.words(), data.bytes,
                                                 {options_.ctx, options_.chunks, options_.parse_special}, data.name);
        refuse_foreign_tokens(chunks.tokens, model.description().vocab_size, 0);

        built_model const    built = model.build(parse_scheme("source"));
        importance_collector collector(
            [&](tensor_slot const& slot) { return name_of(slot, model.description().gguf_names); });
        built.model->observe(std::ref(collector));
        {
            step_line const progress("chunk", chunks.chunks, options_.output.quiet);
            read_calibration_text(*built.model, chunks, options_.model.batch_tokens, options_.process_output, progress);
        }
        auto const& sums = collector.sums();
        write_imatrix(target, sums, {options_.calib, chunks.chunks, chunks.ctx});
        print_written(options_.output,
                      text("{}, {} of {}: {}", counted(sums.size(), "matrices", "matrix"),
                           counted(chunks.chunks, "chunks"), counted(chunks.ctx, "tokens"), display_name(target)),
                      {{"matrices", sums.size()},
                       {"chunks", chunks.chunks},
                       {"chunk_size", chunks.ctx},
                       {"file", target.string()}});
        return exit_status::ok;
    }

private:
    // The name of a matrix in the file: its GGUF name, whatever kind of file the model is; "" for one that is left out.
    // As in llama.cpp the head is left out unless it is asked for: quantizers give it more bits, and weigh its columns
    // alike.
    [[nodiscard]] std::string name_of(tensor_slot const& slot, tensor_names names) const {
        bool const head = slot.role == tensor_role::head || slot.role == tensor_role::embedding; // tied
        return head && !options_.process_output ? "" : gguf_name(slot.name, names);
    }
};

template <>
struct work_of<imatrix_options> : work_by<imatrix_command> {};

} // namespace qeval::cli
