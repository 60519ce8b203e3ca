// qeval eval: tasks x schemes, one table.
#pragma once

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/cli/eval_output.hpp>
#include <qeval/cli/host_facts.hpp>
#include <qeval/cli/interrupt.hpp>
#include <qeval/cli/latency_run.hpp>
#include <qeval/cli/loaded_model.hpp>
#include <qeval/cli/memory_check.hpp>
#include <qeval/cli/options.hpp>
#include <qeval/cli/score.hpp>
#include <qeval/eval/builtin_tasks.hpp>
#include <qeval/eval/data/leak_guard.hpp>
#include <qeval/eval/evaluation.hpp>
#include <qeval/eval/store/item_store.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/report/further_results.hpp>
#include <qeval/report/published/question_log.hpp>
#include <qeval/report/text/progress_line.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/scheme/attribution.hpp>
#include <qeval/scheme/published_columns.hpp>
#include <qeval/scheme/weight_errors.hpp>

namespace qeval::cli {

class eval_command {
public:
    eval_command(format_table formats, eval_options options)
        : formats_(std::move(formats)), options_(std::move(options)) {}

    exit_status run() {
        std::map<std::string, scheme_spec> specs; // all names are checked before any work
        for (auto const& s : options_.schemes) specs.emplace(s, parse_scheme(s));
        specs.emplace(options_.reference, parse_scheme(options_.reference));
        std::vector<std::string> rows = options_.attribute ? add_attribution(specs) : options_.schemes;
        if (options_
                .noise_floor) { // what differs without any quantization: the reference's weights in other compute types
            for (std::string const name : {"source@bf16", "source@f16"}) {
                specs.emplace(name, parse_scheme(name));
                rows.insert(rows.begin(), name);
            }
        }
        if (!options_.output_path.empty()) make_folder(options_.output_path);

        loaded_model model(formats_, options_.model);
        for (auto const& [name, spec] : specs) {
            refuse_too_large(model, spec, model.plan(spec), usable_memory());
            (void)formats_.kv(spec.kv);
        }
        auto const tasks = load_tasks(model);

        progress_line      progress(is_terminal(2), options_.output.quiet);
        latency_run        latency(model, options_.latency, progress);
        evaluation_options how;
        how.recalled_only = !options_.stores.empty();
        std::optional<item_store> store;
        if (!options_.output_path.empty()) {
            std::filesystem::path const path = std::filesystem::path(options_.output_path) / store_name();
            if (options_.restart) item_store::forget(path);
            store.emplace(path, fingerprint(model, tasks));
            for (auto const& other : options_.stores) store->take_over(other);
            store->keep_command(options_.words);
            how.memory = store->memory();
            if (options_.layer_errors) { // facts of a run without them are not all that is wanted
                how.memory.find_scheme = [this, find = how.memory.find_scheme](std::string_view scheme) {
                    auto facts = find(scheme);
                    return facts && facts->tensors.empty() && scheme != options_.reference ? std::nullopt : facts;
                };
            }
        }
        std::optional<question_log> log;
        if (store && !how.recalled_only) {
            log.emplace(std::filesystem::path(options_.output_path) / "questions.log");
            how.answered = std::ref(*log);
        }
        how.shard           = {options_.shard, options_.shards};
        how.reference       = options_.reference;
        how.schemes         = rows;
        how.statistics.seed = options_.seed;
        how.progress        = [&](evaluation_progress const& p) {
            interrupt::check();
            progress(p);
        };
        auto const leaks = leaks_of(used_data_of(model, tasks));
        for (auto const& leak : leaks) std::fprintf(stderr, "warning: %s\n", leak.c_str());
        std::map<std::string, built_model> built; // accounts; the models move into their engines
        auto const                         make = [&](std::string const& scheme) {
            reset_peak_memory();
            auto& b = built[scheme] = model.build(specs.at(scheme));
            return model.engine(std::move(b.model));
        };
        auto const describe = [&](auto&, scheme_scores& scores, scheme_run& run) {
            auto const& b          = built.at(scores.scheme);
            scores.bits_per_weight = b.account.bits_per_weight();
            scores.weight_bytes    = b.account.weight_bytes;
            scores.notes           = b.account.notes;
            if (scores.scheme != options_.reference)
                scores.notes.insert(scores.notes.begin(), leaks.begin(), leaks.end());
            auto const columns = published_columns_of(specs.at(scores.scheme), formats_);
            scores.origin      = {{"recipe", b.recipe},
                                  {"quant type", columns.type},
                                  {"compute dtype", columns.compute},
                                  {"double quant", columns.double_quantized},
                                  {"group size", columns.group}};
            if (options_.layer_errors && scores.scheme != options_.reference) {
                for (auto& e : weight_errors(model.plan(specs.at(scores.scheme)), model.config(), model.source(),
                                             model.pool(), model.encoding()))
                    scores.tensors.push_back({std::move(e.name), std::move(e.format), e.relative_rmse});
            }
            for (auto const& k : b.account.kernels) run.kernel += (run.kernel.empty() ? "" : ", ") + k;
            run.peak_bytes = peak_memory();
            peak_          = std::max(peak_, run.peak_bytes);
        };
        auto result = evaluate<builtin_tasks>(tasks, how, make, describe);
        progress.clear();
        if (options_.shards > 1) {
            if (!options_.output.quiet)
                std::fputs(text(" shard {}/{}: {:.1f} s, answers are in {}/{}; `qeval merge` makes the results.\n",
                                options_.shard, options_.shards, result.run.seconds, options_.output_path, store_name())
                               .c_str(),
                           stdout);
            return exit_status::ok;
        }
        add_facts(result, model);
        if (!options_.latency.batches.empty()) {
            for (auto const& s : result.scores.schemes) latency.measure(specs.at(s.scheme));
            progress.clear();
        }
        further_.latency = latency.rows();
        write_results(options_, result, further_);
        print_results(options_, result, further_);
        return exit_status::ok;
    }

private:
    // The steps between the reference and each scheme become rows of their own; returns all rows in order.
    [[nodiscard]] std::vector<std::string> add_attribution(std::map<std::string, scheme_spec>& specs) {
        std::vector<std::string> rows;
        for (auto const& s : options_.schemes) {
            further_.attributed.push_back({s, {}});
            auto const format = formats_.find(specs.at(s).weights);
            for (auto const& step : attribution_steps(specs.at(s), format != nullptr && format->has_outliers())) {
                further_.attributed.back().parts.emplace_back(step.part, step.spec.name);
                specs.emplace(step.spec.name, step.spec);
                rows.push_back(step.spec.name);
            }
            rows.push_back(s); // once only: the evaluation leaves out what it has
        }
        return rows;
    }
    [[nodiscard]] std::vector<builtin_tasks::any> load_tasks(loaded_model const& model) const {
        std::filesystem::path const data =
            options_.data.empty() ? model.directory() / "data" : std::filesystem::path(options_.data);
        std::vector<builtin_tasks::any> tasks;
        for (auto const& name : options_.tasks) {
            if (std::count(options_.tasks.begin(), options_.tasks.end(), name) > 1)
                throw usage_error{{"EV06", "--tasks", qeval::quoted(name) + " more than once", "each task once", ""}};
            task_options how;
            how.limit = options_.chunks > 0 && reads_text(name) ? options_.chunks : options_.limit;
            how.ctx   = options_.ctx;
            if (options_.parse_special) how.specials = true;
            if (options_.shots >= 0) how.shots = options_.shots;
            how.split           = options_.split;
            how.code            = code_options_of(options_.code, options_.seed);
            auto const declared = find_declaration(name, data);
            tasks.push_back(declared ? load_declared_task<builtin_tasks>(*declared, how)
                                     : builtin_tasks::load(name, builtin_tasks::locate(name, data), how));
        }
        return tasks;
    }
    // Everything that can change an answer, beside what its own request says.
    [[nodiscard]] provenance fingerprint(loaded_model& model, std::vector<builtin_tasks::any> const& tasks) const {
        provenance p = origin_of(model);
        p.emplace_back("program sha256",
                       program_sha256()); // another build may compute other numbers: a format that was changed does
        for (auto const& any : tasks) {
            std::visit(
                [&]<class T>(T const& task) {
                    p.emplace_back("task " + std::string(name_of_task(task)),
                                   task.protocol() + "; data sha256 " + task.data_sha256);
                },
                any);
        }
        return p;
    }
    // What calibrated the schemes (today: an importance matrix) and what they are evaluated on.
    [[nodiscard]] std::vector<used_data> used_data_of(loaded_model const&                    model,
                                                      std::vector<builtin_tasks::any> const& tasks) const {
        std::vector<used_data> all;
        if (model.importance() != nullptr) {
            for (auto const& name : model.importance()->datasets())
                all.push_back({used_data::role::calibration, name, {}});
        }
        std::filesystem::path const folder =
            options_.data.empty() ? model.directory() / "data" : std::filesystem::path(options_.data);
        for (std::size_t t = 0; t < tasks.size(); ++t) {
            bool const declared = find_declaration(options_.tasks[t], folder).has_value();
            auto const hash     = std::visit([](auto const& task) { return task.data_sha256; }, tasks[t]);
            all.push_back({used_data::role::evaluation,
                           declared ? options_.tasks[t] : builtin_tasks::locate(options_.tasks[t], folder).string(),
                           hash});
        }
        return all;
    }
    [[nodiscard]] std::string store_name() const {
        return options_.shards == 1
                   ? "store.sqlite"
                   : "store-" + std::to_string(options_.shard) + "-of-" + std::to_string(options_.shards) + ".sqlite";
    }
    [[nodiscard]] static bool reads_text(std::string_view name) {
        bool text = false;
        builtin_tasks::for_each([&]<class T>() { text = text || (text_task<T> && T::name == name); });
        return text;
    }
    [[nodiscard]] static provenance origin_of(loaded_model& model) {
        provenance origin = {{"architecture", model.config().architecture},
                             {"weights sha256", model.weights_hash()},
                             {"tokenizer sha256", model.words().hash()}};
        if (model.importance() != nullptr) {
            origin.push_back({"importance matrix sha256", model.importance()->sha256()});
            std::string names;
            for (auto const& name : model.importance()->datasets())
                names.append(names.empty() ? "" : ", ").append(name);
            if (!names.empty()) origin.push_back({"importance matrix made from", std::move(names)});
        }
        for (auto const& fact : build_facts()) origin.push_back(fact);
        return origin;
    }
    void add_facts(evaluation_result& result, loaded_model& model) const {
        auto const path      = std::filesystem::weakly_canonical(options_.model.model);
        result.scores.origin = origin_of(model);
        result.scores.origin.insert(result.scores.origin.begin(), {"model", path.filename().string()});
        result.run.host       = host_facts();
        result.run.threads    = model.pool().size();
        result.run.peak_bytes = peak_;
    }

    format_table    formats_;
    eval_options    options_;
    std::uint64_t   peak_ = 0;
    further_results further_;
};

} // namespace qeval::cli
