// qeval eval: evaluates schemes on tasks, each scheme compared with the reference.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/base/interrupt.hpp>
#include <qeval/cli/base/message.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/tables_command.hpp>
#include <qeval/cli/evaluation/eval_output.hpp>
#include <qeval/cli/evaluation/eval_rows.hpp>
#include <qeval/cli/evaluation/eval_store.hpp>
#include <qeval/cli/evaluation/eval_tasks.hpp>
#include <qeval/cli/evaluation/failed_items.hpp>
#include <qeval/cli/evaluation/result_files.hpp>
#include <qeval/cli/model/engines.hpp>
#include <qeval/cli/model/latency_run.hpp>
#include <qeval/cli/model/output_file.hpp>
#include <qeval/eval/evaluation_options.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/file/folder_lock.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/report/further_results.hpp>
#include <qeval/report/published/lm_eval_model.hpp>
#include <qeval/report/text/progress_line.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::cli {

struct eval_command : private tables_command<eval_options> {
    using tables_command::tables_command;

    exit_status run() {
        eval_rows const rows = eval_rows::of(options_, tables_.formats);
        // At once: a second run in the folder would do all the work twice, and lose it at the end.
        std::optional<folder_lock> writer;
        if (!options_.output_path.empty()) {
            make_folder(options_.output_path);
            writer.emplace(options_.output_path, part_of(options_));
        }
        builtin_engines engines    = open_engines(rows);
        auto const      style      = style_for(engines);
        auto const      tasks_held = load_eval_tasks(options_, style);
        auto const&     tasks      = *tasks_held;
        refuse_own_inputs(engines);

        progress_line              progress(is_terminal(2), options_.output.quiet);
        std::optional<latency_run> latency;
        if (local_rows* const local = engines.of_kind<local_rows>())
            latency.emplace(*local, options_.latency, progress);
        std::optional<eval_store> store;
        if (!options_.output_path.empty()) store.emplace(options_, fingerprint(engines, tasks));
        auto const leaks = warn_of_leaks(engines, tasks);

        auto const        how    = evaluation(rows, store, progress);
        evaluation_result result = tasks.evaluate(how, engines);
        progress.clear();
        if (options_.shards > 1) return report_shard(result);
        add_facts(result, leaks);
        if (local_rows* const local = engines.of_kind<local_rows>()) result.scores.notes = local->model().notes();
        further_results further{rows.attributed, {}};
        if (latency) {
            further.latency         = measure(*latency, result);
            further.latency_threads = engines.of_kind<local_rows>()->model().pool().size();
        }
        progress.clear();
        write_results(options_, result, further, model_facts(engines, style), tasks.texts());
        print_results(options_, result, further);
        refuse_failed_items(result.run, options_.max_failed);
        return exit_status::ok;
    }

private:
    [[nodiscard]] builtin_engines open_engines(eval_rows const& rows) const {
        std::vector<std::string> all = rows.schemes;
        all.push_back(options_.reference);
        return {all, engine_setting{tables_, options_.model, rows.specs, options_.reference, options_.layer_errors}};
    }
    // By now everything that is read has been opened.
    void refuse_own_inputs(builtin_engines& engines) const {
        if (options_.output_path.empty()) return;
        if (local_rows* const local = engines.of_kind<local_rows>())
            refuse_folder_of(local->model(), options_.model, options_.output_path);
        for (auto const& entry : std::filesystem::directory_iterator(options_.output_path)) {
            if (is_result_name(entry.path().filename().string()))
                input_guard::refuse_output(entry.path(), "--output-path");
        }
    }
    [[nodiscard]] prompt_style style_for(builtin_engines& engines) const {
        local_rows* const local = engines.of_kind<local_rows>();
        return local != nullptr ? local->model().style(options_.wording) : prompt_style();
    }
    // Everything that can change an answer, except for what its own request says.
    [[nodiscard]] static provenance fingerprint(engine_rows& engines, eval_tasks const& tasks) {
        provenance p = engines.origin();
        // Another build may compute other numbers, for example where a format was changed.
        p.emplace_back("program sha256", program_sha256());
        for (auto& fact : tasks.fingerprint()) p.push_back(std::move(fact));
        return p;
    }
    [[nodiscard]] static std::vector<std::string> warn_of_leaks(builtin_engines& engines, eval_tasks const& tasks) {
        local_rows* const local      = engines.of_kind<local_rows>();
        auto const* const importance = local != nullptr ? local->model().importance() : nullptr;
        auto leaks = tasks.leaks(importance != nullptr ? importance->datasets() : std::vector<std::string>());
        for (auto const& leak : leaks) print_message("warning: " + leak + "\n");
        return leaks;
    }
    [[nodiscard]] evaluation_options evaluation(eval_rows const& rows, std::optional<eval_store>& store,
                                                progress_line& progress) const {
        evaluation_options how;
        how.recalled_only         = !options_.stores.empty();
        how.shard                 = {options_.shard, options_.shards};
        how.reference             = options_.reference;
        how.schemes               = rows.schemes;
        how.statistics.seed       = options_.seed;
        how.statistics.max_failed = options_.max_failed;
        how.progress              = [&progress](evaluation_progress const& p) {
            interrupt::check();
            progress(p);
        };
        if (store) store->serve(how);
        return how;
    }
    exit_status report_shard(evaluation_result const& result) const {
        if (!options_.output.quiet)
            std::fputs(text(" shard {}/{}: {:.1f} s, answers are in {}/{}; `qeval merge` makes the results.\n",
                            options_.shard, options_.shards, result.run.seconds, options_.output_path,
                            store_name(options_))
                           .c_str(),
                       stdout);
        refuse_failed_items(result.run, options_.max_failed);
        return exit_status::ok;
    }
    void add_facts(evaluation_result& result, std::vector<std::string> const& leaks) const {
        auto const path = std::filesystem::weakly_canonical(options_.model.model);
        result.scores.origin.insert(result.scores.origin.begin(), {"model", path.filename().string()});
        for (auto& s : result.scores.schemes) {
            if (s.scheme != options_.reference) s.notes.insert(s.notes.begin(), leaks.begin(), leaks.end());
        }
        result.run.host = host_facts();
    }
    [[nodiscard]] lm_eval_model model_facts(builtin_engines& engines, prompt_style const& style) const {
        lm_eval_model facts{options_.model.model, 0, 0, {}, {}, -1, -1};
        facts.system_instruction   = style.system;
        facts.fewshot_as_multiturn = style.turns;
        if (style.chat) facts.chat_template = style.chat->rules->name;
        local_rows* const local = engines.of_kind<local_rows>();
        if (local == nullptr) return facts;
        auto const& words = local->model().words();
        facts.parameters  = local->model().description().parameters();
        facts.context     = local->model().description().cache.max_tokens;
        facts.bos_id      = words.bos();
        facts.eos_id      = words.eos();
        if (facts.bos_id >= 0) facts.bos = words.piece(words.bos());
        if (facts.eos_id >= 0) facts.eos = words.piece(words.eos());
        return facts;
    }
    // Measures latency on models that are built anew, so that no caches of an evaluation are in memory.
    [[nodiscard]] std::vector<latency_row> measure(latency_run& latency, evaluation_result const& result) const {
        if (options_.latency.batches.empty()) return {};
        for (auto const& s : result.scores.schemes) {
            if (builtin_engines::is<local_rows>(s.scheme)) latency.measure(s.scheme);
        }
        return latency.rows();
    }
};

template <>
struct work_of<eval_options> : work_by<eval_command> {};

} // namespace qeval::cli
