// Granite with a mixture of experts whose gates and values are one matrix in safetensors, and two in a GGUF. Origin:
// transformers, models/granitemoe.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/granite.hpp>
#include <qeval/model/part/mixture.hpp>
#include <qeval/model/part/read_mixture.hpp>

namespace qeval {

struct granite_moe {
    static constexpr architecture_name names{"GraniteMoeForCausalLM", "granitemoe", "granitemoe"};
    static constexpr auto              gguf_names =
        with_names(llama::gguf_names, {{"blk.*.ffn_gate_inp", "model.layers.*.block_sparse_moe.router.layer"},
                                       {"blk.*.ffn_gate_exps", "model.layers.*.block_sparse_moe.gate_linear.*"},
                                       {"blk.*.ffn_up_exps", "model.layers.*.block_sparse_moe.up_linear.*"},
                                       {"blk.*.ffn_down_exps", "model.layers.*.block_sparse_moe.output_linear.*"}});

    struct config : llama::config {
        mixture_options mixture = {};
    };
    static config read(config_reader const& r) {
        expect_activation(r, "silu");
        expect_rotation(r);
        config c{{read_decoder(r, rotary_rule{.in_gguf = rope_order::adjacent_pairs},
                               {.context = 2048, .sizes = {4096, 11008, 32, 32, 32000}})}};
        c.norm           = read_rms_norm(r);
        c.tied           = r.tied(false);
        c.attention_bias = llama::read_attention_biases(r);
        granite::read_multipliers(r, c);
        auto& m      = c.mixture;
        m.inner      = c.sizes.inner;
        m.rule       = read_routing(r, {"num_local_experts", "expert_count"}, 8, 2);
        m.rule.score = routing_rule::scores::softmax_chosen;
        m.router     = "block_sparse_moe.router.layer";
        m.expert     = {"block_sparse_moe.gate_linear.*", "block_sparse_moe.up_linear.*",
                        "block_sparse_moe.output_linear.*", r.is_gguf() ? "" : "block_sparse_moe.input_linear.*"};
        return c;
    }

    // The class rotates by default, and not at all where the file says anything else.
    static void expect_rotation(config_reader const& r) {
        auto const kind = r.find({"position_embedding_type"});
        if (r.is_null("position_embedding_type") || (kind && kind->text() != "rope"))
            r.at({"position_embedding_type"}).fail("rope", "CF06");
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return llama::attention_of(c, w, at);
    }
    template <backend B>
    static mixture<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.mixture};
    }
    template <backend B>
    using model = decoder_model<B, granite_moe>;
};

} // namespace qeval
