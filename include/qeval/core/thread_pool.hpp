// Threads that take chunks of an index range from one counter. Which thread computes a chunk never matters: results
// belong to indices, so they are the same for any number of threads.
//
// Two facts of busy machines shape it. A worker that is not running when a loop starts may not be for milliseconds, so
// a loop waits only for workers that entered it; and a thread that spins takes the processor from one with work, so
// waiting spins for some 10 us (the gap between two matmuls) and then sleeps in the kernel.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <qeval/core/view.hpp>

namespace qeval {

class thread_pool {
public:
    // `threads` workers in all, the calling thread included; 0 means one for each processor.
    explicit thread_pool(int threads = 0) {
        if (threads <= 0) threads = int(std::max(1u, std::thread::hardware_concurrency()));
        for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
    }
    thread_pool(thread_pool const&)            = delete;
    thread_pool& operator=(thread_pool const&) = delete;
    ~thread_pool() {
        stop_.store(true, std::memory_order_relaxed);
        loops_.fetch_add(1, std::memory_order_release);
        loops_.notify_all();
        for (auto& w : workers_) w.join();
    }

    [[nodiscard]] int size() const { return int(workers_.size()) + 1; }

    // Calls body(begin, end) for disjoint chunks of at most `chunk` indices that cover [0, count); returns when all are
    // done. The first exception of a chunk is rethrown here. Not reentrant: a body must not start another loop.
    template <class Body>
    void for_chunks(index count, index chunk, Body const& body) {
        run({[](void const* f, index b, index e) { (*static_cast<Body const*>(f))(b, e); }, &body, count, chunk});
    }

private:
    using word = std::atomic<std::uint32_t>; // what a futex waits on

    struct loop {
        void (*call)(void const*, index, index) = nullptr;
        void const* body                        = nullptr;
        index       count = 0, chunk = 1;

        void operator()(index b) const { call(body, b, std::min(count, b + chunk)); }
    };
    // Compiled once, not once for each body.
    void run(loop const& l) {
        if (l.count <= 0) return;
        if (workers_.empty() || l.count <= l.chunk) {
            for (index b = 0; b < l.count; b += l.chunk) l(b);
            return;
        }
        std::lock_guard one_loop(one_loop_); // callers take turns; no worker ever touches this
        loop_    = l;
        failure_ = nullptr;
        failed_.store(false, std::memory_order_relaxed);
        next_.store(0, std::memory_order_relaxed);
        gate_.store(open, std::memory_order_release);
        loops_.fetch_add(1, std::memory_order_release);
        loops_.notify_all();
        take_chunks();
        // The counter is spent: whoever has not come in by now need not.
        std::uint32_t inside = gate_.fetch_sub(open, std::memory_order_acq_rel) - open;
        while (inside != 0) inside = wait_while(gate_, inside);
        if (failed_.load(std::memory_order_relaxed)) std::rethrow_exception(failure_);
    }
    static void pause() {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }
    // Returns a value of w that is not `old`, acquired.
    static std::uint32_t wait_while(word const& w, std::uint32_t old) {
        using clock         = std::chrono::steady_clock;
        auto const deadline = clock::now() + std::chrono::microseconds(10);
        do {
            for (int i = 0; i < 16; ++i) {
                if (auto const now = w.load(std::memory_order_acquire); now != old) return now;
                pause();
            }
        } while (clock::now() < deadline);
        w.wait(old, std::memory_order_acquire);
        return w.load(std::memory_order_acquire);
    }
    void take_chunks() {
        try {
            for (index b = next(); b < loop_.count; b = next()) loop_(b);
        } catch (...) {
            next_.store(loop_.count, std::memory_order_relaxed);
            if (!failed_.exchange(true, std::memory_order_relaxed)) failure_ = std::current_exception();
        }
    }
    [[nodiscard]] index next() { return next_.fetch_add(loop_.chunk, std::memory_order_relaxed); }

    void work() {
        std::uint32_t seen = 0;
        for (;;) {
            seen = wait_while(loops_, seen);
            if (stop_.load(std::memory_order_relaxed)) return;
            std::uint32_t state = gate_.load(std::memory_order_relaxed);
            while (state >= open && !gate_.compare_exchange_weak(state, state + 1, std::memory_order_acquire,
                                                                 std::memory_order_relaxed)) {}
            if (state < open) continue; // over already
            take_chunks();
            if (gate_.fetch_sub(1, std::memory_order_acq_rel) == 1)
                gate_.notify_one(); // the caller waits for the last one
        }
    }

    static constexpr std::uint32_t open = 1u << 31;

    std::vector<std::thread> workers_;
    std::mutex               one_loop_;

    loop               loop_;    // written while the gate is shut and nobody is inside
    std::exception_ptr failure_; // of the thread that raised failed_

    // A line of cache each: the counter is written for every chunk.
    alignas(64) std::atomic<index> next_{0};
    alignas(64) word gate_{0};  // `open`, and how many workers are inside
    alignas(64) word loops_{0}; // started so far; workers wait here
    std::atomic<bool> failed_{false}, stop_{false};
};

} // namespace qeval
