// A program outside qeval's own build: it needs the headers, C++20 and threads, and gets them from qeval::qeval.
#include <cstdio>
#include <vector>

#include <qeval/core/half.hpp>
#include <qeval/core/thread_pool.hpp>

int main() {
    std::vector<float> doubled(1000);
    qeval::thread_pool pool(2);
    pool.for_chunks(1000, 64, [&](qeval::index begin, qeval::index end) {
        for (qeval::index i = begin; i < end; ++i) doubled[std::size_t(i)] = 2 * qeval::f16::from(float(i)).to_float();
    });
    for (std::size_t i = 0; i < doubled.size(); ++i)
        if (doubled[i] != 2 * float(i)) return 1; // integers below 2048 are exact in f16
    std::puts("qeval found, compiled, linked and run");
    return 0;
}
