// A priority queue for the pairs of byte-pair encoding, which arrive nearly in order.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <qeval/core/token.hpp>

namespace qeval {

struct merge_candidate {
    std::uint64_t key    = 0; // priority, then the index of the left symbol: the smallest goes first
    token         id     = -1;
    std::uint32_t length = 0; // bytes of both symbols, when the candidate was made

    friend bool operator>(merge_candidate const& a, merge_candidate const& b) { return a.key > b.key; }
};

// A few sorted runs, each a vector that grows at its end and is read from its front, beside a binary heap for what fits
// behind no run. A long run of one character makes streams of ascending keys only: they cost no logarithm and no jumps
// through memory. Any order of keys costs O(log n) at most.
class merge_queue {
public:
    void clear() {
        for (std::size_t i = 0; i < used_; ++i) runs_[i].clear();
        used_ = 0;
        heap_.clear();
    }
    // Before the first pop: in any order.
    void add(merge_candidate const& c) {
        used_ = 1;
        runs_[0].items.push_back(c);
    }
    void sort() {
        auto const less = [](merge_candidate const& a, merge_candidate const& b) { return a.key < b.key; };
        if (used_ > 0 && !std::is_sorted(runs_[0].items.begin(), runs_[0].items.end(), less)) {
            std::sort(runs_[0].items.begin(), runs_[0].items.end(), less);
        }
    }
    void push(merge_candidate const& c) {
        for (std::size_t i = 0; i < used_; ++i) {
            if (runs_[i].empty()) runs_[i].clear();
            if (runs_[i].items.empty() || runs_[i].items.back().key <= c.key) {
                runs_[i].items.push_back(c);
                return;
            }
        }
        if (used_ < runs_.size()) {
            runs_[used_++].items.push_back(c);
            return;
        }
        heap_.push_back(c);
        std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
    }
    // False when nothing is left.
    bool pop(merge_candidate& out) {
        run* best = nullptr;
        for (std::size_t i = 0; i < used_; ++i) {
            if (!runs_[i].empty() && (best == nullptr || best->front() > runs_[i].front())) best = &runs_[i];
        }
        if (best != nullptr && (heap_.empty() || !(best->front() > heap_.front()))) {
            out = best->front();
            ++best->head;
            return true;
        }
        if (heap_.empty()) return false;
        out = heap_.front();
        std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
        heap_.pop_back();
        return true;
    }

private:
    struct run {
        std::vector<merge_candidate> items;
        std::size_t                  head = 0;

        [[nodiscard]] bool                   empty() const { return head == items.size(); }
        [[nodiscard]] merge_candidate const& front() const { return items[head]; }

        void clear() {
            items.clear();
            head = 0;
        }
    };
    std::array<run, 8>           runs_;
    std::size_t                  used_ = 0;
    std::vector<merge_candidate> heap_;
};

} // namespace qeval
