// qeval bench --kernels: measures the speed of every format's matrix products as a fraction of this machine's limits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/base/interrupt.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/print_table.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/kernel/cpu/kernel_speed.hpp>
#include <qeval/kernel/cpu/place.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval::cli {

namespace detail {

// So many bytes that caches hold only a small part of them.
inline index beyond_caches() {
    index cache = 0;
#if defined(_SC_LEVEL3_CACHE_SIZE)
    cache = std::max<index>(0, ::sysconf(_SC_LEVEL3_CACHE_SIZE));
#endif
    return std::max<index>(index{448} << 20, 3 * cache);
}

} // namespace detail

class kernel_bench {
public:
    kernel_bench(format_table formats, kernel_bench_options options)
        : formats_(std::move(formats)), options_(std::move(options)) {
        for (auto const& f : options_.formats) {
            if (formats_.find(f) == nullptr) {
                throw usage_error{{"CL04", "--formats", qeval::quoted(f), "names that `qeval formats` lists", ""}};
            }
        }
        if (options_.formats.empty()) {
            for (auto const* f : formats_) options_.formats.emplace_back(f->name());
        }
        if (options_.threads.empty()) options_.threads = {0};
    }

    exit_status run() {
        text_table table({{"format", true},
                          {"path", true},
                          {"op", true},
                          {"shape", true},
                          {"threads", false},
                          {"value", false},
                          {"unit", true},
                          {"limit", false},
                          {"limited by", true},
                          {"% of limit", false},
                          {"spread %", false}});
        json       rows = json::array();
        for (int threads : options_.threads) {
            thread_pool         pool(threads);
            cpu::roofline const machine(pool, static_cast<std::size_t>(detail::beyond_caches()));
            for (auto const& name : options_.formats) {
                measure(*formats_.find(name), pool, machine, [&](row const& r) {
                    interrupt::check();
                    double const unit = 1e9;
                    table.add({r.format, r.path, r.op, r.shape, std::to_string(pool.size()),
                               fixed(r.speed.value / unit, 1), r.unit, fixed(r.speed.limit / unit, 1),
                               std::string(r.speed.limited_by), percent(r.speed.fraction), percent(r.speed.spread)});
                    rows.push_back({{"format", r.format},
                                    {"path", r.path},
                                    {"op", r.op},
                                    {"shape", r.shape},
                                    {"threads", pool.size()},
                                    {"value", r.speed.value / unit},
                                    {"unit", r.unit},
                                    {"limit", r.speed.limit / unit},
                                    {"limited_by", std::string(r.speed.limited_by)},
                                    {"fraction", r.speed.fraction},
                                    {"spread", r.speed.spread}});
                    if (!options_.quiet && is_terminal(2))
                        std::fprintf(stderr, "\r\x1b[K%s %s %s", r.format.c_str(), r.path.c_str(), r.op.c_str());
                });
            }
        }
        if (!options_.quiet && is_terminal(2)) std::fputs("\r\x1b[K", stderr);
        if (!options_.json) print_table(table);
        if (options_.json || !options_.json_file.empty()) {
            json host = json::object();
            for (auto const& facts : {host_facts(), build_facts()}) {
                for (auto const& [what, value] : facts) host[what] = value;
            }
            std::string const all = json_text({{"host", host}, {"rows", rows}}, 2) + "\n";
            if (options_.json) std::fputs(all.c_str(), stdout);
            if (!options_.json_file.empty()) write_file(options_.json_file, all);
        }
        return exit_status::ok;
    }

private:
    struct row {
        std::string       format, path, op, shape, unit;
        cpu::kernel_speed speed;
    };
    [[nodiscard]] static bool wanted(std::vector<std::string> const& list, std::string_view name) {
        return list.empty() || std::any_of(list.begin(), list.end(), [&](auto const& l) { return same_name(l, name); });
    }

    template <class Report>
    void measure(any_format const& format, thread_pool& pool, cpu::roofline const& machine,
                 Report const& report) const {
        index const rows = options_.rows, cols = options_.cols;
        auto const  w         = cpu::sample_activations(16, cols);
        auto const  few       = format.pack(matrix_view<float const>(w.data(), 16, cols), pool);
        auto const  each_path = [&](auto path) {
            if (!wanted(options_.paths, path.name())) return;
            auto const make  = [&] { return cpu::take(*few->repeat_rows(rows), path, pool); };
            auto const shape = text("{}x{}", rows, cols);
            auto const gemm  = [&](std::unique_ptr<linear> matrix) {
                if (matrix == nullptr) return;
                report({std::string(format.name()), std::string(matrix->kernel()), "gemm",
                        text("{}x{}", shape, options_.columns), "GOP/s",
                        cpu::gemm_speed(matrix, cpu::limit_of(path), options_.columns, machine, options_.repetitions)});
            };
            auto const gemv = [&](auto const& make_one) { // weights are read from memory
                std::vector<std::unique_ptr<linear>> matrices;
                for (index bytes = 0; bytes < detail::beyond_caches(); bytes += format.bytes(rows, cols)) {
                    matrices.push_back(make_one());
                    if (matrices.back() == nullptr) return;
                }
                report({std::string(format.name()), std::string(matrices[0]->kernel()), "gemv", shape, "GB/s",
                        cpu::gemv_speed(matrices, 1, machine, options_.repetitions)});
            };
            auto const many        = few->repeat_rows(rows);
            auto const interleaved = [&] { return cpu::interleaved(*many, path, pool); };
            if (wanted(options_.ops, "gemm")) gemm(make()), gemm(interleaved());
            if (wanted(options_.ops, "gemv")) gemv(make), gemv(interleaved);
        };
        each_path(cpu::exact_path{});
        if constexpr (cpu::has_bf16_dot)
            each_path(cpu::bf16_path{}); // without the instruction, bf16 is emulated on the exact path
        if (few->on_cpu().integer_fits()) each_path(cpu::integer_path{});
    }

    format_table         formats_;
    kernel_bench_options options_;
};

} // namespace qeval::cli
