// Computes a prefix tree with a model. Nodes whose parents are computed go into passes of limited size; a child starts
// from a fork of its parent's state. The walk goes depth first, so that few states are alive at a time.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <qeval/engine/prefix_tree.hpp>
#include <qeval/model/causal_lm.hpp>

namespace qeval {

struct batch_limits {
    index tokens    = 512; // at most, in one forward pass
    index sequences = 64;
};

// A sequence that has been computed, and its state, from which sequences that begin alike can go on. So the questions
// under one few-shot header can come in several calls.
struct known_sequence {
    std::vector<token>                    tokens;
    std::shared_ptr<sequence_state const> state;
};

class tree_walk {
public:
    struct row {
        index node     = 0;
        index position = 0; // in the sequence
    };
    // Is called with rows of logits, [n, vocabulary], and the position of each; positions of a sequence ascend.
    using row_sink = std::function<void(std::span<row const>, logit_rows const&)>;
    // Is told that a node has been computed. The state may be kept for sequences that end there.
    using end_sink = std::function<void(index node, std::shared_ptr<sequence_state const> const&)>;

    tree_walk(causal_lm& model, prefix_tree const& tree, batch_limits const& limits, known_sequence const& known)
        : model_(model), tree_(tree), limits_(limits), known_(known) {}

    // wanted(node) is the first position of the node whose logits are wanted; beyond its end, none are.
    void run(std::function<index(prefix_node const&)> const& wanted, row_sink const& rows, end_sink const& ended = {}) {
        std::vector<job> ready = first_jobs(wanted); // used as a stack
        while (!ready.empty()) {
            std::vector<job>           jobs;
            std::vector<sequence_step> steps;
            index                      room = std::max<index>(1, limits_.tokens);
            while (!ready.empty() && room > 0 && index(jobs.size()) < std::max<index>(1, limits_.sequences)) {
                job         j = std::move(ready.back());
                auto const& n = node(j.node);
                ready.pop_back();
                if (!j.state) j.state = j.parent ? j.parent->fork(n.start + j.done) : model_.start();
                j.parent       = nullptr;
                index const to = std::min(index(n.tokens.size()), j.done + room);
                steps.push_back({j.state.get(), n.tokens.subspan(std::size_t(j.done), std::size_t(to - j.done)),
                                 wanted(n) - n.start - j.done});
                room -= to - j.done;
                jobs.push_back(std::move(j));
            }
            model_.forward(steps, [&](std::span<logit_row const> given, logit_rows const& logits) {
                std::vector<row> out;
                for (auto const& g : given) {
                    job const& j = jobs[std::size_t(g.step)];
                    out.push_back({j.node, node(j.node).start + j.done + g.offset});
                }
                rows(out, logits);
            });
            for (std::size_t i = jobs.size(); i-- > 0;) {
                job& j = jobs[i];
                j.done += index(steps[i].tokens.size());
                computed_ += index(steps[i].tokens.size());
                if (j.done < index(node(j.node).tokens.size())) {
                    ready.push_back(std::move(j));
                    continue;
                }
                if (ended) ended(j.node, j.state);
                auto const& children = node(j.node).children;
                for (auto c = children.rbegin(); c != children.rend(); ++c) ready.push_back({*c, 0, j.state, nullptr});
            }
        }
    }
    [[nodiscard]] index computed() const { return computed_; } // tokens, so far

private:
    struct job {
        index                                 node = 0;
        index                                 done = 0; // tokens of the node that have been computed
        std::shared_ptr<sequence_state const> parent;
        std::shared_ptr<sequence_state>       state; // of the node itself, once it has begun
    };
    // The nodes to begin with: the roots or, where the known sequence begins alike, what it leaves to be computed. Its
    // logits are gone, so positions whose logits are wanted are computed again.
    [[nodiscard]] std::vector<job> first_jobs(std::function<index(prefix_node const&)> const& wanted) const {
        std::vector<job>                      ready;
        std::span<index const>                level = tree_.roots();
        std::shared_ptr<sequence_state const> parent;
        while (!level.empty()) {
            index through = -1; // the node of this level that is known as a whole; at most one is
            for (auto r = level.rbegin(); r != level.rend(); ++r) {
                prefix_node const& n    = node(*r);
                index const        done = std::min(known_tokens(n), std::max<index>(0, wanted(n) - n.start));
                if (done == index(n.tokens.size()) && n.ending == 0) {
                    through = *r;
                } else if (done == 0) {
                    ready.push_back({*r, 0, parent, nullptr});
                } else {
                    ready.push_back({*r, std::min(done, index(n.tokens.size()) - 1), known_.state, nullptr});
                }
            }
            level  = through < 0 ? std::span<index const>() : std::span<index const>(node(through).children);
            parent = known_.state;
        }
        return ready;
    }
    // How many of the node's tokens the known sequence has. It has all tokens before the node.
    [[nodiscard]] index known_tokens(prefix_node const& n) const {
        if (index(known_.tokens.size()) <= n.start) return 0;
        auto const rest = std::span(known_.tokens).subspan(std::size_t(n.start));
        return index(std::mismatch(n.tokens.begin(), n.tokens.end(), rest.begin(), rest.end()).first -
                     n.tokens.begin());
    }
    [[nodiscard]] prefix_node const& node(index i) const { return tree_.nodes()[std::size_t(i)]; }

    causal_lm&            model_;
    prefix_tree const&    tree_;
    batch_limits          limits_;
    known_sequence const& known_;
    index                 computed_ = 0;
};

} // namespace qeval
