// The layers of which decoders are made: attention A and feed-forward block F, around norms N.
//   pre-norm    x <- x + A(N1 x);         x <- x + F(N2 x)             Llama
//   post-norm   x <- x + N1 A(x);         x <- x + N2 F(x)             OLMo 2
//   sandwich    x <- x + N2 A(N1 x);      x <- x + N4 F(N3 x)          Gemma 2
//   parallel    x <- x + A(N1 x) + F(N1 x), or F(N2 x)                 Command-R, Falcon, GPT-NeoX
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/model/part/config.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/part/vocabulary_ends.hpp>
#include <qeval/model/pass.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

// One layer around its two parts, with the norms that c.names has.
template <backend B, class Attention, class Mlp>
class decoder_layer {
    using tensor = typename B::tensor;

public:
    decoder_layer(decoder_config const& c, weights<B> const& w, layer_place const& at, Attention attention, Mlp mlp)
        : parallel_(c.parallel),
          residual_(c.times.residual),
          attention_norm_(norm_of(c, w, at, c.names.attention_norm)),
          attention_(std::move(attention)),
          attention_post_(norm_of(c, w, at, c.names.attention_post)),
          mlp_norm_(norm_of(c, w, at, c.names.mlp_norm)),
          mlp_(std::move(mlp)),
          mlp_post_(norm_of(c, w, at, c.names.mlp_post)) {}

    void operator()(pass<B>& p, tensor& x) const { // x: [n, width]
        if (parallel_) {
            auto attended = attention_(p, (*attention_norm_)(p, x));
            auto thought  = mlp_(p, mlp_norm_ ? (*mlp_norm_)(p, x) : (*attention_norm_)(p, x));
            add(p, x, attended);
            return add(p, x, thought);
        }
        auto attended = attention_(p, normed(p, attention_norm_, x));
        if (attention_post_) attention_post_->apply(p, attended);
        add(p, x, attended);
        auto thought = mlp_(p, normed(p, mlp_norm_, x));
        if (mlp_post_) mlp_post_->apply(p, thought);
        add(p, x, thought);
    }

private:
    using some_norm = std::optional<norm<B>>;

    static some_norm norm_of(decoder_config const& c, weights<B> const& w, layer_place const& at,
                             std::string_view name) {
        if (name.empty()) return std::nullopt;
        return norm<B>(w, at.base + std::string(name), c.sizes.width, c.norm);
    }
    static typename B::input normed(pass<B>& p, some_norm const& n, tensor const& x) {
        return n ? (*n)(p, x) : p.device.prepare(tensor(x));
    }
    void add(pass<B>& p, tensor& x, tensor& y) const {
        if (residual_ != 1) p.device.scale(y, residual_);
        p.device.add(x, y);
    }

    bool      parallel_;
    float     residual_;
    some_norm attention_norm_;
    Attention attention_;
    some_norm attention_post_, mlp_norm_;
    Mlp       mlp_;
    some_norm mlp_post_;
};

// A decoder without its layers: embedding, norm and head.
template <backend B>
class decoder_ends {
public:
    decoder_ends(decoder_config const& c, weights<B> const& w)
        : config_(c),
          ends_(w, c.sizes.vocab, c.sizes.width, c.sizes.layers, c.tied, c.names, c.head_bias),
          norm_(w, std::string(c.names.norm), c.sizes.width, c.norm) {
        for (index i = 0; i < c.further_layers; ++i) w.unused(c.names.place(c.sizes.layers + i, c.sizes.layers).base);
        if (!c.names.positions.empty())
            positions_ = w.vector({std::string(c.names.positions) + ".weight", {c.sizes.positions, c.sizes.width}});
    }

    [[nodiscard]] index       vocab_size() const { return ends_.vocab_size(); }
    [[nodiscard]] cache_shape cache() const {
        auto const& c = config_;
        return {c.sizes.layers, c.attention.kv_heads, c.attention.head_size, c.sizes.positions, c.attention.value_size};
    }

    [[nodiscard]] typename B::tensor embed(pass<B>& p) const { // [n, width]
        auto x = ends_.embed(p);
        if (config_.times.embedding != 1) p.device.scale(x, config_.times.embedding);
        if (positions_) p.device.add_positions(x, *positions_, p.step);
        return x;
    }
    [[nodiscard]] typename B::tensor head(pass<B>& p, typename B::tensor const& x) const { // [m, width] -> [m, vocab]
        auto logits = ends_.logits(p, norm_(p, x));
        if (config_.times.logits != 1) p.device.scale(logits, config_.times.logits);
        if (config_.times.logit_cap > 0) p.device.soft_cap(logits, config_.times.logit_cap);
        return logits;
    }

private:
    decoder_config                    config_;
    vocabulary_ends<B>                ends_;
    norm<B>                           norm_;
    std::optional<typename B::vector> positions_;
};

// The model of an architecture A whose config is a decoder_config or derived from one. A says what a layer is made of:
//   template <backend B> static <attention> attention_of(config const&, weights<B> const&, layer_place const&)
//   template <backend B> static <mlp>       mlp_of(config const&, weights<B> const&, layer_place const&)
template <backend B, class A>
class decoder_model : public decoder_ends<B> {
    using config_type = typename A::config;

public:
    using block = decoder_layer<
        B,
        decltype(A::attention_of(std::declval<config_type const&>(), std::declval<weights<B> const&>(), layer_place())),
        decltype(A::mlp_of(std::declval<config_type const&>(), std::declval<weights<B> const&>(), layer_place()))>;

    decoder_model(config_type const& c, weights<B> const& w) : decoder_ends<B>(c, w), config_(c) {}

    [[nodiscard]] block load_layer(weights<B> const& w, index i) const {
        auto const& c  = config_;
        auto const  at = c.names.place(i, c.sizes.layers);
        return block{c, w, at, A::attention_of(c, w, at), A::mlp_of(c, w, at)};
    }
    void layer(block const& l, pass<B>& p, typename B::tensor& x) const { l(p, x); }

private:
    config_type config_;
};

} // namespace qeval
