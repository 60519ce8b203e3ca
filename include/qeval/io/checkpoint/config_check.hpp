// Do the tensors have the shapes that the config promises (CF02)? Also refuses tensors that the config would ignore.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/model_config.hpp>
#include <qeval/io/tensor/tensor.hpp>

namespace qeval {

// For checkpoints of the Llama family whose weights are not stored under another name by a quantizer.
template <tensor_source Source>
class config_checker {
public:
    config_checker(model_config const& config, Source const& source, std::string const& place)
        : c_(config), source_(source), place_(place) {}

    void run() const {
        index const q = c_.num_attention_heads * c_.head_dim, kv = c_.num_key_value_heads * c_.head_dim;
        require("model.embed_tokens.weight", {c_.vocab_size, c_.hidden_size});
        require("model.norm.weight", {c_.hidden_size});
        if (!c_.tie_word_embeddings || source_.find("lm_head.weight") != nullptr) {
            require("lm_head.weight", {c_.vocab_size, c_.hidden_size});
        }
        for (index i = 0; i < c_.num_hidden_layers; ++i) {
            std::string const layer = "model.layers." + std::to_string(i) + ".";
            require(layer + "input_layernorm.weight", {c_.hidden_size});
            require(layer + "post_attention_layernorm.weight", {c_.hidden_size});
            linear(layer + "self_attn.q_proj", q, c_.hidden_size, c_.attention_bias);
            linear(layer + "self_attn.k_proj", kv, c_.hidden_size, c_.attention_bias);
            linear(layer + "self_attn.v_proj", kv, c_.hidden_size, c_.attention_bias);
            linear(layer + "self_attn.o_proj", c_.hidden_size, q, c_.attention_bias);
            linear(layer + "mlp.gate_proj", c_.intermediate_size, c_.hidden_size, c_.mlp_bias);
            linear(layer + "mlp.up_proj", c_.intermediate_size, c_.hidden_size, c_.mlp_bias);
            linear(layer + "mlp.down_proj", c_.hidden_size, c_.intermediate_size, c_.mlp_bias);
            for (char const* other : {"self_attn.q_norm.weight", "self_attn.k_norm.weight"}) absent(layer + other);
        }
        absent("model.layers." + std::to_string(c_.num_hidden_layers) + ".input_layernorm.weight");
    }

private:
    void linear(std::string const& name, index rows, index cols, bool bias) const {
        require(name + ".weight", {rows, cols});
        if (bias)
            require(name + ".bias", {rows});
        else
            absent(name + ".bias");
    }
    void require(std::string const& name, std::vector<index> const& shape) const {
        auto const* t = source_.find(name);
        if (t == nullptr) fail(name, "no such tensor", "shape " + text(shape));
        if (t->shape != shape) fail(name, "shape " + text(t->shape), text(shape) + " by the config");
    }
    void absent(std::string const& name) const {
        if (source_.find(name) != nullptr) fail(name, "a tensor", "none by the config");
    }
    static std::string text(std::vector<index> const& shape) {
        std::string s = "[";
        for (index const d : shape) s += (s.size() == 1 ? "" : ", ") + std::to_string(d);
        return s + "]";
    }
    [[noreturn]] void fail(std::string const& name, std::string found, std::string expected) const {
        throw file_error{{"CF02", place_ + ", tensor " + qeval::quoted(name), std::move(found), std::move(expected),
                          "config and weights of two models"}};
    }

    model_config const& c_;
    Source const&       source_;
    std::string const&  place_;
};

template <tensor_source Source>
void check_config(model_config const& config, Source const& source, std::string const& place) {
    config_checker<Source>(config, source, place).run();
}

} // namespace qeval
