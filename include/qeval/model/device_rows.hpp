// Rows of logits as a backend holds them.
#pragma once

#include <span>
#include <vector>

#include <qeval/model/backend.hpp>
#include <qeval/model/logit_rows.hpp>

namespace qeval {

template <backend B>
class device_rows final : public logit_rows {
public:
    // Both outlive this object.
    device_rows(B& device, typename B::tensor const& logits) : device_(&device), logits_(&logits) {}

    [[nodiscard]] std::vector<logit_summary> summarize(std::span<logit_target const> targets,
                                                       exponentials                  how) const override {
        return device_->summarize(*logits_, targets, how);
    }
    [[nodiscard]] std::vector<logit_divergence> diverge(std::span<logit_target const> targets,
                                                        std::span<kept_row const>     kept) const override {
        return device_->diverge(*logits_, targets, kept);
    }
    [[nodiscard]] matrix_view<float const> to_host() const override { return device_->to_host(*logits_); }

private:
    B*                        device_;
    typename B::tensor const* logits_;
};

} // namespace qeval
