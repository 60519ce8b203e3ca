// Llama: RMSNorm, rotary grouped-query attention, SwiGLU, a head that may share the embedding's matrix.
//
// A model under a scheme, from any tensor source:
//
//   qeval::thread_pool pool(threads);                        // outlives the model; kernels may share it
//   auto make = [&](qeval::tensor_view const& stored, qeval::tensor_slot const& slot)
//                   -> std::shared_ptr<qeval::linear const> { ... };   // slot.role, slot.layer, slot.name, slot.tied
//   auto model = qeval::make_llama(qeval::cpu::host(pool, kv), config, source, make);   // std::unique_ptr<causal_lm>
//
// kv is nullptr (f32) or &kv_format_for<kv_plain<f16>>(). The factory is called once for each matrix, its shape
// checked; a tied embedding once, as role embedding with slot.tied set. The source may go when make_llama has returned,
// unless the factory's linears refer to its bytes.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <qeval/io/checkpoint/model_config.hpp>
#include <qeval/model/attention.hpp>
#include <qeval/model/decoder.hpp>
#include <qeval/model/mlp.hpp>
#include <qeval/model/norm.hpp>

namespace qeval {

template <backend B>
class llama {
public:
    using device = B;
    using tensor = typename B::tensor;

    llama(model_config const& c, weights<B> const& w)
        : config_(c),
          embedding_(w.matrix(embedding_slot(), c.vocab_size, c.hidden_size)),
          norm_(w, "model.norm.weight", c.hidden_size, c.rms_norm_eps) {
        for (index i = 0; i < c.num_hidden_layers; ++i) layers_.emplace_back(c, w, i);
        if (!c.tie_word_embeddings) head_ = w.matrix(head_slot(), c.vocab_size, c.hidden_size);
    }
    [[nodiscard]] index       layers() const { return index(layers_.size()); }
    [[nodiscard]] index       vocab_size() const { return config_.vocab_size; }
    [[nodiscard]] cache_shape kv_shape() const {
        return {layers(), config_.num_key_value_heads, config_.head_dim, config_.max_position_embeddings};
    }

    [[nodiscard]] tensor embed(pass<B>& p) const { return p.device.embed(embedding_, p.step.tokens); } // [n, hidden]

    void layer(index i, pass<B>& p, tensor& x) const { // x: [n, hidden]
        auto const& l = layers_[std::size_t(i)];
        p.device.add(x, l.attention(p, l.attention_norm(p, x)));
        p.device.add(x, l.mlp(p, l.mlp_norm(p, x)));
    }
    [[nodiscard]] tensor head(pass<B>& p, tensor const& x) const { // [m, hidden] -> [m, vocab]
        auto input = norm_(p, x);
        p.show(head_slot(), input);
        return p.device.multiply(input, config_.tie_word_embeddings ? embedding_ : head_);
    }
    // Which linears read the output of which norm: where calibration may move scales.
    [[nodiscard]] std::vector<norm_link> norm_links() const {
        std::vector<norm_link> links;
        for (index i = 0; i < layers(); ++i) {
            std::string const base = "model.layers." + std::to_string(i);
            links.push_back({base + ".input_layernorm.weight",
                             {base + ".self_attn.q_proj.weight", base + ".self_attn.k_proj.weight",
                              base + ".self_attn.v_proj.weight"}});
            links.push_back({base + ".post_attention_layernorm.weight",
                             {base + ".mlp.gate_proj.weight", base + ".mlp.up_proj.weight"}});
        }
        links.push_back({"model.norm.weight", {head_slot().name}});
        return links;
    }

private:
    struct block {
        block(model_config const& c, weights<B> const& w, index i)
            : block(c, w, "model.layers." + std::to_string(i), {tensor_role::norm, i, c.num_hidden_layers, "", false}) {
        }
        block(model_config const& c, weights<B> const& w, std::string const& base, tensor_slot const& slot)
            : attention_norm(w, base + ".input_layernorm.weight", c.hidden_size, c.rms_norm_eps),
              attention(w, base + ".self_attn", slot, c.hidden_size,
                        {c.num_attention_heads, c.num_key_value_heads, c.head_dim, c.sliding_window},
                        {c.rope, c.rope_theta, c.rope_factor}, c.attention_bias),
              mlp_norm(w, base + ".post_attention_layernorm.weight", c.hidden_size, c.rms_norm_eps),
              mlp(w, base + ".mlp", slot, c.hidden_size, c.intermediate_size, c.mlp_bias) {}

        rms_norm<B>                attention_norm;
        grouped_query_attention<B> attention;
        rms_norm<B>                mlp_norm;
        swiglu<B>                  mlp;
    };

    [[nodiscard]] tensor_slot embedding_slot() const {
        return {tensor_role::embedding, -1, config_.num_hidden_layers, "model.embed_tokens.weight",
                config_.tie_word_embeddings};
    }
    [[nodiscard]] tensor_slot head_slot() const {
        if (config_.tie_word_embeddings) return embedding_slot();
        return {tensor_role::head, -1, config_.num_hidden_layers, "lm_head.weight", false};
    }
    model_config       config_;
    typename B::matrix embedding_;
    rms_norm<B>        norm_;
    std::vector<block> layers_;
    typename B::matrix head_{};
};

template <backend B, tensor_source Source>
[[nodiscard]] std::unique_ptr<decoder<llama<B>>> make_llama(B device, model_config const& config, Source const& source,
                                                            typename weights<B>::factory make) {
    return std::make_unique<decoder<llama<B>>>(
        std::move(device), [&](B& d) { return llama<B>(config, weights<B>(d, source, std::move(make))); });
}

} // namespace qeval
