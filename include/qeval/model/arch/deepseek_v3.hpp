// DeepSeek-V3 and -R1: DeepSeek-V2 whose experts are scored by sigmoids and chosen with a bias, from groups by their
// best two. Origin: transformers, models/deepseek_v3.
#pragma once

#include <qeval/core/counted.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/deepseek_v2.hpp>

namespace qeval {

struct deepseek_v3 : deepseek_v2 {
    static constexpr architecture_name names{"DeepseekV3ForCausalLM", "deepseek_v3", "deepseek2"};

    // 2 of GGUF's gating functions is the sigmoid.
    static bool accepts(config_reader const& r) {
        return !r.is_gguf() || r.count({"", "expert_gating_func"}, 100, 1) == 2;
    }

    static config read(config_reader const& r) {
        bool const     pairs = r.is_gguf() || r.flag("rope_interleave", "", true);
        defaults const usual{{.context = 4096, .sizes = {7168, 18432, 61, 128, 129280}}, 2048, 256, 8, 1, 8, 4, 3};
        config         c      = read_latent(r, pairs ? rope_order::adjacent_pairs : rope_order::half_split, usual);
        auto&          rule   = c.mixture.rule;
        rule.score            = routing_rule::scores::sigmoid;
        rule.best_two         = true;
        rule.normalised       = r.is_gguf() ? r.truth({"", "expert_weights_norm"}) : r.flag("norm_topk_prob", "", true);
        rule.scale            = float(r.number({"routed_scaling_factor", "expert_weights_scale"}, 1e-6, 1e6, 2.5));
        c.mixture.choice_bias = "mlp.gate.e_score_correction_bias";
        if (!r.is_gguf() && rule.groups == 0) r.at({"n_group"}).fail("a number of groups", "CF01");
        check_groups(r, rule);
        config_key const further{"num_nextn_predict_layers"};
        auto const       stated = r.find(further);
        c.further_layers        = stated ? stated->integer(0, config_limits::layers) : 0;
        if (c.further_layers > 0)
            r.note(stated->place() + ": " + counted(c.further_layers, "layers") +
                   " behind the last, for further tokens, left aside where stored");
        return c;
    }
    template <backend B>
    using model = decoder_model<B, deepseek_v3>;
};

} // namespace qeval
