// Loads and evaluates the tasks of eval_tasks.hpp, of all kinds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/cli/base/code_options.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/cli/evaluation/eval_tasks.hpp>
#include <qeval/cli/model/model_directory.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/eval/builtin_tasks.hpp>
#include <qeval/eval/data/leak_guard.hpp>
#include <qeval/eval/engine_rows.hpp>
#include <qeval/eval/evaluation.hpp>
#include <qeval/eval/evaluation_options.hpp>
#include <qeval/eval/loaded_texts.hpp>
#include <qeval/eval/result/asked_texts.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/eval/task/unused_options.hpp>

namespace qeval::cli {

class builtin_eval_tasks final : public eval_tasks {
public:
    builtin_eval_tasks(eval_options const& options, prompt_style const& style)
        : options_(options),
          style_(style),
          folder_(options.data.empty() ? model_directory(options.model.model) / "data"
                                       : std::filesystem::path(options.data)) {
        refuse_unused();
        for (auto const& name : options.tasks) {
            if (std::count(options.tasks.begin(), options.tasks.end(), name) > 1)
                throw usage_error{{"EV06", "--tasks", qeval::quoted(name) + " more than once", "each task once", ""}};
            loaded_.push_back(load(name));
            if (!options.partial) refuse_partial(name);
        }
    }

    [[nodiscard]] evaluation_result evaluate(evaluation_options const& how, engine_rows& rows) const override {
        return qeval::evaluate(loaded_, how, rows);
    }

    [[nodiscard]] provenance fingerprint() const override {
        provenance p;
        for (auto const& task : loaded_) {
            auto const& facts = task->facts();
            p.emplace_back("task " + facts.name, facts.protocol + "; data sha256 " + facts.data_sha256);
        }
        return p;
    }
    [[nodiscard]] asked_texts const&       texts() const override { return texts_; }
    [[nodiscard]] std::vector<std::string> leaks(std::vector<std::string> const& calibrated_on) const override {
        std::vector<used_data> all;
        for (auto const& name : calibrated_on) all.push_back({used_data::role::calibration, name, {}});
        for (std::size_t t = 0; t < loaded_.size(); ++t) {
            std::string const& name     = options_.tasks[t];
            bool const         declared = find_declaration(name, folder_).has_value();
            all.push_back({used_data::role::evaluation, declared ? name : builtin_tasks::locate(name, folder_).string(),
                           loaded_[t]->facts().data_sha256});
        }
        return leaks_of(all);
    }

private:
    // What was asked for, of all tasks.
    [[nodiscard]] task_options asked() const {
        task_options how;
        how.limit   = options_.limit;
        how.windows = options_.chunks;
        how.ctx     = options_.ctx;
        if (options_.parse_special) how.specials = true;
        if (options_.shots >= 0) how.shots = options_.shots;
        how.split = options_.split;
        how.style = style_;
        how.code  = code_options_of(options_.code, options_.seed);
        return how;
    }
    [[nodiscard]] task_option_set used_options(std::string const& name) const {
        auto const declared = find_declaration(name, folder_);
        return declared ? used_options_of_declared<builtin_tasks>(*declared) : builtin_tasks::used_options(name);
    }
    void refuse_unused() const {
        std::vector<used_options_of_task> tasks;
        for (auto const& name : options_.tasks) tasks.push_back({name, used_options(name)});
        if (!options_.ignore_unused) refuse_unused_options(tasks, asked());
    }
    // A score over a part of a published set, or over more than it, would be taken for the set's.
    void refuse_partial(std::string const& name) const {
        auto const& data = loaded_.back()->facts().data;
        if (data.kind != data_kind::partial) return;
        throw file_error{{"EV18", "the data of " + name + ", " + display_name(builtin_tasks::locate(name, folder_)),
                          data.words, "all items of the published set and no others, or only items of your own",
                          "an incomplete or a changed copy; --partial accepts it, and marks every score"}};
    }
    [[nodiscard]] std::unique_ptr<any_task const> load(std::string const& name) const {
        auto const how      = only_used(used_options(name), asked());
        auto const declared = find_declaration(name, folder_);
        if (declared) return load_declared_task<builtin_tasks>(*declared, how);
        auto const path = builtin_tasks::locate(name, folder_);
        if (!std::filesystem::exists(path)) {
            throw file_error{{"IO01", display_name(path), "no such file or folder", "the data of the task " + name,
                              options_.data.empty()
                                  ? "no folder data beside the model: --data names one, or a file"
                                  : "--data at the wrong level; `qeval tasks` says what it has below it"}};
        }
        return builtin_tasks::load(name, path, how);
    }

    eval_options const&   options_;
    prompt_style          style_;
    std::filesystem::path folder_;
    any_tasks             loaded_;
    loaded_texts          texts_{loaded_};
};

QEVAL_DRIVER_ONCE std::unique_ptr<eval_tasks const> load_eval_tasks(eval_options const& options,
                                                                    prompt_style const& style) {
    return std::make_unique<builtin_eval_tasks const>(options, style);
}

} // namespace qeval::cli
