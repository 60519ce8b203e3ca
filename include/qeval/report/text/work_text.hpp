// What the answers took, in words, and what those numbers count.
#pragma once

#include <optional>
#include <set>
#include <string>

#include <qeval/eval/result/result.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval {

inline constexpr char const* speed_meaning = "tok/s: tokens that went through the model, a second; a beginning that "
                                             "requests share counts once. written/s: tokens "
                                             "of the texts that were written. Seconds are those of the work that made "
                                             "the answers, judging included, whenever it "
                                             "was done.";

// Cells of tables; `work` is nullptr where a scheme has not run the task.
[[nodiscard]] inline std::string rate_text(task_work_sum const* work) {
    auto const rate = work != nullptr ? work->rate() : std::nullopt;
    return rate ? fixed(*rate, 0) : absent;
}
[[nodiscard]] inline std::string written_rate_text(task_work_sum const* work) {
    if (work == nullptr || !(work->seconds > 0)) return absent;
    return fixed(static_cast<double>(work->written) / work->seconds, 1);
}
[[nodiscard]] inline std::string seconds_text(task_work_sum const* work, int digits) {
    return work != nullptr ? fixed(work->seconds, digits) : absent;
}

// What the column tok/s of the table of schemes counts: the first text.
[[nodiscard]] inline std::string speed_note(evaluation_result const& result) {
    return "tok/s: tokens of " + result.scores.schemes[0].texts[0].task.task +
           " that went through the model, a second; comparing with the reference takes part of it.";
}
// The end of tables: "2 threads. 20.8 s to build the engines and answer, peak memory 68.28 MiB."
[[nodiscard]] inline std::string work_note(evaluation_run const& run) {
    std::set<std::string> processes;
    for (auto const& s : run.schemes)
        for (auto const& p : s.processes) processes.insert(p.process);
    std::string note = text("{} {}. {} s to build the engines and answer, peak memory {}", run.threads,
                            run.threads == 1 ? "thread" : "threads", fixed(run.seconds, 1), bytes_text(run.peak_bytes));
    if (processes.size() > 1)
        note += text(", added up over {} processes; the memory is that of the largest", processes.size());
    return note + ".";
}

} // namespace qeval
