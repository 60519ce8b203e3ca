// qeval bench --model: how long schemes take to the first token and to each further one, and the memory they occupy.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/cli/host_facts.hpp>
#include <qeval/cli/interrupt.hpp>
#include <qeval/cli/lists.hpp>
#include <qeval/cli/loaded_model.hpp>
#include <qeval/cli/options.hpp>
#include <qeval/core/freed_memory.hpp>
#include <qeval/engine/batch_search.hpp>
#include <qeval/engine/latency.hpp>
#include <qeval/io/atomic_file.hpp>
#include <qeval/io/json.hpp>
#include <qeval/model/cpu/kv_cache.hpp>
#include <qeval/report/latency_csv.hpp>
#include <qeval/report/latency_json.hpp>
#include <qeval/report/latency_row.hpp>
#include <qeval/report/latency_table.hpp>
#include <qeval/report/progress_line.hpp>
#include <qeval/report/results_json.hpp>
#include <qeval/report/text.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval::cli {

namespace detail {

// Loads of one sequence from "256x256,512x512", or from MindIE's way to write them, "[[256,256],[512,512]]".
inline std::vector<latency_load> parse_pairs(std::string_view given) {
    auto const refuse = [&] {
        throw usage_error{{"BE02", "--pairs", qeval::quoted(given), "lengths of prompt and answer: 256x256,512x512", ""}};
    };
    std::string text(given);
    std::erase(text, ' ');
    if (text.starts_with("[[") && text.ends_with("]]")) {
        text = text.substr(2, text.size() - 4);
        std::replace(text.begin(), text.end(), ',', 'x');
        for (std::size_t at; (at = text.find("]x[")) != std::string::npos;) text.replace(at, 3, ",");
    }
    std::vector<latency_load> loads;
    char const*               at  = text.data();
    char const* const         end = at + text.size();
    auto const                number = [&](index& n) {
        auto const read = std::from_chars(at, end, n);
        if (read.ec != std::errc()) refuse();
        at = read.ptr;
    };
    for (bool more = true; more; at += more ? 1 : 0) {
        latency_load load;
        number(load.prompt);
        if (at == end || *at++ != 'x') refuse();
        number(load.output);
        loads.push_back(load);
        more = at != end;
        if (more && *at != ',') refuse();
    }
    return loads;
}

} // namespace detail

class latency_bench {
public:
    latency_bench(format_table formats, latency_bench_options options)
        : formats_(std::move(formats)), options_(std::move(options)), progress_(is_terminal(2), options_.output.quiet),
          pairs_(options_.pairs.empty() ? std::vector<latency_load>{{1, options_.prompt_tokens, options_.output_tokens}} : detail::parse_pairs(options_.pairs)) {}

    exit_status run() {
        std::vector<scheme_spec> specs; // all that can be refused is, before any work
        for (auto const& s : options_.schemes) specs.push_back(parse_scheme(s));
        loaded_model model(formats_, options_.model);
        for (auto const& spec : specs) {
            (void)model.plan(spec);
            (void)formats_.kv(spec.kv);
        }
        for (auto load : pairs_) {
            for (index const b : options_.batches) load.batch = b, check_load(load, model.config().max_position_embeddings);
            if (searches() && load.output < 2) {
                throw usage_error{{"BE03", "--max-batch-ms", "answers of one token", "two or more", "the limit is of the tokens after the first"}};
            }
        }
        for (auto const& spec : specs) measure(model, spec);
        progress_.clear();
        write(model);
        print(model);
        return exit_status::ok;
    }

private:
    [[nodiscard]] bool searches() const { return options_.max_batch_ms > 0; }

    void measure(loaded_model& model, scheme_spec const& spec) {
        built_model const built = model.build(spec);
        // One token through all weights: pages of a mapped file are then counted as theirs, not as scratch.
        (void)latency_meter(*built.model, {1, 1, 1}, {0, 1, 0, 0}).run();
        kv_format const* const kv = formats_.kv(spec.kv);
        if (searches()) {
            for (auto const& pair : pairs_) rows_.push_back(largest(model, built, spec, kv, pair));
            return;
        }
        for (index const batch : options_.batches) {
            for (auto load : pairs_) {
                load.batch = batch;
                rows_.push_back(measure(model, built, spec, kv, load));
            }
        }
    }
    // The row of the largest batch within the limit; of one sequence where there is none.
    [[nodiscard]] latency_row largest(loaded_model const& model, built_model const& built, scheme_spec const& spec, kv_format const* kv, latency_load load) {
        std::map<index, latency_row> tried;
        index const found = largest_batch(options_.max_batch, [&](index batch) {
            load.batch = batch;
            auto& row    = tried[batch] = measure(model, built, spec, kv, load);
            row.limit_ms = options_.max_batch_ms;
            return row.within_limit();
        });
        latency_row row = tried.at(std::max<index>(1, found));
        row.bounded     = found == options_.max_batch;
        return row;
    }
    [[nodiscard]] latency_row measure(loaded_model const& model, built_model const& built, scheme_spec const& spec, kv_format const* kv, latency_load const& load) {
        latency_row row;
        row.scheme          = spec.name;
        row.load            = load;
        row.bits_per_weight = built.account.bits_per_weight();
        for (auto const& k : built.account.kernels) row.kernel += (row.kernel.empty() ? "" : ", ") + k;

        release_freed_memory();
        reset_peak_memory();
        std::uint64_t const before = resident_memory(), unset = peak_memory();
        latency_meter       meter(*built.model, load, {options_.warm_ups, options_.repetitions, options_.pass_tokens, latency_options{}.seed});
        std::string const   what  = text("{} x ({} + {})", load.batch, load.prompt, load.output);
        auto const          start = std::chrono::steady_clock::now();
        row.times                 = meter.run([&](int repetition) {
            interrupt::check();
            double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            progress_({row.scheme, what, "runs", options_.warm_ups + repetition + 1, options_.warm_ups + options_.repetitions, "s", seconds, seconds});
        });
        auto& m   = row.memory;
        m.weights = built.account.weight_bytes;
        m.scales  = built.account.parameter_bytes;
        m.cache   = cache_bytes(model.config(), kv, load);
        m.peak    = peak_memory();
        // Without a reset the peak is that of other work.
        if (before > 0 && unset < before + (4 << 20)) m.scratch = m.peak - std::min(m.peak, before + m.cache);
        return row;
    }
    // As the sequences keep them: in whole pages.
    [[nodiscard]] static std::uint64_t cache_bytes(model_config const& c, kv_format const* format, latency_load const& load) {
        cpu::kv_cache const one({c.num_hidden_layers, c.num_key_value_heads, c.head_dim, c.max_position_embeddings}, format);
        index const         pages = (load.positions() + cpu::kv_cache::page_positions - 1) / cpu::kv_cache::page_positions;
        return static_cast<std::uint64_t>(load.batch * pages) * one.page_bytes();
    }
    void write(loaded_model& model) const {
        if (!options_.csv_file.empty()) write_file(options_.csv_file, latency_csv(rows_));
        if (!options_.json_file.empty()) write_file(options_.json_file, json_of(model));
    }
    [[nodiscard]] std::string json_of(loaded_model& model) const {
        json host = json::object();
        for (auto const& facts : {host_facts(), build_facts()}) {
            for (auto const& [what, value] : facts) host[what] = value;
        }
        return json_text({{"host", host}, {"threads", model.pool().size()}, {"warm_ups", options_.warm_ups}, {"repetitions", options_.repetitions}, {"rows", latency_json(rows_)}}, 2) + "\n";
    }
    void print(loaded_model& model) const {
        if (options_.output.json) {
            std::fputs(json_of(model).c_str(), stdout);
            return;
        }
        print_table(latency_table(rows_));
        std::fputs("\n", stdout);
        print_table(memory_table(rows_));
        if (options_.output.quiet) return;
        std::string notes = text(" median ± half the distance of the quartiles of {} runs after {} warm-ups; {} threads. first: all prompts read and a token chosen for each.\n"
                                 " tok/s: tokens written by all sequences, over the whole time. peak: resident memory of the process, the checkpoint's pages included.\n",
                                 options_.repetitions, options_.warm_ups, model.pool().size());
        if (searches()) notes += text(" batch: the largest of 1 to {} whose further tokens take at most {} ms.\n", options_.max_batch, options_.max_batch_ms);
        std::fputs(notes.c_str(), stdout);
    }

    format_table              formats_;
    latency_bench_options     options_;
    progress_line             progress_;
    std::vector<latency_load> pairs_; // the batch is set for each measurement
    std::vector<latency_row>  rows_;
};

} // namespace qeval::cli
