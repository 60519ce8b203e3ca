// What an evaluation with an output path keeps: a store of answers beside the results, and a log of questions.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/evaluation/result_files.hpp>
#include <qeval/eval/evaluation_options.hpp>
#include <qeval/eval/store/item_store.hpp>
#include <qeval/eval/store/outcome_memory.hpp>
#include <qeval/eval/store/tensor_errors_wanted.hpp>
#include <qeval/report/published/question_log.hpp>

namespace qeval::cli {

// Which part of the answers a run makes: "1-of-3"; "": all of them.
[[nodiscard]] inline std::string part_of(eval_options const& options) {
    if (options.shards == 1) return "";
    return std::to_string(options.shard) + "-of-" + std::to_string(options.shards);
}
// The name of the file that has a run's answers. Each shard has a file of its own.
[[nodiscard]] inline std::string store_name(eval_options const& options) {
    auto const part = part_of(options);
    return result_files::store.name(part.empty() ? "" : "-" + part);
}

class eval_store {
public:
    // fingerprint: everything that can change an answer, except for what its own request says.
    eval_store(eval_options const& options, provenance const& fingerprint) {
        std::filesystem::path const folder = options.output_path, path = folder / store_name(options);
        if (options.restart) sqlite_database::remove(path);
        store_.emplace(path, fingerprint);
        for (auto const& other : options.stores) store_->take_over(other);
        store_->keep_command(options.words);
        if (options.layer_errors) demanding_.emplace(*store_, options.reference);
        if (options.stores.empty())
            log_.emplace(folder / result_files::questions.name()); // a run that merges shards asks nothing
    }
    eval_store(eval_store const&)            = delete; // the evaluation refers to it
    eval_store& operator=(eval_store const&) = delete;

    void serve(evaluation_options& how) {
        how.memory = demanding_ ? static_cast<outcome_memory*>(&*demanding_) : &*store_;
        if (log_) how.answered = std::ref(*log_);
    }

private:
    std::optional<item_store>           store_;
    std::optional<tensor_errors_wanted> demanding_;
    std::optional<question_log>         log_;
};

} // namespace qeval::cli
