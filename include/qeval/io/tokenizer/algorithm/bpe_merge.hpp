// The joining of neighbours that both kinds of byte-pair encoding share: best pair first, the leftmost of equals.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/io/tokenizer/algorithm/merge_queue.hpp>

namespace qeval {

// A run of bytes of the text that is, so far, one unit; a doubly linked list in a vector.
struct bpe_symbol {
    std::uint32_t begin  = 0; // first byte in the text
    std::uint32_t length = 0; // bytes; 0 when joined to the one before
    std::int32_t  prev   = -1;
    std::int32_t  next   = -1;
    token         id     = -1;
};

// What joining two neighbours gives; a smaller priority is joined earlier. id < 0: they do not join.
struct bpe_join {
    std::uint32_t priority = 0;
    token         id       = -1;
};

// Buffers that are kept between pieces of a text.
struct bpe_scratch {
    std::vector<bpe_symbol> symbols;
    merge_queue             queue;
    bool                    escaped = false; // the text is in the form of escape_bytes()
    std::size_t             dropped = 0;     // bytes that had no spelling and were left out

    void add(std::uint32_t begin, std::uint32_t length, token id) {
        auto const at = static_cast<std::int32_t>(symbols.size());
        if (at > 0) symbols.back().next = at;
        symbols.push_back({begin, length, at - 1, -1, id});
    }
};

// Joins until no pair is left; find(left, right) is a bpe_join. O(n log n): each join adds at most two candidates.
template <class Find>
void join_symbols(bpe_scratch& scratch, Find const& find) {
    auto& symbols = scratch.symbols;
    auto& queue   = scratch.queue;
    queue.clear();
    auto const candidate_at = [&](std::int32_t left, auto const& use) {
        if (left < 0) return;
        auto const&        a     = symbols[static_cast<std::size_t>(left)];
        std::int32_t const right = a.next;
        if (right < 0) return;
        auto const&    b    = symbols[static_cast<std::size_t>(right)];
        bpe_join const join = find(a, b);
        if (join.id < 0) return;
        use({std::uint64_t{join.priority} << 32 | static_cast<std::uint32_t>(left), join.id, a.length + b.length});
    };
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
        candidate_at(static_cast<std::int32_t>(i), [&](merge_candidate const& c) { queue.add(c); });
    }
    queue.sort();
    auto const push = [&](merge_candidate const& c) { queue.push(c); };
    for (merge_candidate best; queue.pop(best);) {
        auto const left_index = static_cast<std::int32_t>(best.key & 0xffffffffU);
        auto&      left       = symbols[static_cast<std::size_t>(left_index)];
        // Out of date when either has been joined since: a dead symbol is empty, a grown one changes the sum.
        if (left.length == 0 || left.next < 0) continue;
        auto& right = symbols[static_cast<std::size_t>(left.next)];
        if (left.length + right.length != best.length) continue;
        left.length  = best.length;
        left.id      = best.id;
        left.next    = right.next;
        right.length = 0;
        if (left.next >= 0) symbols[static_cast<std::size_t>(left.next)].prev = left_index;
        candidate_at(left.prev, push);
        candidate_at(left_index, push);
    }
}

// What joins, by the ids of the neighbours: rows of right neighbours sorted for binary search, one row per left one.
// No hash table, so no file can make look-ups slow.
class merge_table {
public:
    struct rule {
        token         left   = 0;
        token         right  = 0;
        token         merged = 0;
        std::uint32_t rank   = 0;
    };

    merge_table() = default;
    // Every id must lie in [0, vocabulary). Of two rules for one pair the later one counts.
    merge_table(std::vector<rule> rules, std::size_t vocabulary) : rows_(vocabulary + 1, 0) {
        std::stable_sort(rules.begin(), rules.end(), [](rule const& a, rule const& b) {
            return a.left != b.left ? a.left < b.left : a.right < b.right;
        });
        for (std::size_t i = 0; i < rules.size(); ++i) {
            bool const again =
                i + 1 < rules.size() && rules[i + 1].left == rules[i].left && rules[i + 1].right == rules[i].right;
            if (again) continue;
            rights_.push_back(rules[i].right);
            joins_.push_back({rules[i].rank, rules[i].merged});
            ++rows_[static_cast<std::size_t>(rules[i].left) + 1];
        }
        for (std::size_t i = 1; i < rows_.size(); ++i) rows_[i] += rows_[i - 1];
    }

    [[nodiscard]] bpe_join find(token left, token right) const {
        if (left < 0 || right < 0) return {};
        auto const row   = static_cast<std::size_t>(left);
        auto const first = rights_.begin() + rows_[row];
        auto const last  = rights_.begin() + rows_[row + 1];
        auto const it    = std::lower_bound(first, last, right);
        return it == last || *it != right ? bpe_join{} : joins_[static_cast<std::size_t>(it - rights_.begin())];
    }
    [[nodiscard]] std::size_t size() const { return joins_.size(); }

    // Every rule, ordered by pair: f(left, right, join).
    template <class F>
    void for_each(F&& f) const {
        for (std::size_t row = 0; row + 1 < rows_.size(); ++row) {
            for (auto i = static_cast<std::size_t>(rows_[row]); i < static_cast<std::size_t>(rows_[row + 1]); ++i) {
                f(static_cast<token>(row), rights_[i], joins_[i]);
            }
        }
    }

private:
    std::vector<std::ptrdiff_t> rows_; // [vocabulary + 1] first rule of each left neighbour
    std::vector<token>          rights_;
    std::vector<bpe_join>       joins_;
};

} // namespace qeval
