// The numbers of a decoder-only transformer, by the names of Hugging Face's config.json, whatever file they came from;
// and the rules they must keep (CF01).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/checkpoint/rope_order.hpp>

namespace qeval {

// Weights that the checkpoint itself stores quantized (HF quantization_config).
struct stored_quantization {
    std::string          method; // "gptq", "awq", "bitsandbytes", "compressed-tensors", "qeval"
    std::optional<index> bits;
    std::optional<index> group_size; // -1: a whole row
};

struct model_config {
    std::string                        architecture            = "LlamaForCausalLM";
    index                              hidden_size             = 0;
    index                              intermediate_size       = 0;
    index                              num_hidden_layers       = 0;
    index                              num_attention_heads     = 0;
    index                              num_key_value_heads     = 0;
    index                              head_dim                = 0;
    index                              vocab_size              = 0;
    index                              max_position_embeddings = 0;
    double                             rms_norm_eps            = 1e-5;
    double                             rope_theta              = 10000;
    double                             rope_factor             = 1; // linear scaling: positions are divided by it
    rope_order                         rope                    = rope_order::half_split;
    index                              sliding_window          = 0; // 0: none
    bool                               tie_word_embeddings     = false;
    bool                               attention_bias          = false; // on q, k, v and o
    bool                               mlp_bias                = false;
    std::string                        hidden_act              = "silu";
    std::string                        torch_dtype             = ""; // empty where the file does not say
    std::optional<index>               bos_token_id            = {};
    std::vector<index>                 eos_token_ids           = {}; // each of them ends a text
    std::optional<stored_quantization> quantization            = {};
};

// The architectures whose config is understood: its name in HF config.json, there as a class, and in GGUF.
struct architecture_name {
    std::string_view hf_class;   // architectures[0]
    std::string_view model_type; // beside it
    std::string_view gguf;       // general.architecture
};
inline constexpr std::array<architecture_name, 2> known_architectures{{
    {"LlamaForCausalLM", "llama", "llama"}, {"MistralForCausalLM", "mistral", ""}, // GGUF calls it llama
}};

// Limits of plausible sizes; every product of two of them fits in 63 bits.
struct config_limits {
    static constexpr index width     = index{1} << 20;
    static constexpr index layers    = 10'000;
    static constexpr index vocab     = index{1} << 24;
    static constexpr index positions = index{1} << 30;
};

// Relations between the numbers. `place` names the file.
inline void check_relations(model_config const& c, std::string const& place) {
    auto const fail = [&](std::string field, std::string found, std::string expected) {
        throw file_error{{"CF01", place + ", " + std::move(field), std::move(found), std::move(expected), ""}};
    };
    auto const n = [](index x) { return std::to_string(x); };
    if (c.num_attention_heads % c.num_key_value_heads != 0) {
        fail("key-value heads", n(c.num_key_value_heads), "a divisor of " + n(c.num_attention_heads) + " heads");
    }
    if (c.head_dim % 2 != 0) fail("head size", n(c.head_dim), "an even number (rotary pairs)");
    auto const inside   = [&](index id) { return id >= 0 && id < c.vocab_size; };
    auto const check_id = [&](char const* name, index id) {
        if (!inside(id)) fail(name, n(id), "less than the vocabulary of " + n(c.vocab_size));
    };
    if (c.bos_token_id) check_id("beginning-of-text id", *c.bos_token_id);
    for (index const id : c.eos_token_ids) check_id("end-of-text id", id);
}

} // namespace qeval
