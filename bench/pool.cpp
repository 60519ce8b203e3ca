// What the thread pool costs: loops of equal work on all threads, beside the same work on one thread divided by their
// number. First on an idle machine, then with one busy process more than there are processors (fair scheduling alone
// would make that 1 + 1 / threads, and 2 for work that is split in equal halves).
//   bench_pool [THREADS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/cpu/kernel_speed.hpp>

namespace {

using qeval::index;
using qeval::cpu::seconds_of;

// Work that no compiler removes and no vector unit shortens: one multiplication waits for the one before.
double chain(index steps) {
    double x = static_cast<double>(steps);
    for (index i = 0; i < steps; ++i) x = x * 0.999999 + 1e-6;
    return x;
}
double volatile sink = 0;

// Steps that take a thread about `seconds`.
index steps_for(double seconds) {
    constexpr index many = 4'000'000;
    double          best = 1e9;
    for (int i = 0; i < 5; ++i) best = std::min(best, seconds_of([] { sink = chain(many); }));
    return static_cast<index>(static_cast<double>(many) * seconds / best);
}

constexpr index chunks_per_thread = 16;

// Seconds of a loop, over `loops` of them.
double loop_seconds(qeval::thread_pool& pool, index loops, index chunks, index steps) {
    return seconds_of([&] {
               for (index l = 0; l < loops; ++l) {
                   pool.for_chunks(chunks, 1, [steps](index, index) {
                       index n = steps;
                       asm volatile("" : "+r"(n)); // or a compiler computes one chunk for all
                       double const x = chain(n);
                       asm volatile("" ::"m"(x));
                   });
               }
           }) /
           static_cast<double>(loops);
}

struct busy_process {
    pid_t child = fork();
    busy_process() {
        while (child == 0) sink = chain(1000);
    }
    ~busy_process() {
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
    }
};

// Median and largest of several runs: time over the ideal of an idle machine.
void report(char const* load, qeval::thread_pool& pool, double phase_us) {
    index const         steps = steps_for(phase_us * 1e-6 / chunks_per_thread);
    index const         total = chunks_per_thread * pool.size();
    index const         loops = static_cast<index>(0.3e6 / phase_us);
    qeval::thread_pool  one(1);
    std::vector<double> ratios;
    double              ideal = 0;
    for (int run = 0; run < 7; ++run) {
        if (run == 0 || *load == 'i') ideal = loop_seconds(one, loops / 2, total, steps) / pool.size();
        if (*load == 'i') {
            ratios.push_back(loop_seconds(pool, loops, total, steps) / ideal);
        } else {
            busy_process const hog;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            ratios.push_back(loop_seconds(pool, loops, total, steps) / ideal);
        }
    }
    std::printf("%-22s %8.0f us   %5.2f (%.2f)\n", load, phase_us, qeval::cpu::median(ratios),
                *std::max_element(ratios.begin(), ratios.end()));
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    qeval::thread_pool pool(argc > 1 ? std::atoi(argv[1]) : 0);
    std::printf("%d threads, %d chunks for each; time / ideal, median (largest) of 7\n", pool.size(),
                int(chunks_per_thread));
    for (double us : {30.0, 100.0, 1000.0}) report("idle", pool, us);
    for (double us : {30.0, 100.0, 1000.0}) report("one busy process more", pool, us);
}
