// The functions of latency_run.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/cli/base/device.hpp>
#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/base/interrupt.hpp>
#include <qeval/cli/model/latency_run.hpp>
#include <qeval/core/freed_memory.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/engine/batch_search.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::cli {

namespace detail {

// Reads lengths of prompt and output from "256x256,512x512" or, as MindIE writes them, "[[256,256],[512,512]]". Each
// becomes the load of one sequence.
inline std::vector<latency_load> parse_pairs(std::string_view given) {
    auto const refuse = [&] {
        throw usage_error{
            {"BE02", "--pairs", qeval::quoted(given), "lengths of prompt and answer: 256x256,512x512", ""}};
    };
    std::string text(given);
    std::erase(text, ' ');
    if (text.starts_with("[[") && text.ends_with("]]")) {
        text = text.substr(2, text.size() - 4);
        std::replace(text.begin(), text.end(), ',', 'x');
        for (std::size_t at; (at = text.find("]x[")) != std::string::npos;) text.replace(at, 3, ",");
    }
    std::vector<latency_load> loads;
    char const*               at     = text.data();
    char const* const         end    = at + text.size();
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

QEVAL_DRIVER_ONCE latency_run::latency_run(local_rows& schemes, latency_run_options const& options,
                                           progress_line& progress)
    : schemes_(schemes),
      model_(schemes.model()),
      options_(options),
      progress_(progress),
      pairs_(options_.pairs.empty() ? std::vector<latency_load>{{1, options_.prompt_tokens, options_.output_tokens}}
                                    : detail::parse_pairs(options_.pairs)) {
    for (auto load : pairs_) {
        for (index const b : options_.batches) load.batch = b, check_load(load, model_.description().cache.max_tokens);
        if (searches() && load.output < 2) {
            throw usage_error{{"BE03", "--max-batch-ms", "answers of one token", "two or more",
                               "the limit is of the tokens after the first"}};
        }
    }
}
QEVAL_DRIVER_ONCE void latency_run::measure(std::string const& scheme) {
    scheme_spec const& spec  = schemes_.spec(scheme);
    built_model const  built = model_.build(spec);
    // One token reads all weights, so that the pages of a mapped file count as weights and not as scratch memory.
    (void)latency_meter(*built.model, {1, 1, 1}, {0, 1, 0, 0}).run();
    kv_format const* const kv = built.cache;
    if (searches()) {
        for (auto const& pair : pairs_) rows_.push_back(largest(built, spec, kv, pair));
        return;
    }
    for (index const batch : options_.batches) {
        for (auto load : pairs_) {
            load.batch = batch;
            rows_.push_back(measure(built, spec, kv, load));
        }
    }
}
QEVAL_DRIVER_ONCE latency_row latency_run::largest(built_model const& built, scheme_spec const& spec,
                                                   kv_format const* kv, latency_load load) {
    std::map<index, latency_row> tried;
    index const                  found = largest_batch(options_.max_batch, [&](index batch) {
        load.batch = batch;
        auto& row = tried[batch] = measure(built, spec, kv, load);
        row.limit_ms             = options_.max_batch_ms;
        return row.within_limit();
    });
    latency_row                  row   = tried.at(std::max<index>(1, found));
    row.bounded                        = found == options_.max_batch;
    return row;
}
QEVAL_DRIVER_ONCE latency_row latency_run::measure(built_model const& built, scheme_spec const& spec,
                                                   kv_format const* kv, latency_load const& load) {
    latency_row row;
    row.scheme          = spec.name;
    row.load            = load;
    row.bits_per_weight = built.account.bits_per_weight();
    for (auto const& k : built.account.kernels) row.kernel += (row.kernel.empty() ? "" : ", ") + k;

    release_freed_memory();
    reset_peak_memory();
    std::uint64_t const before = resident_memory(), unset = peak_memory();

    latency_options const how{options_.warm_ups, options_.repetitions, options_.pass_tokens, latency_options{}.seed};
    latency_meter         meter(*built.model, load, how);
    std::string const     what  = text("{} x ({} + {})", load.batch, load.prompt, load.output);
    auto const            start = std::chrono::steady_clock::now();
    row.times                   = meter.run([&](int repetition) {
        interrupt::check();
        double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        progress_({row.scheme, what, "runs", options_.warm_ups + repetition + 1,
                   options_.warm_ups + options_.repetitions, 0, "s", seconds, seconds});
    });
    auto& m                     = row.memory;
    m.weights                   = built.account.weight_bytes;
    m.scales                    = built.account.parameter_bytes;
    m.cache                     = cache_bytes(kv, load);
    m.peak                      = peak_memory();
    // Where the peak could not be reset, it is that of earlier work, and scratch memory is not known.
    if (before > 0 && unset < before + (4 << 20)) m.scratch = m.peak - std::min(m.peak, before + m.cache);
    return row;
}
QEVAL_DRIVER_ONCE std::uint64_t latency_run::cache_bytes(kv_format const* format, latency_load const& load) const {
    auto const one = device(model_.pool()).keeping(format).cache_bytes(model_.description().cache, load.positions());
    return static_cast<std::uint64_t>(load.batch) * one;
}

} // namespace qeval::cli
