// Multi-head latent attention (DeepSeek-V2): keys and values of all heads are made from one short vector a token, and a
// rotated part of the key is shared by all heads.
//   q            = q_b(norm(q_a(x))), or q(x)                    of each head [nope | rope]
//   down         = kv_a(x); latent = norm(its first part)        [kv_rank]; the rest, rotated, is r [rope]
// Whole heads: k, v = kv_b(latent), of each head [nope | r] and [value], and attention over [q_nope | rotated q_rope].
// What is cached are these keys and values.
// Absorbed, as newer GGUFs have the matrices: the key of all heads is [latent | r] and the value the latent itself; a
// head h asks with [k_b(h) q_nope | rotated q_rope], and gives v_b(h) of what it sees.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/part/projection.hpp>

namespace qeval {

struct latent_shape {
    index heads    = 0;
    index q_rank   = 0; // 0: queries are made in one step
    index kv_rank  = 0;
    index nope     = 0; // elements of a head that are not rotated
    index rope     = 0; // and those that are
    index value    = 0;
    bool  bias     = false; // on the steps to a latent and on the output
    bool  absorbed = false;
};

template <backend B>
class latent_attention {
public:
    // shape: of the attention, of whole heads or of absorbed ones.
    latent_attention(weights<B> const& from, layer_place const& at, index width, attention_shape const& shape,
                     latent_shape const& latent, rotary const& rope, norm_rule const& rule)
        : layer_(at.layer),
          shape_(shape),
          latent_(latent),
          rope_(rope),
          kv_a_(from,
                at.matrix(role::attn_latent, "self_attn.kv_a_proj_with_mqa", split::none, latent.kv_rank + latent.rope,
                          width),
                latent.bias),
          kv_norm_(from, at.base + "self_attn.kv_a_layernorm", latent.kv_rank, rule) {
        index const q = latent.heads * (latent.nope + latent.rope), rank = latent.q_rank;
        from.latent({rank, latent.kv_rank});
        if (rank > 0) {
            q_a_.emplace(from, at.matrix(role::attn_latent, "self_attn.q_a_proj", split::none, rank, width),
                         latent.bias);
            q_norm_.emplace(from, at.base + "self_attn.q_a_layernorm", rank, rule);
            q_.emplace(from, at.matrix(role::attn_latent, "self_attn.q_b_proj", split::rows, q, rank), false);
        } else {
            q_.emplace(from, at.matrix(role::attn_q, "self_attn.q_proj", split::rows, q, width), false);
        }
        if (latent.absorbed) {
            for (index h = 0; h < latent.heads; ++h) {
                auto const head = at.of_member(h, latent.heads);
                auto const name = [h](char const* base) { return base + std::to_string(h); };
                k_b_.emplace_back(from,
                                  head.matrix(role::attn_latent, name("self_attn.k_b_proj."), split::none,
                                              latent.kv_rank, latent.nope),
                                  false);
                v_b_.emplace_back(from,
                                  head.matrix(role::attn_latent, name("self_attn.v_b_proj."), split::none, latent.value,
                                              latent.kv_rank),
                                  false);
            }
        } else {
            kv_b_.emplace(from,
                          at.matrix(role::attn_kv_b, "self_attn.kv_b_proj", split::rows,
                                    latent.heads * (latent.nope + latent.value), latent.kv_rank),
                          false);
        }
        o_.emplace(from,
                   at.matrix(role::attn_o, "self_attn.o_proj", split::columns, width, latent.heads * latent.value),
                   latent.bias);
    }

    typename B::tensor operator()(pass<B>& p, typename B::input input) const { // [n, width] -> [n, width]
        auto&       b    = p.device;
        index const nope = latent_.nope, rope = latent_.rope;
        auto const  q      = queries(p, input); // [n, heads * (nope + rope)]
        auto        q_rope = b.columns(q, {nope, rope, latent_.heads, nope + rope});
        auto const  q_nope = b.columns(q, {0, nope, latent_.heads, nope + rope});
        auto const  down   = kv_a_(p, input); // [n, kv_rank + rope]
        auto        k_rope = b.columns(down, {latent_.kv_rank, rope, 1, 0});
        auto        latent = b.columns(down, {0, latent_.kv_rank, 1, 0});
        b.rotate(q_rope, rope, rope_, p.step);
        b.rotate(k_rope, rope, rope_, p.step);
        auto mixed = b.prepare(latent_.absorbed ? absorbed(p, q_nope, q_rope, std::move(latent), k_rope)
                                                : whole(p, q_nope, q_rope, latent, k_rope)); // [n, heads * value]
        return (*o_)(p, mixed);
    }

private:
    using role   = tensor_role;
    using split  = tensor_split;
    using tensor = typename B::tensor;

    [[nodiscard]] tensor queries(pass<B>& p, typename B::input& input) const {
        if (!q_a_) return (*q_)(p, input);
        auto const latent = (*q_a_)(p, input); // [n, q_rank]
        auto       normed = (*q_norm_)(p, latent);
        return (*q_)(p, normed);
    }
    [[nodiscard]] tensor whole(pass<B>& p, tensor const& q_nope, tensor const& q_rope, tensor const& latent,
                               tensor const& k_rope) const {
        auto&       b    = p.device;
        index const nope = latent_.nope, rope = latent_.rope, value = latent_.value, heads = latent_.heads;
        auto        normed = kv_norm_(p, latent);
        auto const  both   = (*kv_b_)(p, normed); // [n, heads * (nope + value)]
        auto const  k      = b.join_heads(b.columns(both, {0, nope, heads, nope + value}), nope, k_rope, rope);
        b.append(layer_, k, b.columns(both, {nope, value, heads, nope + value}), p.step);
        return b.attend(layer_, b.join_heads(q_nope, nope, q_rope, rope), shape_, p.step, nullptr);
    }
    [[nodiscard]] tensor absorbed(pass<B>& p, tensor const& q_nope, tensor const& q_rope, tensor latent,
                                  tensor const& k_rope) const {
        auto&       b    = p.device;
        index const rank = latent_.kv_rank, rope = latent_.rope;
        kv_norm_.apply(p, latent);
        b.append(layer_, b.join_heads(latent, rank, k_rope, rope), latent, p.step);
        auto const asked = each_head(p, q_nope, latent_.nope, k_b_); // [n, heads * kv_rank]
        auto const seen  = b.attend(layer_, b.join_heads(asked, rank, q_rope, rope), shape_, p.step, nullptr);
        return each_head(p, seen, rank, v_b_);
    }
    // Each head of x, [n, heads * size], by its own matrix.
    [[nodiscard]] tensor each_head(pass<B>& p, tensor const& x, index size,
                                   std::vector<projection<B>> const& by) const {
        std::vector<tensor> heads;
        for (auto const& matrix : by) {
            auto one = p.device.prepare(p.device.columns(x, {index(heads.size()) * size, size, 1, 0}));
            heads.push_back(matrix(p, one));
        }
        return p.device.join(heads);
    }

    index                        layer_;
    attention_shape              shape_;
    latent_shape                 latent_;
    rotary                       rope_;
    projection<B>                kv_a_;
    norm<B>                      kv_norm_;
    std::optional<projection<B>> q_a_, q_, kv_b_, o_; // q_: the second step, or the only one
    std::optional<norm<B>>       q_norm_;
    std::vector<projection<B>>   k_b_, v_b_; // of each head
};

} // namespace qeval
