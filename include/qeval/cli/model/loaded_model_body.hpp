// The functions of loaded_model that open a checkpoint and plan its matrices.
#pragma once

#include <string>
#include <utility>

#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/checkpoint/companion_files.hpp>
#include <qeval/io/checkpoint/imatrix.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/model/slot_tensor.hpp>

namespace qeval::cli {

QEVAL_DRIVER_ONCE loaded_model::loaded_model(program_tables tables, model_options const& options)
    : tables_(std::move(tables)),
      options_(options),
      pool_(options.threads),
      file_(open_checkpoint(options.model, tables_.formats.gguf_types(), tables_.architectures.gguf_namings(),
                            options.no_mmap ? file_access::read : file_access::map)),
      source_(tables_.formats, file_, pool_),
      model_(tables_.architectures.read(file_, source_, options.context)) {
    if (auto const& folder = file_.tokenizer_directory(); !folder.empty()) // not all of them are read by all commands
        for (auto const& f : companion_files(folder)) input_guard::remember(f);
    if (index const most = description().cache.max_tokens; options.context > most) {
        throw usage_error{{"CL02", "--context " + std::to_string(options.context), "more than the model has positions",
                           "at most " + std::to_string(most), ""}};
    }
    if (!options_.imatrix.empty()) importance_ = read_imatrix(options_.imatrix, description().gguf_names);
}
QEVAL_DRIVER_ONCE scheme_plan loaded_model::plan(scheme_spec const& spec, mix_overrides overrides) const {
    scheme_plan made(spec, description(), formats(), importance() != nullptr, std::move(overrides));
    for (auto const& slot : description().matrices) {
        tensor_view const stored = described_tensor(finder_in(source_), slot);
        (void)formats().stored(stored); // refuses a type that cannot be read
        (void)made.choose(slot, stored);
    }
    return made;
}

} // namespace qeval::cli
