// A checkpoint that a command has opened: its tensors and configuration, and its tokenizer where a command needs that.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/program_tables.hpp>
#include <qeval/cli/model/model_directory.hpp>
#include <qeval/cli/model/words_place.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/checkpoint/imatrix.hpp>
#include <qeval/io/checkpoint/weights_sha256.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>
#include <qeval/scheme/build.hpp>
#include <qeval/scheme/method/quantized_source.hpp>
#include <qeval/scheme/mix_overrides.hpp>

namespace qeval::cli {

class loaded_model {
public:
    loaded_model(program_tables tables, model_options const& options);

    [[nodiscard]] format_table const&      formats() const { return tables_.formats; }
    [[nodiscard]] checkpoint const&        file() const { return file_; }
    [[nodiscard]] quantized_source const&  source() const { return source_; }
    [[nodiscard]] model_description const& description() const { return model_->description(); }
    [[nodiscard]] thread_pool&             pool() { return pool_; }
    [[nodiscard]] importance_matrix const* importance() const { return importance_ ? &*importance_ : nullptr; }
    [[nodiscard]] encode_options encoding() const { return {options_.allow_nonfinite, importance(), options_.repack}; }
    // The tokenizer. It is read at the first call; commands that work with token ids need none.
    [[nodiscard]] tokenizer const& words() {
        if (!words_) words_ = load_words();
        return *words_;
    }
    // How prompts are put to the model, and how engines that are made from now on end a text. Reads the tokenizer.
    [[nodiscard]] prompt_style style(wording_options const& wanted);
    // What the model's files say that is left aside, a sentence each. Reads the tokenizer.
    [[nodiscard]] std::vector<std::string> notes();
    // The plan of a scheme, checked against every matrix before any of them is read.
    [[nodiscard]] scheme_plan plan(scheme_spec const& spec, mix_overrides overrides = {}) const;

    [[nodiscard]] built_model                 build(scheme_spec const& spec);
    [[nodiscard]] std::unique_ptr<any_engine> engine(std::unique_ptr<causal_lm> model);
    // The hash of all weights (io/checkpoint/weights_sha256.hpp). The first call reads every byte of the files.
    [[nodiscard]] std::string const& weights_hash() {
        if (weights_hash_.empty()) weights_hash_ = weights_sha256(file_.tensors(), pool_);
        return weights_hash_;
    }

private:
    [[nodiscard]] tokenizer   load_words() const;
    [[nodiscard]] words_place where_words_are() const {
        return options_.tokenizer.empty() ? words_of(file_, options_.model) : words_place(options_.tokenizer);
    }

    program_tables                                      tables_;
    model_options                                       options_;
    thread_pool                                         pool_;
    checkpoint                                          file_;
    quantized_source                                    source_;
    std::unique_ptr<model_blueprint<device_type> const> model_;
    std::optional<tokenizer>                            words_; // empty: not yet asked for
    std::optional<importance_matrix>                    importance_;
    token                                               turn_end_ = -1; // by the last style(); -1: none
    std::string                                         chat_note_;     // of the same; empty: none
    std::string                                         weights_hash_;  // empty: not yet asked for
};

} // namespace qeval::cli

#if !defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/cli/model/built_model_body.hpp>
#    include <qeval/cli/model/loaded_engine_body.hpp>
#    include <qeval/cli/model/loaded_model_body.hpp>
#endif
