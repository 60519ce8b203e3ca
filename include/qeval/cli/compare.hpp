// qeval compare: two checkpoints of any families, tensor by tensor under canonical names; or the results of two
// evaluations, number by number.
#pragma once

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/print_table.hpp>
#include <qeval/cli/base/tables_command.hpp>
#include <qeval/cli/evaluation/result_files.hpp>
#include <qeval/cli/model/compared_checkpoint.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/differences.hpp>
#include <qeval/report/results_difference.hpp>
#include <qeval/report/tensor_difference.hpp>

namespace qeval::cli {

struct compare_command : private tables_command<compare_options> {
    using tables_command::tables_command;

    exit_status run() const {
        bool const results = has_results(options_.first);
        if (results != has_results(options_.second))
            throw usage_error{{"CL02", "compare, " + (results ? options_.second : options_.first), "no results",
                               "a folder of results like the other, or two checkpoints", ""}};
        return results ? compare_results() : compare_tensors();
    }

private:
    // A model may have a file of that name beside it.
    static bool has_results(std::filesystem::path const& folder) {
        std::error_code ignored;
        return std::filesystem::is_regular_file(folder / result_files::results.name(), ignored) &&
               !std::filesystem::exists(folder / "config.json", ignored);
    }
    exit_status compare_tensors() const {
        thread_pool               pool(options_.threads);
        compared_checkpoint const a(tables_, options_.first, pool), b(tables_, options_.second, pool);
        std::set<std::string>     names;
        for (auto const* side : {&a, &b}) {
            for (auto const& note : side->notes()) std::fprintf(stderr, "note: %s\n", note.c_str());
        }
        bool const as_gguf = a.is_gguf() || b.is_gguf();
        for (auto const* side : {&a, &b}) {
            for (auto& name : side->names(as_gguf)) names.insert(std::move(name));
        }
        std::vector<tensor_difference> all;
        for (auto const& name : names)
            all.push_back(difference_of(a.find(name, as_gguf), b.find(name, as_gguf), tables_.formats, pool));
        return told(all, "tensors");
    }
    exit_status compare_results() const {
        auto const name = result_files::results.name();
        return told(results_differences(std::filesystem::path(options_.first) / name,
                                        std::filesystem::path(options_.second) / name)
                        .all(),
                    "numbers");
    }
    template <class Difference>
    exit_status told(std::vector<Difference> const& all, std::string const& what) const {
        auto const different = std::ranges::count_if(all, [](auto const& d) { return !d.equal(); });
        if (options_.output.json) {
            std::puts(json_text(differences_json(all), 2).c_str());
        } else {
            if (different > 0 || options_.all) print_table(differences_table(all, options_.all));
            std::puts(differences_summary(all).c_str());
        }
        if (options_.require_equal && different > 0)
            throw file_error{
                {"CM01", options_.second,
                 std::to_string(different) + " of " + std::to_string(all.size()) + " " + what + " that differ",
                 "the values of " + options_.first, "--require-equal was given"}};
        return exit_status::ok;
    }
};

template <>
struct work_of<compare_options> : work_by<compare_command> {};

} // namespace qeval::cli
