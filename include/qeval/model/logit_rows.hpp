// Logits where a backend has them. What is asked of a row is computed there: a number or two travel, not a vocabulary.
#pragma once

#include <span>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/model/log_softmax.hpp>

namespace qeval {

// A row of logits, and the token that is looked for in it. Several targets may be of one row.
struct logit_target {
    index row  = 0;
    token next = 0;
};

// What the exponentials under ln sum e^logit are computed in; the sum itself is always of doubles.
//   f32   about 1e-7 of rounding: what ranks answers. A row with an infinity or a NaN has no best token and a NaN sum.
//   f64   about 1e-11: what losses and divergences of texts are made of; see model/log_softmax.hpp
enum class exponentials { f32, f64 };

struct logit_summary {
    double log_sum_exp = 0;  // ln sum e^logit over the row
    token  best        = -1; // the lowest index of the largest logit
    float  logit       = 0;  // the target's

    [[nodiscard]] double log_probability() const { return static_cast<double>(logit) - log_sum_exp; } // of the target
    [[nodiscard]] double loss() const { return log_sum_exp - static_cast<double>(logit); }            // -log p
};

// A row that another model computed at the same place: its logits, [vocabulary], and their norm in f64 exponentials.
struct kept_row {
    std::span<float const> logits;
    softmax_norm           norm;
};
struct logit_divergence {
    logit_summary of;     // in f64 exponentials
    double        kl = 0; // KL(kept || of), nats
};

// Some rows, [rows, vocabulary], valid while their sink runs.
class logit_rows {
public:
    virtual ~logit_rows() = default;

    // One summary for each target. A number depends on nothing but its row and target.
    [[nodiscard]] virtual std::vector<logit_summary> summarize(std::span<logit_target const> targets,
                                                               exponentials                  how) const = 0;
    // The divergence of each target's row from kept[i], which is as wide.
    [[nodiscard]] virtual std::vector<logit_divergence> diverge(std::span<logit_target const> targets,
                                                                std::span<kept_row const>     kept) const = 0;
    // Whole rows: for sampling, and for whoever keeps them.
    [[nodiscard]] virtual matrix_view<float const> to_host() const = 0;

    operator matrix_view<float const>() const { return to_host(); } // for sinks that want nothing else
};

// The summaries of targets from the norms of all rows: what backends whose rows lie in host memory share.
[[nodiscard]] inline std::vector<logit_summary> summaries_of(matrix_view<float const>      logits,
                                                             std::span<softmax_norm const> norms,
                                                             std::span<logit_target const> targets) {
    std::vector<logit_summary> out;
    out.reserve(targets.size());
    for (auto const& t : targets) {
        auto const& norm = norms[static_cast<std::size_t>(t.row)];
        out.push_back({norm.log_sum_exp, norm.top, logits(t.row, t.next)});
    }
    return out;
}

} // namespace qeval
