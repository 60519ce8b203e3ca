// What GGUF and Hugging Face call the tensors that most decoders have.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <qeval/io/checkpoint/tensor_names.hpp>

namespace qeval {

// The names of all tensors but those of the feed-forward block.
inline constexpr std::array<tensor_name_pair, 9> decoder_names = {{
    {"token_embd", "model.embed_tokens"},
    {"output_norm", "model.norm"},
    {"output", "lm_head"},
    {"blk.*.attn_norm", "model.layers.*.input_layernorm"},
    {"blk.*.attn_q", "model.layers.*.self_attn.q_proj"},
    {"blk.*.attn_k", "model.layers.*.self_attn.k_proj"},
    {"blk.*.attn_v", "model.layers.*.self_attn.v_proj"},
    {"blk.*.attn_output", "model.layers.*.self_attn.o_proj"},
    {"blk.*.ffn_norm", "model.layers.*.post_attention_layernorm"},
}};

// `more`, and then `names`: of two pairs for one name the first holds.
template <std::size_t N, std::size_t More>
[[nodiscard]] constexpr std::array<tensor_name_pair, N + More> with_names(std::array<tensor_name_pair, N> const& names,
                                                                          tensor_name_pair const (&more)[More]) {
    std::array<tensor_name_pair, N + More> all;
    std::copy_n(names.data(), N, std::copy_n(more, More, all.data()));
    return all;
}

} // namespace qeval
