// Grouped-query attention with rotary positions: heads / kv_heads query heads read the same keys and values. With one
// group it is multi-head attention; with one key head, multi-query attention.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/part/projection.hpp>

namespace qeval {

// Which of the four projections add a bias. A fused one has q's.
struct attention_biases {
    bool q = false, k = false, v = false, o = false;

    [[nodiscard]] static constexpr attention_biases all(bool any) { return {any, any, any, any}; }
};
// Queries and keys may be normalised before they are rotated.
enum class head_norm {
    none,
    head,      // each head by one weight, [head_size]
    each_head, // each head by its own, [heads, head_size]
    apart,     // the same, in a tensor for each head, whose number stands at the "*" of the name
    whole      // all heads together, [heads * head_size]
};
// q, k and v in one matrix.
enum class fused_order {
    none,
    blocks, // all of q, then k, then v
    groups  // for each key head its query heads, its key, its value
};

struct attention_options {
    attention_biases bias   = {};
    head_norm        norms  = head_norm::none;
    norm_rule        norm   = {};
    fused_order      fused  = fused_order::none;
    bool             sinks  = false; // a score of nothing for each head
    char const*      q      = "self_attn.q_proj";
    char const*      k      = "self_attn.k_proj";
    char const*      v      = "self_attn.v_proj";
    char const*      o      = "self_attn.o_proj";
    char const*      qkv    = "self_attn.qkv_proj";
    char const*      q_norm = "self_attn.q_norm";
    char const*      k_norm = "self_attn.k_norm";
    char const*      sink   = "self_attn.sinks";
};

// The normalisation of heads in place.
template <backend B>
class head_normaliser {
public:
    head_normaliser(weights<B> const& from, std::string const& base, index heads, index size, head_norm which,
                    norm_rule const& rule)
        : rule_(rule), size_(which == head_norm::whole ? heads * size : size) {
        std::vector<index> shape{size_};
        bool const         apart = which == head_norm::apart;
        if (apart || which == head_norm::each_head) shape.insert(shape.begin(), heads);
        weight_ = from.vector({.name = base + ".weight", .shape = std::move(shape), .plus = rule.plus, .each = apart});
        if (rule.kind == norm_kind::layer && rule.bias && which == head_norm::head)
            bias_ = from.vector({.name = base + ".bias", .shape = {size}, .times = heads});
    }
    void operator()(pass<B>& p, typename B::tensor& x) const {
        auto const epsilon = float(rule_.epsilon);
        if (rule_.kind == norm_kind::rms) return p.device.rms_norm_groups(x, size_, weight_, epsilon);
        p.device.layer_norm_groups(x, size_, weight_, epsilon);
        if (bias_) p.device.add_bias(x, *bias_);
    }

private:
    norm_rule                         rule_;
    index                             size_;
    typename B::vector                weight_;
    std::optional<typename B::vector> bias_; // of layer norms of heads
};

template <backend B>
class grouped_query_attention {
public:
    grouped_query_attention(weights<B> const& from, layer_place const& at, index width, attention_shape const& shape,
                            rotary const& rope, attention_options const& how)
        : layer_(at.layer), shape_(shape), rope_(rope), fused_(how.fused) {
        using split   = tensor_split;
        index const q = shape.heads * shape.head_size, kv = shape.kv_heads * shape.head_size;
        if (fused_ == fused_order::none) {
            q_.emplace(from, at.matrix(tensor_role::attn_q, how.q, split::rows, q, width), how.bias.q);
            k_.emplace(from, at.matrix(tensor_role::attn_k, how.k, split::rows, kv, width), how.bias.k);
            v_.emplace(from, at.matrix(tensor_role::attn_v, how.v, split::rows, kv, width), how.bias.v);
        } else {
            q_.emplace(from, at.matrix(tensor_role::attn_qkv, how.qkv, split::rows, q + 2 * kv, width), how.bias.q);
        }
        o_.emplace(from, at.matrix(tensor_role::attn_o, how.o, split::columns, width, q), how.bias.o);
        if (how.norms != head_norm::none) {
            q_norm_.emplace(from, at.base + how.q_norm, shape.heads, shape.head_size, how.norms, how.norm);
            k_norm_.emplace(from, at.base + how.k_norm, shape.kv_heads, shape.head_size, how.norms, how.norm);
        }
        if (how.sinks) sinks_ = from.vector(at.base + how.sink, shape.heads);
    }

    typename B::tensor operator()(pass<B>& p, typename B::input input) const { // [n, width] -> [n, width]
        auto& b      = p.device;
        auto  q      = (*q_)(p, input); // [n, heads * head_size], or all three
        auto  both   = fused_ == fused_order::none ? std::pair{(*k_)(p, input), (*v_)(p, input)} : cut(p, q);
        auto& [k, v] = both; // [n, kv_heads * head_size]
        if (q_norm_) (*q_norm_)(p, q), (*k_norm_)(p, k);
        b.rotate(q, shape_.head_size, rope_, p.step);
        b.rotate(k, shape_.head_size, rope_, p.step);
        b.append(layer_, k, v, p.step);
        // [n, heads * head_size]
        auto mixed = b.prepare(b.attend(layer_, q, shape_, p.step, sinks_ ? &*sinks_ : nullptr));
        return (*o_)(p, mixed);
    }

private:
    // Takes keys and values out of the fused product, which becomes the queries.
    [[nodiscard]] std::pair<typename B::tensor, typename B::tensor> cut(pass<B>& p, typename B::tensor& all) const {
        index const size = shape_.head_size, q = shape_.heads * size, kv = shape_.kv_heads * size;
        bool const  blocks  = fused_ == fused_order::blocks;
        index const queries = q / shape_.kv_heads, group = queries + 2 * size; // columns of a key head's group
        auto const  piece = [&](index block, index width, index in_group, index part) {
            return p.device.columns(all, blocks ? column_pieces{block, width, 1, 0}
                                                 : column_pieces{in_group, part, shape_.kv_heads, group});
        };
        std::pair both{piece(q, kv, queries, size), piece(q + kv, kv, queries + size, size)};
        all = piece(0, q, 0, queries);
        return both;
    }

    index                             layer_;
    attention_shape                   shape_;
    rotary                            rope_;
    fused_order                       fused_;
    std::optional<projection<B>>      q_, k_, v_, o_; // q_ is the fused one, where there is one
    std::optional<head_normaliser<B>> q_norm_, k_norm_;
    std::optional<typename B::vector> sinks_;
};

} // namespace qeval
