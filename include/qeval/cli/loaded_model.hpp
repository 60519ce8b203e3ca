// A checkpoint opened for a command: tensors and configuration, and the tokenizer where a command needs words.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/device.hpp>
#include <qeval/cli/options.hpp>
#include <qeval/cli/program_tables.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/engine/in_process.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/checkpoint/imatrix.hpp>
#include <qeval/io/checkpoint/weights_sha256.hpp>
#include <qeval/io/tokenizer/load_tokenizer.hpp>
#include <qeval/scheme/build.hpp>
#include <qeval/scheme/quantized_source.hpp>

namespace qeval::cli {

// Where a model's data lies: its directory, or its file's.
[[nodiscard]] inline std::filesystem::path model_directory(std::filesystem::path const& model) {
    return std::filesystem::is_directory(model) ? model
           : model.has_parent_path()            ? model.parent_path()
                                                : std::filesystem::path(".");
}

class loaded_model {
public:
    loaded_model(program_tables tables, model_options const& options)
        : tables_(std::move(tables)),
          options_(options),
          pool_(options.threads),
          file_(open_checkpoint(options.model, tables_.formats.gguf_types(), tables_.architectures.gguf_namings(),
                                options.no_mmap ? file_access::read : file_access::map)),
          source_(tables_.formats, file_),
          model_(tables_.architectures.read(file_, source_)) {
        if (!options_.imatrix.empty()) importance_ = read_imatrix(options_.imatrix, description().gguf_names);
    }
    [[nodiscard]] format_table const&      formats() const { return tables_.formats; }
    [[nodiscard]] checkpoint const&        file() const { return file_; }
    [[nodiscard]] quantized_source const&  source() const { return source_; }
    [[nodiscard]] model_description const& description() const { return model_->description(); }
    [[nodiscard]] thread_pool&             pool() { return pool_; }
    [[nodiscard]] importance_matrix const* importance() const { return importance_ ? &*importance_ : nullptr; }
    [[nodiscard]] encode_options encoding() const { return {options_.allow_nonfinite, importance(), options_.repack}; }
    // The tokenizer: read, and compared with the model, when somebody asks for it first. Work on numbers needs none.
    [[nodiscard]] tokenizer const& words() {
        if (!words_) words_ = load_words();
        return *words_;
    }
    // Checked against every matrix, before any of them is touched.
    [[nodiscard]] scheme_plan plan(scheme_spec const& spec) const {
        scheme_plan made(spec, description(), formats(), importance() != nullptr);
        for (auto const& slot : description().matrices) {
            (void)made.choose(slot, expected_tensor(finder_in(source_), slot.name, {slot.rows, slot.cols}));
        }
        return made;
    }

    [[nodiscard]] std::filesystem::path directory() const { return model_directory(options_.model); }
    [[nodiscard]] built_model           build(scheme_spec const& spec) {
                  return build_model(device(pool_), formats(), spec, *model_, source_, pool_, encoding());
    }
    [[nodiscard]] std::unique_ptr<any_engine> engine(std::unique_ptr<causal_lm> model) {
        std::vector<token> ends;
        for (index id : description().facts.eos) ends.push_back(static_cast<token>(id));
        return std::make_unique<in_process<tokenizer>>(std::move(model), words(),
                                                       batch_limits{options_.batch_tokens, 64}, ends);
    }
    // The weights' identity: every byte of the files is read, at the first call only.
    [[nodiscard]] std::string const& weights_hash() {
        if (weights_hash_.empty()) weights_hash_ = weights_sha256(file_.tensors(), pool_);
        return weights_hash_;
    }

private:
    [[nodiscard]] tokenizer load_words() const {
        auto const path  = tokenizer_path();
        tokenizer  words = load_tokenizer(path);
        if (static_cast<index>(words.vocab_size()) <= description().vocab_size) return words;
        throw file_error{{"CF02", path.string(), std::to_string(words.vocab_size()) + " tokens",
                          "at most the model's " + std::to_string(description().vocab_size),
                          "a tokenizer of another model"}};
    }
    [[nodiscard]] std::filesystem::path tokenizer_path() const {
        if (!options_.tokenizer.empty()) return options_.tokenizer;
        return file_.kind() == "gguf" ? std::filesystem::path(options_.model) : file_.tokenizer_directory();
    }

    program_tables                                      tables_;
    model_options                                       options_;
    thread_pool                                         pool_;
    checkpoint                                          file_;
    quantized_source                                    source_;
    std::unique_ptr<model_blueprint<device_type> const> model_;
    std::optional<tokenizer>                            words_; // empty: nobody has asked yet
    std::optional<importance_matrix>                    importance_;
    std::string                                         weights_hash_; // empty: nobody has asked yet
};

} // namespace qeval::cli
