// Rows of logits in host memory, for models that have no backend: everything by the scalar definitions.
#pragma once

#include <span>
#include <vector>

#include <qeval/model/logit_rows.hpp>
#include <qeval/model/reference.hpp>

namespace qeval {

class host_rows final : public logit_rows {
public:
    explicit host_rows(matrix_view<float const> logits) : logits_(logits) {}

    [[nodiscard]] std::vector<logit_summary> summarize(std::span<logit_target const> targets,
                                                       exponentials                  how) const override {
        return summaries_of(logits_, norms(how), targets);
    }
    [[nodiscard]] std::vector<logit_divergence> diverge(std::span<logit_target const> targets,
                                                        std::span<kept_row const>     kept) const override {
        auto const                    norm = norms(exponentials::f64);
        auto const                    of   = summaries_of(logits_, norm, targets);
        std::vector<logit_divergence> out;
        for (std::size_t i = 0; i < of.size(); ++i) {
            out.push_back({of[i], kl_divergence(kept[i].logits, kept[i].norm, logits_.row(targets[i].row),
                                                norm[static_cast<std::size_t>(targets[i].row)])});
        }
        return out;
    }
    [[nodiscard]] matrix_view<float const> to_host() const override { return logits_; }

private:
    [[nodiscard]] std::vector<softmax_norm> norms(exponentials how) const {
        std::vector<softmax_norm> out;
        for (index r = 0; r < logits_.rows; ++r) {
            out.push_back(how == exponentials::f32 ? reference::normalise(logits_.row(r)) : normalise(logits_.row(r)));
        }
        return out;
    }

    matrix_view<float const> logits_;
};

} // namespace qeval
