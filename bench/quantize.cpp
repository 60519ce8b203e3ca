// How fast weights become a format: GB of f16 weights a second, without and with importance, beside the FMA peak at the
// same moment, so that a busy machine shows as a low limit. Medians of 5.
//   bench_quantize [THREADS] [FORMAT ...]          (no format: all of QEVAL_BENCH_FORMATS)
// -DQEVAL_BENCH_FORMATS=qeval::nf4,... measures others.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/version.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/kernel/cpu/kernel_speed.hpp>
#include <qeval/pack/encode.hpp>

#ifndef QEVAL_BENCH_FORMATS
#    define QEVAL_BENCH_FORMATS                                                                                        \
        qeval::q8_0, qeval::q4_0, qeval::q4_k, qeval::q5_k, qeval::q6_k, qeval::q3_k, qeval::q2_k, qeval::iq4_xs,      \
            qeval::nf4, qeval::int8_sym
#endif

namespace {

constexpr qeval::index rows = 1024, cols = 4096; // of a matrix that no cache holds

template <class Pack>
void report(std::string_view format, char const* weighs, qeval::thread_pool& pool, qeval::cpu::roofline const& machine,
            Pack pack) {
    double const bytes = 2.0 * rows * cols;
    auto const   speed = qeval::cpu::measure_beside(
          5, [&] { return bytes / qeval::cpu::seconds_of(pack); }, "FMA", [&] { return machine.fma(); });
    std::printf("%-14s %-12s %7d %10.3f %8.1f %% %16.1f\n", std::string(format).c_str(), weighs, pool.size(),
                speed.value / 1e9, 100 * speed.spread, speed.limit / 1e9);
}

} // namespace

int main(int argc, char** argv) {
    qeval::thread_pool                 pool(argc > 1 ? std::atoi(argv[1]) : 0);
    qeval::cpu::roofline const         machine(pool);
    std::span<char const* const> const wanted(argv + std::min(argc, 2), argv + argc);
    auto const                         numbers = qeval::cpu::sample_activations(rows, cols); // roughly Gaussian
    std::vector<qeval::f16>            halves;
    for (float x : numbers) halves.push_back(qeval::f16::from(x));
    std::vector<float> importance(numbers.begin(), numbers.begin() + cols);
    for (float& x : importance) x *= x;
    qeval::matrix_view<qeval::f16 const> const w(halves.data(), rows, cols);

    std::printf("%s; %ld x %ld weights in f16\n", std::string(qeval::built_for).c_str(), static_cast<long>(rows),
                static_cast<long>(cols));
    std::printf("%-14s %-12s %7s %10s %10s %16s\n", "format", "errors", "threads", "GB/s", "spread",
                "FMA GFLOP/s then");
    qeval::for_each_format(qeval::format_list<QEVAL_BENCH_FORMATS>{}, [&](auto tag) {
        using F         = typename decltype(tag)::type;
        auto const name = qeval::name_of<F>();
        if (!wanted.empty() &&
            std::none_of(wanted.begin(), wanted.end(), [&](char const* n) { return qeval::same_name(n, name); }))
            return;
        report(name, "alike", pool, machine, [&] { (void)qeval::pack<F>(w, pool); });
        if constexpr (qeval::takes_importance<F>) {
            report(name, "importance", pool, machine, [&] { (void)qeval::pack<F>(w, importance, pool); });
        }
    });
}
