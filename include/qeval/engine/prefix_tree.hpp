// A tree of token sequences in which common beginnings are merged, so that a shared few-shot header or context is
// computed once.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>

namespace qeval {

struct prefix_node {
    index                  parent = -1; // -1: a sequence begins here
    index                  start  = 0;  // position of its first token
    std::span<token const> tokens;
    index                  first = 0, last = 0; // the sequences that contain it: order[first, last)
    index                  ending = 0;          // those of them that end with it: order[first, first + ending)
    std::vector<index>     children;
};

class prefix_tree {
public:
    // The sequences must outlive the tree. Empty ones have no node.
    explicit prefix_tree(std::span<std::span<token const> const> sequences)
        : sequences_(sequences), order_(sequences.size()) {
        std::iota(order_.begin(), order_.end(), index(0));
        std::sort(order_.begin(), order_.end(), [&](index a, index b) {
            auto const x = at(a), y = at(b);
            auto const [p, q] = std::mismatch(x.begin(), x.end(), y.begin(), y.end());
            if (q == y.end()) return p == x.end() && a < b; // y is a prefix of x, or both are the same
            return p == x.end() || *p < *q;
        });
        index begin = 0;
        while (begin < index(order_.size()) && at(order_[std::size_t(begin)]).empty()) ++begin;
        add_children(-1, begin, index(order_.size()), 0, roots_);
        for (std::size_t n = 0; n < nodes_.size(); ++n) { // nodes are appended behind their parents
            auto const         node = nodes_[n];
            std::vector<index> children;
            add_children(index(n), node.first + node.ending, node.last, node.start + index(node.tokens.size()),
                         children);
            nodes_[n].children = std::move(children);
        }
    }
    [[nodiscard]] std::span<prefix_node const> nodes() const { return nodes_; }
    [[nodiscard]] std::span<index const>       roots() const { return roots_; }
    [[nodiscard]] std::span<index const>       order() const { return order_; }

    [[nodiscard]] std::span<index const> through(prefix_node const& n) const {
        return std::span(order_).subspan(std::size_t(n.first), std::size_t(n.last - n.first));
    }
    [[nodiscard]] index tokens() const { // in all nodes: as many as have to be computed
        index sum = 0;
        for (auto const& n : nodes_) sum += index(n.tokens.size());
        return sum;
    }

private:
    [[nodiscard]] std::span<token const> at(index sequence) const { return sequences_[std::size_t(sequence)]; }

    // Adds one node for each different token at position `depth` of the sequences order[first, last), which are longer
    // than `depth` and equal up to there. Appends their numbers to `out`.
    void add_children(index parent, index first, index last, index depth, std::vector<index>& out) {
        for (index begin = first; begin < last;) {
            auto const front = at(order_[std::size_t(begin)]);
            index      end   = begin + 1;
            while (end < last && at(order_[std::size_t(end)])[std::size_t(depth)] == front[std::size_t(depth)]) ++end;
            auto const back = at(order_[std::size_t(end - 1)]);
            // The sequences are sorted: what the first and the last have in common, all between them have, too.
            auto const common =
                index(std::mismatch(front.begin(), front.end(), back.begin(), back.end()).first - front.begin());
            prefix_node n;
            n.parent = parent, n.start = depth, n.first = begin, n.last = end;
            n.tokens = front.subspan(std::size_t(depth), std::size_t(common - depth));
            while (n.first + n.ending < end && index(at(order_[std::size_t(n.first + n.ending)]).size()) == common)
                ++n.ending;
            out.push_back(index(nodes_.size()));
            nodes_.push_back(std::move(n));
            begin = end;
        }
    }

    std::span<std::span<token const> const> sequences_;
    std::vector<index>                      order_; // sequences, sorted; a prefix stands before what it begins
    std::vector<index>                      roots_;
    std::vector<prefix_node>                nodes_;
};

} // namespace qeval
