// A mixture of experts: a router sends each token to a few of many feed-forward blocks, and adds up what they give. A
// token's sum is over its experts in ascending order, so that no result depends on the batch.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/mlp.hpp>
#include <qeval/model/part/projection.hpp>

namespace qeval {

struct mixture_options {
    routing_rule rule;
    index        inner        = 0; // of one expert
    gate_fn      gate         = gate_fn::silu;
    index        shared_inner = 0;     // of the block that every token goes through, too; 0: there is none
    bool         shared_gated = false; // its output times sigmoid of one number for each token
    bool         biased       = false; // the router and the experts
    bool         transposed   = false; // the experts' matrices are stored [cols, rows]
    std::string  router       = "mlp.gate";
    std::string  choice_bias  = {}; // "mlp.gate.e_score_correction_bias": see routing_rule
    gated_names  expert       = {"mlp.experts.*.gate_proj", "mlp.experts.*.up_proj", "mlp.experts.*.down_proj"};
    gated_names shared = {"mlp.shared_experts.gate_proj", "mlp.shared_experts.up_proj", "mlp.shared_experts.down_proj"};
    std::string shared_gate = "mlp.shared_expert_gate";
};

template <backend B>
class mixture {
public:
    mixture(weights<B> const& from, layer_place const& at, index width, mixture_options const& how)
        : rule_(how.rule),
          router_(from, at.matrix(tensor_role::router, how.router, tensor_split::none, rule_.experts, width),
                  how.biased) {
        if (!how.choice_bias.empty()) choice_bias_ = from.vector(at.base + how.choice_bias, rule_.experts);
        for (index e = 0; e < rule_.experts; ++e) {
            auto const  named = [e](std::string const& name) { return name.empty() ? name : numbered(name, e); };
            gated_names names = how.expert;
            for (auto* name : {&names.gate, &names.up, &names.down, &names.both}) *name = named(*name);
            auto place       = at.of_member(e, rule_.experts);
            place.transposed = how.transposed;
            experts_.emplace_back(from, place, width, how.inner, how.gate, how.biased, names);
        }
        if (how.shared_inner > 0) shared_.emplace(from, at, width, how.shared_inner, how.gate, false, how.shared);
        if (how.shared_gated)
            shared_gate_.emplace(from, at.matrix(tensor_role::router, how.shared_gate, tensor_split::none, 1, width),
                                 false);
    }

    typename B::tensor operator()(pass<B>& p, typename B::input input) const { // [n, width] -> [n, width]
        auto const shares = p.device.route(router_(p, input), rule_, choice_bias_ ? &*choice_bias_ : nullptr);
        auto       sum    = p.device.zeros(index(p.step.tokens.size()), router_.slot().cols);
        for (std::size_t e = 0; e < shares.size(); ++e) {
            if (shares[e].rows.empty()) continue; // its weights are not touched
            pass<B> some = p;
            some.rows    = shares[e].rows;
            p.device.add_rows(sum, experts_[e](some, p.device.select(input, some.rows)), shares[e]);
        }
        if (shared_) {
            std::optional<typename B::tensor> factor;
            if (shared_gate_) {
                factor = (*shared_gate_)(p, input); // [n, 1]
                p.device.activate(*factor, activation_fn::sigmoid);
            }
            auto all = (*shared_)(p, std::move(input));
            if (factor) p.device.multiply_rows(all, *factor);
            p.device.add(sum, all);
        }
        return sum;
    }

private:
    [[nodiscard]] static std::string numbered(std::string name, index e) {
        return name.replace(name.find('*'), 1, std::to_string(e));
    }

    routing_rule                      rule_;
    projection<B>                     router_;
    std::optional<typename B::vector> choice_bias_;
    std::vector<gated_mlp<B>>         experts_;
    std::optional<gated_mlp<B>>       shared_;
    std::optional<projection<B>>      shared_gate_;
};

// The feed-forward block of a layer that has experts or none, as the layer's number decides.
template <backend B>
class mixture_or_mlp {
public:
    mixture_or_mlp(mixture<B> m) : mixture_(std::move(m)) {}
    mixture_or_mlp(gated_mlp<B> m) : mlp_(std::move(m)) {}

    typename B::tensor operator()(pass<B>& p, typename B::input input) const { // [n, width] -> [n, width]
        return mixture_ ? (*mixture_)(p, std::move(input)) : (*mlp_)(p, std::move(input));
    }

private:
    std::optional<mixture<B>>   mixture_;
    std::optional<gated_mlp<B>> mlp_;
};

} // namespace qeval
