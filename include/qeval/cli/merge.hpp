// qeval merge: makes the results of an evaluation whose answers are in the stores of its shards.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/core/error.hpp>
#include <qeval/eval/store/item_store.hpp>
#include <qeval/io/file/mapped_file.hpp>

namespace qeval::cli {

// The command that has filled the stores, without its --shard. When it runs, it finds all its answers in the stores.
[[nodiscard]] inline eval_options merged_evaluation(merge_options const& options, program const& p) {
    std::vector<std::string> stores;
    for (std::filesystem::path const folder : options.directories) {
        std::size_t const before = stores.size();
        if (std::filesystem::is_directory(folder)) {
            for (auto const& entry : std::filesystem::directory_iterator(folder)) {
                auto const name = entry.path().filename().string();
                if (name.starts_with("store") && name.ends_with(".sqlite")) stores.push_back(entry.path().string());
            }
        }
        if (stores.size() == before)
            throw file_error{{"EV11", display_name(folder), "no store", "the output path of a shard",
                              "a wrong folder, or a run without --output-path"}};
    }
    std::sort(stores.begin(), stores.end());
    auto               words = item_store::command_of(stores.front());
    std::vector<char*> argv;
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    command const asked =
        words.empty() ? command(exit_status::usage) : p.parse(static_cast<int>(words.size()), argv.data());
    auto const* const eval = std::get_if<eval_options>(&asked);
    if (eval == nullptr)
        throw file_error{{"EV11", stores.front(), "no command that can be repeated", "the store of an evaluation",
                          "another qeval's"}};
    eval_options merged = *eval;
    merged.shard = merged.shards = 1;
    merged.latency.batches.clear(); // latency belongs to the machine that it was measured on
    merged.output_path = options.output_path;
    merged.output      = options.output;
    merged.max_failed  = options.max_failed.value_or(merged.max_failed);
    merged.stores      = std::move(stores);
    return merged;
}

template <>
struct work_of<merge_options> {
    static exit_status run(merge_options const& asked, program const& p) {
        return perform(merged_evaluation(asked, p), p);
    }
};

} // namespace qeval::cli
