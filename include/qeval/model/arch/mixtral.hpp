// Mixtral: Mistral with eight feed-forward blocks in a layer, two of which see a token. GGUF calls it llama, with
// experts. Origin: transformers, models/mixtral.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/gated_decoder.hpp>
#include <qeval/model/part/mixture.hpp>
#include <qeval/model/part/read_mixture.hpp>

namespace qeval {

struct mixtral : gated_decoder {
    static constexpr architecture_name names{"MixtralForCausalLM", "mixtral", "llama"};

    // Files of 2023 have each expert's matrices by themselves.
    static constexpr auto gguf_names =
        with_names(llama::gguf_names, {{"blk.*.ffn_gate_inp", "model.layers.*.block_sparse_moe.gate"},
                                       {"blk.*.ffn_gate_exps", "model.layers.*.block_sparse_moe.experts.*.w1"},
                                       {"blk.*.ffn_up_exps", "model.layers.*.block_sparse_moe.experts.*.w3"},
                                       {"blk.*.ffn_down_exps", "model.layers.*.block_sparse_moe.experts.*.w2"},
                                       {"blk.*.ffn_gate.*", "model.layers.*.block_sparse_moe.experts.*.w1"},
                                       {"blk.*.ffn_up.*", "model.layers.*.block_sparse_moe.experts.*.w3"},
                                       {"blk.*.ffn_down.*", "model.layers.*.block_sparse_moe.experts.*.w2"}});

    static bool accepts(config_reader const& r) { return !r.is_gguf() || has_experts(r); }

    struct config : decoder_config {
        mixture_options mixture = {};
    };
    static config read(config_reader const& r) {
        expect_activation(r, "silu");
        config c{read_decoder(r, rotary_rule{.in_gguf = rope_order::adjacent_pairs, .theta = r.is_gguf() ? 1e4 : 1e6},
                              {.context = 131072, .kv_heads = 8, .sizes = {4096, 14336, 32, 32, 32000}})};
        c.norm             = read_rms_norm(r, 1e-5);
        c.tied             = r.tied(false);
        c.attention.window = r.is_gguf() ? 0 : read_window(r, "Mixtral");
        auto& m            = c.mixture;
        m.inner            = c.sizes.inner;
        m.rule             = read_routing(r, {"num_local_experts", "expert_count"}, 8, 2);
        m.rule.normalised  = true;
        m.router           = "block_sparse_moe.gate";
        m.expert = {"block_sparse_moe.experts.*.w1", "block_sparse_moe.experts.*.w3", "block_sparse_moe.experts.*.w2"};
        return c;
    }

    template <backend B>
    static mixture<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.mixture};
    }
    template <backend B>
    using model = decoder_model<B, mixtral>;
};

} // namespace qeval
