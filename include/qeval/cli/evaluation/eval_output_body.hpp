// Writes the files and prints the tables of eval_output.hpp.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/cli/evaluation/eval_output.hpp>
#include <qeval/cli/evaluation/result_files.hpp>
#include <qeval/core/counted.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/eval/result/asked_texts.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/report/attribution_table.hpp>
#include <qeval/report/further_results.hpp>
#include <qeval/report/html_report.hpp>
#include <qeval/report/latency/latency_csv.hpp>
#include <qeval/report/latency/latency_table.hpp>
#include <qeval/report/published/lm_eval_export.hpp>
#include <qeval/report/published/opencompass_tree.hpp>
#include <qeval/report/results_csv.hpp>
#include <qeval/report/results_json.hpp>
#include <qeval/report/samples_jsonl.hpp>
#include <qeval/report/scheme_table.hpp>
#include <qeval/report/summary.hpp>
#include <qeval/report/text/item_counts_text.hpp>

namespace qeval::cli {

QEVAL_DRIVER_ONCE void write_results(eval_options const& options, evaluation_result const& result,
                                     further_results const& further, lm_eval_model const& model,
                                     asked_texts const& texts) {
    if (options.output_path.empty()) return;
    std::filesystem::path const dir(options.output_path);
    auto const                  write = [](std::filesystem::path const& path, std::string const& content) {
        make_folder(path.parent_path());
        write_file(path, content);
    };
    auto const& schemes = result.scores.schemes;
    remove_unfinished_files(dir);
    remove_file(dir /
                result_files::results.name()); // while files of two runs are beside each other, the run is not complete
    std::vector<titled_table> sections;
    if (!further.attributed.empty() && !schemes[0].texts.empty()) {
        sections.push_back({"attribution", "Where the loss comes from",
                            "Each source of error, added in turn, on the first text.",
                            attribution_table(result, further.attributed)});
    }
    if (!further.latency.empty()) {
        auto const note = latency_note(options.latency.repetitions, options.latency.warm_ups, further.latency_threads);
        sections.push_back({"latency", "Latency", note, latency_table(further.latency)});
        sections.push_back(
            {"memory", "Memory", "What each scheme occupies while it answers.", memory_table(further.latency)});
        write_file(dir / result_files::performance.name(), latency_csv(further.latency));
    }
    write_file(dir / result_files::summary.name(), summary_markdown(result, further));
    write_file(dir / result_files::report.name(), html_report(result, sections));
    write_file(dir / result_files::table.name(), results_csv(result.scores));
    write_lm_eval_files(result,
                        {model, lm_eval_limit(options.limit.value()), options.seed, &texts, options.log_samples},
                        [&](std::string const& path, std::string const& content) { write(dir / path, content); });
    if (options.opencompass) {
        opencompass_tree const tree(
            result, [&](std::string const& name) { return std::filesystem::exists(dir / "opencompass" / name); });
        for (auto const& [path, content] : tree.files()) write(dir / "opencompass" / path, content);
    }
    for (std::size_t t = 0; t < schemes[0].tasks.size(); ++t) {
        std::string lines;
        for (auto const& s : schemes)
            lines += samples_jsonl(s.scheme, s.tasks[t], options.log_samples ? &texts : nullptr);
        write_file(dir / result_files::samples.name(schemes[0].tasks[t].task), lines);
    }
    // This file is written last: where it exists, the run is complete.
    write_file(dir / result_files::results.name(), json_text(results_json(result, further), 2) + "\n");
}

QEVAL_DRIVER_ONCE void print_results(eval_options const& options, evaluation_result const& result,
                                     further_results const& further) {
    if (options.output.json) {
        std::fputs((json_text(results_json(result, further), 2) + "\n").c_str(), stdout);
        return;
    }
    bool const color = is_terminal(1) && std::getenv("NO_COLOR") == nullptr;
    std::fputs(scheme_table(result, further.latency).terminal(color).c_str(), stdout);
    for (auto const& line : failure_lines(result.scores)) std::fputs((" ! " + line + "\n").c_str(), stdout);
    for (auto const& line : counts_lines(result.scores)) std::fputs((" " + line + "\n").c_str(), stdout);
    if (options.output.quiet) return;
    auto const& first = result.scores.schemes[0];
    std::string notes;
    for (auto const& t : first.texts) {
        notes += " " + t.task.task + ": " + t.perplexity.protocol + "; " +
                 counted(t.perplexity.scored_tokens, "tokens") + " scored in " +
                 counted(t.perplexity.windows, "windows") + ".\n";
    }
    for (auto const& t : first.tasks) notes += " " + t.task + ": " + t.protocol + "\n";
    if (!first.tasks.empty())
        notes += text(" Flips: items won (+) and lost (-) against {}; p: exact McNemar, two-sided.\n",
                      result.scores.reference);
    if (!first.texts.empty()) notes += " " + speed_note(result) + "\n";
    notes += " " + work_note(result.run) + "\n";
    if (first.texts.size() > 1 || (!first.texts.empty() && first.texts[0].is_check))
        notes += "\n" + protocol_table(result).terminal(color);
    for (std::size_t t = 0; t < first.tasks.size(); ++t) {
        if (first.tasks[t].metrics.size() > 1 && first.tasks.size() > 1)
            notes += "\n " + first.tasks[t].task + "\n" + task_table(result, t).terminal(color);
        if (!first.tasks[t].categories.empty())
            notes += "\n " + first.tasks[t].task + " by category, %\n" + category_table(result, t).terminal(color);
    }
    if (!further.attributed.empty() && !first.texts.empty()) {
        notes += "\n where the loss comes from, on " + first.texts[0].task.task + "\n" +
                 attribution_table(result, further.attributed).terminal(color);
    }
    if (!further.latency.empty()) {
        notes += "\n" + latency_table(further.latency).terminal(color) + "\n" +
                 memory_table(further.latency).terminal(color);
        notes += latency_note(options.latency.repetitions, options.latency.warm_ups, further.latency_threads);
    }
    for (auto const& n : result.scores.notes) notes += " Note: " + n + ".\n";
    std::size_t fallbacks = 0;
    std::string one;
    for (auto const& s : result.scores.schemes) {
        if (one.empty() && !s.notes.empty()) one = s.scheme + ", " + s.notes[0];
        fallbacks += s.notes.size();
    }
    if (fallbacks > 0) notes += text(" {}; the first: {}\n", counted(fallbacks, "fallbacks"), one);
    if (!options.output_path.empty())
        notes += text(" Written to {}: {}, {}, {}, {}, {}, samples.\n", options.output_path,
                      result_files::report.name(), result_files::summary.name(), result_files::results.name(),
                      result_files::table.name(), result_files::questions.name());
    std::fputs(notes.c_str(), stdout);
}

} // namespace qeval::cli
