// qeval eval: tasks x schemes, one table.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/cli/host_facts.hpp>
#include <qeval/cli/interrupt.hpp>
#include <qeval/cli/loaded_model.hpp>
#include <qeval/cli/options.hpp>
#include <qeval/eval/evaluation.hpp>
#include <qeval/io/atomic_file.hpp>
#include <qeval/report/attribution_table.hpp>
#include <qeval/report/progress_line.hpp>
#include <qeval/report/results_json.hpp>
#include <qeval/report/scheme_table.hpp>
#include <qeval/report/summary.hpp>
#include <qeval/scheme/attribution.hpp>

namespace qeval::cli {

class eval_command {
public:
    eval_command(format_table formats, eval_options options) : formats_(std::move(formats)), options_(std::move(options)) {}

    exit_status run() {
        std::map<std::string, scheme_spec> specs; // all names are checked before any work
        for (auto const& s : options_.schemes) specs.emplace(s, parse_scheme(s));
        specs.emplace(options_.reference, parse_scheme(options_.reference));
        std::vector<std::string> const rows = options_.attribute ? add_attribution(specs) : options_.schemes;
        if (!options_.output_path.empty()) std::filesystem::create_directories(options_.output_path);

        loaded_model model(formats_, options_.model);
        for (auto const& [name, spec] : specs) {
            (void)model.plan(spec);
            (void)formats_.kv(spec.kv);
        }
        auto const tasks = load_tasks(model);

        progress_line      progress(is_terminal(2), options_.output.quiet);
        evaluation_options how;
        how.reference       = options_.reference;
        how.schemes         = rows;
        how.statistics.seed = options_.seed;
        how.progress        = [&](evaluation_progress const& p) {
            interrupt::check();
            progress(p);
        };
        std::map<std::string, built_model> built; // accounts; the models move into their engines
        auto const make = [&](std::string const& scheme) {
            reset_peak_memory();
            auto& b = built[scheme] = model.build(specs.at(scheme));
            return model.engine(std::move(b.model));
        };
        auto const describe = [&](auto&, scheme_scores& scores, scheme_run& run) {
            auto const& b          = built.at(scores.scheme);
            scores.bits_per_weight = b.account.bits_per_weight();
            scores.weight_bytes    = b.account.weight_bytes;
            scores.notes           = b.account.notes;
            scores.origin          = {{"recipe", b.recipe}};
            for (auto const& k : b.account.kernels) run.kernel += (run.kernel.empty() ? "" : ", ") + k;
            run.peak_bytes = peak_memory();
            peak_          = std::max(peak_, run.peak_bytes);
        };
        auto result = evaluate<builtin_tasks>(tasks, how, make, describe);
        progress.clear();
        add_facts(result, model);
        write(result);
        print(result);
        return exit_status::ok;
    }

private:
    // The steps between the reference and each scheme become rows of their own; returns all rows in order.
    [[nodiscard]] std::vector<std::string> add_attribution(std::map<std::string, scheme_spec>& specs) {
        std::vector<std::string> rows;
        for (auto const& s : options_.schemes) {
            attributed_.push_back({s, {}});
            auto const format = formats_.find(specs.at(s).weights);
            for (auto const& step : attribution_steps(specs.at(s), format != nullptr && format->has_outliers())) {
                attributed_.back().parts.emplace_back(step.part, step.spec.name);
                specs.emplace(step.spec.name, step.spec);
                rows.push_back(step.spec.name);
            }
            rows.push_back(s); // once only: the evaluation leaves out what it has
        }
        return rows;
    }
    [[nodiscard]] std::vector<builtin_tasks::any> load_tasks(loaded_model const& model) const {
        std::filesystem::path const data = options_.data.empty() ? model.directory() / "data" : std::filesystem::path(options_.data);
        std::vector<builtin_tasks::any> tasks;
        for (auto const& name : options_.tasks) {
            task_options how{options_.chunks > 0 && reads_text(name) ? options_.chunks : options_.limit, options_.ctx, {}};
            if (options_.parse_special) how.specials = true;
            tasks.push_back(builtin_tasks::load(name, data / builtin_tasks::file_of(name), how));
        }
        return tasks;
    }
    [[nodiscard]] static bool reads_text(std::string_view name) {
        bool text = false;
        builtin_tasks::for_each([&]<class T>() { text = text || (text_task<T> && T::name == name); });
        return text;
    }
    void add_facts(evaluation_result& result, loaded_model& model) const {
        auto& origin = result.scores.origin;
        origin       = {{"architecture", model.config().architecture}, {"weights sha256", model.weights_sha256()}, {"tokenizer sha256", model.words().hash()}};
        if (model.importance() != nullptr) origin.push_back({"importance matrix sha256", model.importance()->sha256()});
        for (auto const& fact : build_facts()) origin.push_back(fact);
        result.run.host       = host_facts();
        result.run.threads    = model.pool().size();
        result.run.peak_bytes = peak_;
    }
    void write(evaluation_result const& result) const {
        if (options_.output_path.empty()) return;
        std::filesystem::path const dir(options_.output_path);
        write_file(dir / "results.json", json_text(results_json(result), 2) + "\n");
        write_file(dir / "summary.md", summary_markdown(result));
        for (std::size_t t = 0; !result.scores.schemes.empty() && t < result.scores.schemes[0].tasks.size(); ++t) {
            std::string lines;
            for (auto const& s : result.scores.schemes) lines += samples_jsonl(s.scheme, s.tasks[t]);
            write_file(dir / ("samples_" + result.scores.schemes[0].tasks[t].task + ".jsonl"), lines);
        }
    }
    void print(evaluation_result const& result) const {
        if (options_.output.json) {
            std::fputs((json_text(results_json(result), 2) + "\n").c_str(), stdout);
            return;
        }
        bool const color = is_terminal(1) && std::getenv("NO_COLOR") == nullptr;
        std::fputs(scheme_table(result).terminal(color).c_str(), stdout);
        if (options_.output.quiet) return;
        auto const& first = result.scores.schemes[0];
        std::string notes;
        if (!first.texts.empty()) {
            auto const& p = first.texts[0].perplexity;
            notes += " perplexity: " + p.protocol + text("; {} tokens scored in {} windows.", p.scored_tokens, p.windows) + "\n";
        }
        if (!first.tasks.empty()) {
            notes += text(" {}: {} items; flips: items won (+) and lost (-) against {}; p: exact McNemar, two-sided.\n", first.tasks[0].task,
                          first.tasks[0].items, result.scores.reference);
        }
        notes += text(" tok/s: reading the text, {} threads. {:.1f} s in all, peak memory {}.\n", result.run.threads, result.run.seconds,
                      bytes_text(result.run.peak_bytes));
        for (std::size_t t = 1; t < first.tasks.size(); ++t) {
            notes += "\n " + first.tasks[t].task + "\n" + task_table(result, t).terminal(color);
        }
        if (!attributed_.empty() && !first.texts.empty()) {
            notes += "\n where the loss comes from, on " + first.texts[0].task.task + "\n" + attribution_table(result, attributed_).terminal(color);
        }
        std::size_t fallbacks = 0;
        for (auto const& s : result.scores.schemes) fallbacks += s.notes.size();
        if (fallbacks > 0) notes += text(" {} fallbacks; the first: {}\n", fallbacks, first_note(result));
        if (!options_.output_path.empty()) notes += " Written to " + options_.output_path + ": results.json, summary.md, samples.\n";
        std::fputs(notes.c_str(), stdout);
    }
    [[nodiscard]] static std::string first_note(evaluation_result const& result) {
        for (auto const& s : result.scores.schemes) {
            if (!s.notes.empty()) return s.scheme + ", " + s.notes[0];
        }
        return "";
    }

    format_table  formats_;
    eval_options  options_;
    std::uint64_t peak_ = 0;
    std::vector<attributed_scheme> attributed_; // --attribute
};

} // namespace qeval::cli
