// qeval merge: makes the results of an evaluation whose answers are in the stores of its shards.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/cli/evaluation/eval_store.hpp>
#include <qeval/cli/evaluation/result_files.hpp>
#include <qeval/core/error.hpp>
#include <qeval/eval/store/item_store.hpp>
#include <qeval/io/file/mapped_file.hpp>

namespace qeval::cli {

// The stores of the shards' output paths, in the order of their names. The one that is to be made is none of them: an
// earlier merge has left it beside a shard's, or it is a whole run's, which would be overwritten (CL06).
[[nodiscard]] inline std::vector<std::string> stores_of_shards(merge_options const& options) {
    std::filesystem::path const target = std::filesystem::path(options.output_path) / store_name({});
    std::vector<std::string>    stores;
    for (std::filesystem::path const folder : options.directories) {
        std::size_t const before  = stores.size();
        bool              own     = false;
        std::error_code   ignored = {};
        if (std::filesystem::is_directory(folder)) {
            for (auto const& entry : std::filesystem::directory_iterator(folder)) {
                if (!result_files::store.fits(entry.path().filename().string())) continue;
                if (std::filesystem::equivalent(entry.path(), target, ignored))
                    own = true;
                else
                    stores.push_back(entry.path().string());
            }
        }
        if (stores.size() == before && own)
            throw usage_error{{"CL06", "--output-path " + qeval::quoted(options.output_path, 4096),
                               "the folder of a run that is merged", "another folder", ""}};
        if (stores.size() == before)
            throw file_error{{"EV11", display_name(folder), "no store", "the output path of a shard",
                              "a wrong folder, or a run without --output-path"}};
    }
    std::sort(stores.begin(), stores.end());
    return stores;
}

// The command that has filled a store.
[[nodiscard]] inline eval_options command_of_store(std::string const& store, program const& p) {
    auto               words = item_store::command_of(store);
    std::vector<char*> argv;
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    command const asked =
        words.empty() ? command(exit_status::usage) : p.parse(static_cast<int>(words.size()), argv.data());
    auto const* const eval = std::get_if<eval_options>(&asked);
    if (eval == nullptr)
        throw file_error{
            {"EV11", store, "no command that can be repeated", "the store of an evaluation", "another qeval's"}};
    return *eval;
}

// That command without its --shard. When it runs, it finds all its answers in the stores.
[[nodiscard]] inline eval_options merged_evaluation(merge_options const& options, std::vector<std::string> stores,
                                                    program const& p) {
    eval_options merged = command_of_store(stores.front(), p);
    merged.shard = merged.shards = 1;
    merged.latency.batches.clear(); // latency belongs to the machine that it was measured on
    merged.output_path = options.output_path;
    merged.output      = options.output;
    merged.max_failed  = options.max_failed.value_or(merged.max_failed);
    merged.stores      = std::move(stores);
    return merged;
}

// Which shards have no store, or one without some scheme's answers: "no store of 2/3; no answers of q8_0 in that of
// 3/3".
[[nodiscard]] inline std::string missing_shards(std::vector<std::string> const& stores, program const& p) {
    std::map<std::string, std::string> lacking; // by shard
    std::set<std::string>              schemes;
    for (auto const& store : stores)
        for (auto& name : item_store::schemes_of(store)) schemes.insert(std::move(name));
    std::set<std::string> present;
    index                 shards = 1;
    for (auto const& store : stores) {
        auto const asked = command_of_store(store, p);
        auto const shard = std::to_string(asked.shard) + "/" + std::to_string(asked.shards);
        shards           = std::max(shards, asked.shards);
        present.insert(shard);
        schemes.insert(asked.schemes.begin(), asked.schemes.end());
        auto const  known = item_store::schemes_of(store);
        std::string names;
        for (auto const& name : schemes)
            if (std::find(known.begin(), known.end(), name) == known.end()) names += (names.empty() ? "" : ", ") + name;
        if (!names.empty()) lacking[shard] = "not all answers of " + names + " in the store of shard " + shard;
    }
    for (index i = 1; i <= shards; ++i) {
        auto const shard = std::to_string(i) + "/" + std::to_string(shards);
        if (!present.contains(shard)) lacking[shard] = "no store of shard " + shard;
    }
    std::string all;
    for (auto const& [shard, what] : lacking) all += (all.empty() ? "" : "; ") + what;
    return all;
}

template <>
struct work_of<merge_options> {
    static exit_status run(merge_options const& asked, program const& p) {
        auto const stores = stores_of_shards(asked);
        try {
            return perform(merged_evaluation(asked, stores, p), p);
        } catch (usage_error const& e) { // of the evaluation, which knows no shards and has other options
            diagnostic why = e.why();
            if (why.id == "EV10") {
                if (auto const missing = missing_shards(stores, p); !missing.empty()) why.found = missing;
            } else if (why.id == "EV12") {
                why.likely = "shards of different runs, or results of another run in --output-path: choose another one";
            }
            throw usage_error{std::move(why)};
        }
    }
};

} // namespace qeval::cli
