// The numbers of a decoder-only transformer, by the names of Hugging Face's config.json.
#pragma once

#include <string>

#include <qeval/model/shape.hpp>

namespace qeval {

struct model_config {
    std::string architecture            = "LlamaForCausalLM";
    index       hidden_size             = 0;
    index       intermediate_size       = 0;
    index       num_hidden_layers       = 0;
    index       num_attention_heads     = 0;
    index       num_key_value_heads     = 0;
    index       head_dim                = 0;
    index       vocab_size              = 0;
    index       max_position_embeddings = 0;
    double      rms_norm_eps            = 1e-5;
    double      rope_theta              = 10000;
    double      rope_factor             = 1; // linear scaling: positions are divided by it
    rope_order  rope                    = rope_order::half_split;
    index       sliding_window          = 0; // 0: none
    bool        tie_word_embeddings     = false;
};

} // namespace qeval
