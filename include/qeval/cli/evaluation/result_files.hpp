// The files that an evaluation writes into its output path.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace qeval::cli {

// A file by its name, or several that differ in the middle of theirs.
struct result_file {
    std::string_view begin, end;

    [[nodiscard]] std::string name(std::string_view middle = {}) const {
        return std::string(begin).append(middle).append(end);
    }
    [[nodiscard]] bool fits(std::string_view name) const {
        return name.size() >= begin.size() + end.size() && name.starts_with(begin) && name.ends_with(end);
    }
};

// Whoever writes one takes its name from here.
struct result_files {
    static constexpr result_file store{"store", ".sqlite"}; // of all answers, or of those of a shard
    static constexpr result_file questions{"questions", ".log"};
    static constexpr result_file results{"results", ".json"};
    static constexpr result_file table{"results", ".csv"};
    static constexpr result_file samples{"samples_", ".jsonl"}; // of a task
    static constexpr result_file report{"report", ".html"};
    static constexpr result_file summary{"summary", ".md"};
    static constexpr result_file performance{"performance", ".csv"};

    static constexpr std::array all{store, questions, results, table, samples, report, summary, performance};
};

// Whether an evaluation may write a file of that name, or one that belongs to it: SQLite's journals, a lock.
[[nodiscard]] inline bool is_result_name(std::string_view name) {
    return std::ranges::any_of(result_files::all, [&](result_file const& file) {
        return name.starts_with(file.begin) && name.find(file.end, file.begin.size()) != name.npos;
    });
}

} // namespace qeval::cli
