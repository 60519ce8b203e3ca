// Grouped-query attention with rotary positions: heads / kv_heads query heads read the same keys and values. With one
// group it is multi-head attention; with one key head, multi-query attention.
#pragma once

#include <qeval/model/projection.hpp>

namespace qeval {

template <backend B>
class grouped_query_attention {
public:
    // base: "model.layers.3.self_attn"; slot carries the layer.
    grouped_query_attention(weights<B> const& from, std::string const& base, tensor_slot const& slot, index width,
                            attention_shape const& shape, rotary const& rope, bool bias)
        : layer_(slot.layer),
          shape_(shape),
          rope_(rope),
          q_(from, slot.with(tensor_role::attn_q, base + ".q_proj.weight"), shape.heads * shape.head_size, width, bias),
          k_(from, slot.with(tensor_role::attn_k, base + ".k_proj.weight"), shape.kv_heads * shape.head_size, width,
             bias),
          v_(from, slot.with(tensor_role::attn_v, base + ".v_proj.weight"), shape.kv_heads * shape.head_size, width,
             bias),
          o_(from, slot.with(tensor_role::attn_o, base + ".o_proj.weight"), width, shape.heads * shape.head_size,
             bias) {}

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
    index           layer_;
    attention_shape shape_;
    rotary          rope_;
    projection<B>   q_, k_, v_, o_;
};

} // namespace qeval
