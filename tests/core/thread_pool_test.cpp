#include <atomic>
#include <cmath>
#include <stdexcept>
#include <thread>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/thread_pool.hpp>

using qeval::index;

TEST_CASE("every index is visited exactly once, for any number of threads, count and chunk") {
    for (int threads : {1, 2, 3, 5}) {
        qeval::thread_pool pool(threads);
        CHECK(pool.size() == threads);
        for (index count : {0, 1, 2, 7, 64, 65, 1000})
            for (index chunk : {1, 3, 64, 5000}) {
                std::vector<std::atomic<int>> visits(std::size_t(count) + 1);
                std::atomic<bool>             fits{true};
                pool.for_chunks(count, chunk, [&](index begin, index end) {
                    if (begin >= end || end - begin > chunk || end > count) fits = false;
                    for (index i = begin; i < end; ++i) ++visits[std::size_t(i)];
                });
                CHECK(fits);
                bool once = visits[std::size_t(count)] == 0;
                for (index i = 0; i < count; ++i) once = once && visits[std::size_t(i)] == 1;
                INFO(threads << " threads, count " << count << ", chunk " << chunk);
                CHECK(once);
            }
    }
}

TEST_CASE("what a loop writes is visible after it, loop after loop") {
    qeval::thread_pool pool(3);
    std::vector<long>  cells(257, 0);
    for (int round = 0; round < 2000; ++round) // plain writes: only the pool orders them
        pool.for_chunks(257, 16, [&](index begin, index end) {
            for (index i = begin; i < end; ++i) cells[std::size_t(i)] += i;
        });
    bool right = true;
    for (index i = 0; i < 257; ++i) right = right && cells[std::size_t(i)] == 2000 * i;
    CHECK(right);
}

TEST_CASE("results that belong to indices are the same bits for any number of threads") {
    auto const compute = [](int threads) {
        qeval::thread_pool pool(threads);
        std::vector<float> out(1000);
        pool.for_chunks(1000, 7, [&](index begin, index end) {
            for (index i = begin; i < end; ++i) {
                float sum = 0;
                for (int k = 1; k < 50; ++k) sum += std::sin(float(i * k)) / float(k);
                out[std::size_t(i)] = sum;
            }
        });
        return out;
    };
    auto const one = compute(1);
    CHECK(compute(2) == one);
    CHECK(compute(3) == one);
    CHECK(compute(5) == one);
}

TEST_CASE("an exception of a body reaches the caller, and the pool goes on working") {
    for (int threads : {1, 2, 3}) {
        qeval::thread_pool pool(threads);
        for (int round = 0; round < 50; ++round) {
            CHECK_THROWS_WITH(pool.for_chunks(100, 1,
                                              [](index begin, index) {
                                                  if (begin == 41) throw std::runtime_error("forty-one");
                                              }),
                              "forty-one");
            std::atomic<int> sum{0};
            pool.for_chunks(100, 1, [&](index begin, index) { sum += int(begin); });
            CHECK(sum == 4950);
        }
    }
}

TEST_CASE("loops started from several threads take turns") {
    qeval::thread_pool       pool(2);
    std::atomic<long>        sum{0};
    std::vector<std::thread> callers;
    for (int c = 0; c < 3; ++c)
        callers.emplace_back([&] {
            for (int round = 0; round < 100; ++round)
                pool.for_chunks(64, 4, [&](index begin, index end) { sum += end - begin; });
        });
    for (auto& caller : callers) caller.join();
    CHECK(sum == 3 * 100 * 64);
}

TEST_CASE("a pool that never ran a loop stops at once") {
    for (int i = 0; i < 100; ++i) qeval::thread_pool pool(4);
    CHECK(qeval::thread_pool(0).size() >= 1);
}
