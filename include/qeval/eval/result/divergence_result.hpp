// The divergence of a scheme's next-token distributions from the reference's, over all scored positions of a text.
#pragma once

#include <string>

#include <qeval/core/view.hpp>
#include <qeval/eval/statistics/estimate.hpp>
#include <qeval/eval/statistics/percentile.hpp>

namespace qeval {

// MindIE's logit check. Of each sequence it compares the positions up to and with the first one at which the most
// likely tokens differ. A scheme passes if no KL divergence is above 1e-3 and at most 0.5 % of them are above 1e-4.
struct acceptance_count {
    // How many positions are compared; how many of them have a larger KL divergence.
    index compared = 0, above_1e_4 = 0, above_1e_3 = 0;

    [[nodiscard]] bool passes() const {
        return compared > 0 && above_1e_3 == 0 &&
               static_cast<double>(above_1e_4) <= 0.005 * static_cast<double>(compared);
    }
};

struct divergence_result {
    std::string      protocol;
    index            positions  = 0;
    index            not_finite = 0; // positions at which a logit of either model is NaN or infinite
    estimate         kl;             // KL(reference || scheme), nats per token
    percentile_table kl_percentiles;
    estimate         top_agreement; // share of positions with the same most likely token
    estimate         delta_p;       // mean of p_scheme(true token) - p_reference(true token)
    estimate         delta_p_rms;
    percentile_table delta_p_percentiles;
    acceptance_count acceptance;
};

} // namespace qeval
