// Multi-head latent attention (DeepSeek-V2): keys and values of all heads are made from one short vector a token, and a
// rotated part of the key is shared by all heads. What is cached are the keys and values that come out.
//   q            = q_b(norm(q_a(x))), or q(x)                    of each head [nope | rope]
//   latent, k_r  = kv_a(x)                                       [kv_rank], [rope]
//   k, v         = kv_b(norm(latent))                            of each head [nope], [value]
//   attention over [q_nope | rotated q_rope] and [k_nope | rotated k_r]
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/part/projection.hpp>

namespace qeval {

struct latent_shape {
    index q_rank  = 0; // 0: queries are made in one step
    index kv_rank = 0;
    index nope    = 0; // elements of a head that are not rotated
    index rope    = 0; // and those that are
    index value   = 0;
    bool  bias    = false; // on the steps to a latent and on the output
};

template <backend B>
class latent_attention {
public:
    latent_attention(weights<B> const& from, layer_place const& at, index width, attention_shape const& shape,
                     latent_shape const& latent, rotary const& rope, norm_rule const& rule)
        : layer_(at.layer),
          shape_(shape),
          latent_(latent),
          rope_(rope),
          kv_a_(from,
                at.matrix(tensor_role::attn_latent, "self_attn.kv_a_proj_with_mqa", tensor_split::none,
                          latent.kv_rank + latent.rope, width),
                latent.bias),
          kv_norm_(from, at.base + "self_attn.kv_a_layernorm", latent.kv_rank, rule),
          kv_b_(from,
                at.matrix(tensor_role::attn_latent, "self_attn.kv_b_proj", tensor_split::rows,
                          shape.heads * (latent.nope + latent.value), latent.kv_rank),
                false),
          o_(from,
             at.matrix(tensor_role::attn_o, "self_attn.o_proj", tensor_split::columns, width,
                       shape.heads * latent.value),
             latent.bias) {
        index const       rows  = shape.heads * shape.head_size;
        constexpr auto    split = tensor_split::rows;
        char const* const name  = latent.q_rank > 0 ? "self_attn.q_b_proj" : "self_attn.q_proj";
        if (latent.q_rank > 0) {
            q_a_.emplace(
                from,
                at.matrix(tensor_role::attn_latent, "self_attn.q_a_proj", tensor_split::none, latent.q_rank, width),
                latent.bias);
            q_norm_.emplace(from, at.base + "self_attn.q_a_layernorm", latent.q_rank, rule);
        }
        q_.emplace(from, at.matrix(tensor_role::attn_q, name, split, rows, latent.q_rank > 0 ? latent.q_rank : width),
                   false);
    }

    typename B::tensor operator()(pass<B>& p, typename B::input input) const { // [n, width] -> [n, width]
        auto&       b     = p.device;
        index const heads = shape_.heads, nope = latent_.nope, rope = latent_.rope, value = latent_.value;
        auto const  q      = queries(p, input); // [n, heads * (nope + rope)]
        auto        q_rope = b.columns(q, {nope, rope, heads, nope + rope});
        auto const  down   = kv_a_(p, input); // [n, kv_rank + rope]
        auto        k_rope = b.columns(down, {latent_.kv_rank, rope, 1, 0});
        auto const  latent = b.columns(down, {0, latent_.kv_rank, 1, 0});
        auto        normed = kv_norm_(p, latent);
        auto const  both   = kv_b_(p, normed); // [n, heads * (nope + value)]
        b.rotate(q_rope, rope, rope_, p.step);
        b.rotate(k_rope, rope, rope_, p.step);
        auto const k = b.join_heads(b.columns(both, {0, nope, heads, nope + value}), nope, k_rope, rope);
        b.append(layer_, k, b.columns(both, {nope, value, heads, nope + value}), p.step);
        auto const whole = b.join_heads(b.columns(q, {0, nope, heads, nope + rope}), nope, q_rope, rope);
        auto       mixed = b.prepare(b.attend(layer_, whole, shape_, p.step, nullptr)); // [n, heads * value]
        return o_(p, mixed);
    }

private:
    [[nodiscard]] typename B::tensor queries(pass<B>& p, typename B::input& input) const {
        if (!q_a_) return (*q_)(p, input);
        auto const latent = (*q_a_)(p, input); // [n, q_rank]
        auto       normed = (*q_norm_)(p, latent);
        return (*q_)(p, normed);
    }

    index                        layer_;
    attention_shape              shape_;
    latent_shape                 latent_;
    rotary                       rope_;
    projection<B>                kv_a_;
    norm<B>                      kv_norm_;
    projection<B>                kv_b_, o_;
    std::optional<projection<B>> q_a_, q_; // q_: the second step, or the only one
    std::optional<norm<B>>       q_norm_;
};

} // namespace qeval
