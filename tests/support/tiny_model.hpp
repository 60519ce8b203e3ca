// A Llama of a few hundred random weights, held in memory: shapes that differ from one another, so that a mix-up shows.
#pragma once

#include <list>
#include <string>
#include <vector>

#include <qeval/core/random.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/arch/llama.hpp>

namespace qeval_test {

class tiny_model {
public:
    explicit tiny_model(bool tied = true, bool biases = false) {
        config.sizes     = {12, 20, 2, 15, 40}; // width, feed-forward, layers, vocabulary, context
        config.attention = {4, 2, 6, 0};
        config.rope      = qeval::plain_rotary(10000, 6);
        config.tied = tied, config.mlp_bias = biases;
        config.attention_bias = qeval::attention_biases::all(biases);
        add("model.embed_tokens.weight", {15, 12});
        if (!tied) add("lm_head.weight", {15, 12});
        add("model.norm.weight", {12});
        for (qeval::index l = 0; l < 2; ++l) {
            std::string const base = "model.layers." + std::to_string(l) + ".";
            add(base + "input_layernorm.weight", {12});
            add(base + "post_attention_layernorm.weight", {12});
            linear(base + "self_attn.q_proj", 24, 12, biases);
            linear(base + "self_attn.k_proj", 12, 12, biases);
            linear(base + "self_attn.v_proj", 12, 12, biases);
            linear(base + "self_attn.o_proj", 12, 24, biases);
            linear(base + "mlp.gate_proj", 20, 12, biases);
            linear(base + "mlp.up_proj", 20, 12, biases);
            linear(base + "mlp.down_proj", 12, 20, biases);
        }
    }
    tiny_model(tiny_model const&)            = delete;
    tiny_model& operator=(tiny_model const&) = delete;

    [[nodiscard]] qeval::tensor_view const* find(std::string_view name) const {
        for (auto const& t : views_) {
            if (t.name == name) return &t;
        }
        return nullptr;
    }
    [[nodiscard]] std::span<qeval::tensor_view const> tensors() const { return views_; }

    [[nodiscard]] std::vector<float>& values(std::string const& name) {
        auto value = values_.begin();
        for (auto const& t : views_) {
            if (t.name == name) return *value;
            ++value;
        }
        throw std::runtime_error("no tensor " + name);
    }
    [[nodiscard]] qeval::tensor_view& view(std::string const& name) {
        for (auto& t : views_) {
            if (t.name == name) return t;
        }
        throw std::runtime_error("no tensor " + name);
    }
    void remove(std::string const& name) { view(name).name = "removed"; }

    qeval::llama::config config;

private:
    void linear(std::string const& name, qeval::index rows, qeval::index cols, bool bias) {
        add(name + ".weight", {rows, cols});
        if (bias) add(name + ".bias", {rows});
    }
    void add(std::string name, std::vector<qeval::index> shape) {
        qeval::index n = 1;
        for (auto const d : shape) n *= d;
        qeval::random_stream const r(7, values_.size());
        auto&                      v = values_.emplace_back(std::size_t(n));
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = float(r.uniform(i) - 0.5);
        views_.push_back({std::move(name), "F32", std::move(shape), std::as_bytes(std::span<float const>(v))});
    }
    std::list<std::vector<float>>   values_; // in the order of views_
    std::vector<qeval::tensor_view> views_;
};

} // namespace qeval_test
