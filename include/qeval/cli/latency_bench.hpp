// qeval bench --model: measures how long a model takes under schemes to the first token and to each further one, and
// how much memory it needs.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/print_table.hpp>
#include <qeval/cli/base/tables_command.hpp>
#include <qeval/cli/model/latency_run.hpp>
#include <qeval/cli/model/local_rows.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/latency/latency_csv.hpp>
#include <qeval/report/latency/latency_json.hpp>
#include <qeval/report/latency/latency_table.hpp>
#include <qeval/report/text/progress_line.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval::cli {

struct latency_bench : private tables_command<latency_bench_options> {
    using tables_command::tables_command;

    exit_status run() {
        engine_setting const setting{tables_, options_.model};
        local_rows           rows(options_.schemes, setting); // refuses all that can be refused before any work
        input_guard::refuse_output(options_.csv_file, "--csv");
        input_guard::refuse_output(options_.json_file, "--json");
        progress_line progress(is_terminal(2), options_.output.quiet);
        latency_run   measured(rows, options_.load, progress);
        for (auto const& scheme : options_.schemes) measured.measure(scheme);
        progress.clear();
        int const threads = rows.model().pool().size();
        if (!options_.csv_file.empty()) write_file(options_.csv_file, latency_csv(measured.rows()));
        if (!options_.json_file.empty()) write_file(options_.json_file, json_of(measured.rows(), threads));
        if (options_.output.json) {
            std::fputs(json_of(measured.rows(), threads).c_str(), stdout);
        } else {
            print(measured, threads);
        }
        return exit_status::ok;
    }

private:
    [[nodiscard]] std::string json_of(std::vector<latency_row> const& rows, int threads) const {
        json host = json::object();
        for (auto const& facts : {host_facts(), build_facts()}) {
            for (auto const& [what, value] : facts) host[what] = value;
        }
        return json_text({{"host", host},
                          {"threads", threads},
                          {"warm_ups", options_.load.warm_ups},
                          {"repetitions", options_.load.repetitions},
                          {"rows", latency_json(rows)}},
                         2) +
               "\n";
    }
    void print(latency_run const& measured, int threads) const {
        print_table(latency_table(measured.rows()));
        std::fputs("\n", stdout);
        print_table(memory_table(measured.rows()));
        if (options_.output.quiet) return;
        std::string notes = latency_note(options_.load.repetitions, options_.load.warm_ups, threads);
        if (measured.searches())
            notes += text(" batch: the largest of 1 to {} whose further tokens take at most {} ms.\n",
                          options_.load.max_batch, options_.load.max_batch_ms);
        std::fputs(notes.c_str(), stdout);
    }
};

} // namespace qeval::cli
