// qeval score: judges programs that were written elsewhere.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include <qeval/cli/base/code_options.hpp>
#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/base/interrupt.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/core/counted.hpp>
#include <qeval/core/version.hpp>
#include <qeval/eval/code/code_samples.hpp>
#include <qeval/eval/code/code_tasks.hpp>
#include <qeval/eval/code/sample_file.hpp>
#include <qeval/eval/store/verdict_store.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/file/folder_lock.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/report/text/item_counts_text.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>

namespace qeval::cli {

inline exit_status score(score_options const& options) {
    task_options how;
    how.shots               = 0; // no model is asked, so that no examples are wanted
    how.code                = code_options_of(options.code, options.seed);
    code_answers const task = load_code_task(options.task, options.data, how);
    int const          workers =
        how.code.workers > 0 ? how.code.workers : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    auto const                  samples = code_sample_reader(task).read(options.samples);
    bool const                  shows   = is_terminal(2) && !options.output.quiet;
    std::filesystem::path const file(options.samples);
    folder_lock const           writer(file.has_parent_path() ? file.parent_path() : std::filesystem::path("."),
                             file.filename().string());
    std::string const to = options.samples + "_results.jsonl";
    input_guard::refuse_output(to);
    verdict_store kept(options.samples + "_results.sqlite",
                       text("qeval {}; {}; {} s", version, exec_mode_of(options.code),
                            how.code.seconds.value_or(code_options::usual_seconds)));
    auto const    result =
        score_samples(task, task.checker(), samples, workers, options.seed, kept, [&](index done, index passed) {
            interrupt::check();
            if (shows) std::fputs(text("\r{} checked, {} passed ", done, passed).c_str(), stderr);
        });
    if (shows) std::fputs("\r\x1b[K", stderr);
    write_file(to, result.lines);
    kept.remove();
    if (options.output.json) {
        json rows = json::object();
        for (auto const& r : result.rows) {
            rows["pass@" + std::to_string(r.k)] = {{"value", r.score.value},
                                                   {"stderr", r.score.error},
                                                   {"bootstrap_95", {r.bootstrap.low, r.bootstrap.high}}};
        }
        std::puts(json_text({{"task", options.task},
                             {"data", task.data.words},
                             {"problems", result.problems},
                             {"samples", result.samples},
                             {"passed", result.passed},
                             {"timed_out", result.timed_out},
                             {"exec_mode", exec_mode_of(options.code)},
                             {"metrics", std::move(rows)}},
                            2)
                      .c_str());
        return exit_status::ok;
    }
    text_table table({{"metric", true}, {"score %", false}, {"95 % over problems", false}});
    for (auto const& r : result.rows) {
        table.add({"pass@" + std::to_string(r.k),
                   marked(with_error(r.score, 100), {0, task.data.kind == data_kind::partial}),
                   text("{:.1f} to {:.1f}", 100 * r.bootstrap.low, 100 * r.bootstrap.high)});
    }
    std::fputs(table.terminal(is_terminal(1) && std::getenv("NO_COLOR") == nullptr).c_str(), stdout);
    if (task.data.kind == data_kind::partial) std::fputs((" partial data: " + task.data.words + "\n").c_str(), stdout);
    std::fputs(text(" {}, {}, {} passed, {} timed out (after a second try, alone); {} mode.\n Written "
                    "to {}.\n",
                    counted(result.problems, "problems"), counted(result.samples, "samples"), result.passed,
                    result.timed_out, exec_mode_of(options.code), to)
                   .c_str(),
               stdout);
    return exit_status::ok;
}

template <>
struct work_of<score_options> {
    static exit_status run(score_options const& asked, program const&) { return score(asked); }
};

} // namespace qeval::cli
