// Reads token sequences with a model. Common beginnings are computed once, sequences of all lengths are computed
// together, long ones in pieces, and a call goes on from the last sequence of the call before where both begin alike.
// No logit depends on any of this.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/engine/prefix_tree.hpp>
#include <qeval/engine/tree_walk.hpp>
#include <qeval/model/causal_lm.hpp>
#include <qeval/model/logit_rows.hpp>

namespace qeval {

// How many tokens a reader has computed, and how many it would have computed by reading each sequence by itself.
struct token_counts {
    index computed = 0;
    index naive    = 0;
};

class sequence_reader {
public:
    // Is told that a sequence has been read. To go on with the sequence, fork the state.
    using end_sink = std::function<void(index sequence, sequence_state const& state)>;

    sequence_reader(causal_lm& model, batch_limits const& limits) : model_(&model), limits_(limits) {}

    [[nodiscard]] causal_lm&          model() const { return *model_; }
    [[nodiscard]] batch_limits const& limits() const { return limits_; }
    [[nodiscard]] token_counts        counts() const { return counts_; }

    // Gives `rows` the logits of sequence s at positions >= first[s], and tells `ended` when a sequence has been read.
    // Empty sequences are not read.
    void read(std::span<std::span<token const> const> sequences, std::span<index const> first, logit_sink const& rows,
              end_sink const& ended = {}) {
        prefix_tree const        tree(sequences);
        tree_walk                walk(*model_, tree, limits_, known_);
        known_sequence           last; // the next call probably begins as this one ends
        index const              keep = last_with_tokens(sequences);
        std::vector<logit_place> wanted;
        walk.run(
            [&](prefix_node const& n) { // the first position of which a sequence wants logits
                index least = std::numeric_limits<index>::max();
                for (index const s : tree.through(n)) least = std::min(least, first[std::size_t(s)]);
                return least;
            },
            [&](std::span<tree_walk::row const> given, logit_rows const& logits) {
                wanted.clear();
                for (std::size_t r = 0; r < given.size(); ++r) {
                    for (index const s : tree.through(tree.nodes()[std::size_t(given[r].node)])) {
                        if (given[r].position >= first[std::size_t(s)])
                            wanted.push_back({s, given[r].position, index(r)});
                    }
                }
                rows(wanted, logits);
            },
            [&](index node, std::shared_ptr<sequence_state const> const& state) {
                prefix_node const& n = tree.nodes()[std::size_t(node)];
                for (index const s : tree.through(n).first(std::size_t(n.ending))) {
                    if (ended) ended(s, *state);
                    auto const tokens = sequences[std::size_t(s)];
                    if (s == keep) last = {{tokens.begin(), tokens.end()}, state};
                }
            });
        for (auto const& s : sequences) counts_.naive += index(s.size());
        counts_.computed += walk.computed();
        if (last.state) known_ = std::move(last);
    }

    // Lets each of `steps` go on by one token.
    void step(std::span<sequence_step const> steps, logit_rows_sink const& sink) {
        counts_.computed += index(steps.size());
        counts_.naive += index(steps.size());
        model_->forward(steps, sink);
    }

private:
    [[nodiscard]] static index last_with_tokens(std::span<std::span<token const> const> sequences) {
        index at = -1;
        for (std::size_t i = 0; i < sequences.size(); ++i) {
            if (!sequences[i].empty()) at = index(i);
        }
        return at;
    }

    causal_lm*     model_;
    batch_limits   limits_;
    token_counts   counts_;
    known_sequence known_; // the last sequence of the last call
};

} // namespace qeval
