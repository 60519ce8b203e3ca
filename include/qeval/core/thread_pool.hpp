// Threads that take chunks of an index range from one counter. Which thread computes a chunk never matters: results
// belong to indices, so they are the same for any number of threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
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
        {
            std::lock_guard lock(mutex_);
            stop_ = true;
            generation_.fetch_add(1, std::memory_order_release);
        }
        wake_.notify_all();
        for (auto& w : workers_) w.join();
    }

    [[nodiscard]] int size() const { return int(workers_.size()) + 1; }

    // Calls body(begin, end) for disjoint chunks of at most `chunk` indices that cover [0, count); returns when all are
    // done. The first exception of a chunk is rethrown here. Not reentrant: a body must not start another loop.
    template <class Body>
    void for_chunks(index count, index chunk, Body const& body) {
        if (count <= 0) return;
        if (workers_.empty() || count <= chunk) {
            for (index b = 0; b < count; b += chunk) body(b, std::min(count, b + chunk));
            return;
        }
        std::lock_guard one_loop(loop_);
        std::function<void(index, index)> const erased = std::cref(body);
        {
            std::lock_guard lock(mutex_);
            body_    = &erased;
            count_   = count;
            chunk_   = chunk;
            failure_ = nullptr;
            next_.store(0, std::memory_order_relaxed);
            active_.store(int(workers_.size()), std::memory_order_relaxed);
            generation_.fetch_add(1, std::memory_order_release);
        }
        wake_.notify_all();
        take_chunks();
        for (int spin = 0; active_.load(std::memory_order_acquire) != 0 && spin < spin_limit; ++spin) pause();
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return active_.load(std::memory_order_acquire) == 0; });
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    // About 10 us: long enough for the gap between two matmuls, short enough not to fight a busy third process.
    static constexpr int spin_limit = 300;

    static void pause() {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }
    void take_chunks() {
        try {
            for (index b = next_.fetch_add(chunk_); b < count_; b = next_.fetch_add(chunk_)) {
                (*body_)(b, std::min(count_, b + chunk_));
            }
        } catch (...) {
            next_.store(count_);
            std::lock_guard lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
        }
    }
    void work() {
        std::uint64_t seen = 0;
        for (;;) {
            for (int spin = 0; generation_.load(std::memory_order_acquire) == seen && spin < spin_limit; ++spin) pause();
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [&] { return generation_.load(std::memory_order_acquire) != seen; });
                seen = generation_.load(std::memory_order_acquire);
                if (stop_) return;
            }
            take_chunks();
            if (active_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
                std::lock_guard lock(mutex_);
                done_.notify_one();
            }
        }
    }

    std::vector<std::thread>                 workers_;
    std::mutex                               loop_;  // one loop at a time
    std::mutex                               mutex_; // guards the fields below it that are not atomic
    std::condition_variable                  wake_, done_;
    std::function<void(index, index)> const* body_  = nullptr;
    index                                    count_ = 0;
    index                                    chunk_ = 1;
    std::exception_ptr                       failure_;
    bool                                     stop_ = false;
    std::atomic<std::uint64_t>               generation_{0};
    std::atomic<index>                       next_{0};
    std::atomic<int>                         active_{0};
};

} // namespace qeval
