// How far a scheme's next-token distributions are from the reference's, over all scored positions of a text.
#pragma once

#include <string>

#include <qeval/core/view.hpp>
#include <qeval/eval/statistics/estimate.hpp>
#include <qeval/eval/statistics/percentile.hpp>

namespace qeval {

// MindIE's rule for a passing logit check, over the positions of each sequence up to the first where the most likely
// tokens differ.
struct acceptance_count {
    index compared = 0, above_1e_4 = 0, above_1e_3 = 0; // positions, by their KL divergence

    [[nodiscard]] bool passes() const {
        return compared > 0 && above_1e_3 == 0 &&
               static_cast<double>(above_1e_4) <= 0.005 * static_cast<double>(compared);
    }
};

struct divergence_result {
    std::string      protocol;
    index            positions  = 0;
    index            not_finite = 0; // positions where a logit of either side was NaN or infinite
    estimate         kl;             // KL(reference || scheme), nats per token
    percentile_table kl_percentiles;
    estimate         top_agreement; // share of positions with the same most likely token
    estimate         delta_p;       // p_scheme(true token) - p_reference(true token), mean
    estimate         delta_p_rms;
    percentile_table delta_p_percentiles;
    acceptance_count acceptance;
};

} // namespace qeval
