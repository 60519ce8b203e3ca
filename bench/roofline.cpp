// The limits of this machine: peak arithmetic and memory bandwidth, medians with spread for 1 .. N threads.
//   bench_roofline [THREADS]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <qeval/core/version.hpp>
#include <qeval/kernel/cpu/kernel_speed.hpp>

int main(int argc, char** argv) {
    using qeval::cpu::roofline;
    int const most = argc > 1 ? std::atoi(argv[1]) : qeval::thread_pool(0).size();
    std::printf("%s; medians of 9, spread = (largest - smallest) / median\n", std::string(qeval::built_for).c_str());
    std::printf("threads    FMA GFLOP/s         int8 dot GOP/s      bf16 dot GFLOP/s    DRAM read GB/s\n");
    for (int threads = 1; threads <= most; threads *= 2) {
        qeval::thread_pool  pool(threads);
        roofline const      machine(pool, std::size_t{1} << 30);
        std::vector<double> rates[4];
        for (int repetition = 0; repetition < 9; ++repetition) {
            rates[0].push_back(machine.fma() / 1e9);
            rates[1].push_back(machine.int8_dot() / 1e9);
            rates[2].push_back(machine.bf16_dot() / 1e9);
            rates[3].push_back(machine.read() / 1e9);
        }
        std::printf("%-8d", threads);
        for (auto const& r : rates) {
            auto const [low, high] = std::minmax_element(r.begin(), r.end());
            double const middle    = qeval::cpu::median(r);
            std::printf(" %9.1f (%4.1f %%)", middle, 100 * (*high - *low) / middle);
        }
        std::printf("\n");
    }
}
