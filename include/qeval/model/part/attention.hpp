// Grouped-query attention with rotary positions: heads / kv_heads query heads read the same keys and values. With one
// group it is multi-head attention; with one key head, multi-query attention.
#pragma once

#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/projection.hpp>

namespace qeval {

// Which of the four projections add a bias.
struct attention_biases {
    bool q = false, k = false, v = false, o = false;

    [[nodiscard]] static constexpr attention_biases all(bool any) { return {any, any, any, any}; }
};

template <backend B>
class grouped_query_attention {
public:
    grouped_query_attention(weights<B> const& from, layer_place const& at, index width, attention_shape const& shape,
                            rotary const& rope, attention_biases bias)
        : layer_(at.layer),
          shape_(shape),
          rope_(rope),
          q_(from, input(at, tensor_role::attn_q, "self_attn.q_proj", shape.heads, width), bias.q),
          k_(from, input(at, tensor_role::attn_k, "self_attn.k_proj", shape.kv_heads, width), bias.k),
          v_(from, input(at, tensor_role::attn_v, "self_attn.v_proj", shape.kv_heads, width), bias.v),
          o_(from,
             at.matrix(tensor_role::attn_o, "self_attn.o_proj", tensor_split::columns, width,
                       shape.heads * shape.head_size),
             bias.o) {}

    typename B::tensor operator()(pass<B>& p, typename B::input input) const { // [n, width] -> [n, width]
        auto& b = p.device;
        auto  q = q_(p, input); // [n, heads * head_size]
        auto  k = k_(p, input); // [n, kv_heads * head_size]
        auto  v = v_(p, input); // [n, kv_heads * head_size]
        b.rotate(q, shape_.head_size, rope_, p.step);
        b.rotate(k, shape_.head_size, rope_, p.step);
        b.append(layer_, k, v, p.step);
        auto mixed = b.prepare(b.attend(layer_, q, shape_, p.step)); // [n, heads * head_size]
        return o_(p, mixed);
    }

private:
    [[nodiscard]] tensor_slot input(layer_place const& at, tensor_role role, char const* name, index heads,
                                    index width) const {
        return at.matrix(role, name, tensor_split::rows, heads * shape_.head_size, width);
    }

    index           layer_;
    attention_shape shape_;
    rotary          rope_;
    projection<B>   q_, k_, v_, o_;
};

} // namespace qeval
