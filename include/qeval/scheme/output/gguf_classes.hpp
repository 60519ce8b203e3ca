// The classes of Hugging Face whose GGUF qeval writes, and how llama.cpp's converter writes them. Origin: the classes
// of conversion/ beside convert_hf_to_gguf.py, llama.cpp of 2026-10; what transformers fills in where config.json is
// silent.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace qeval {

// A key of the architecture: "llama.block_count". The first of the names that config.json has counts; where it has
// none, `otherwise` says what the class fills in.
struct gguf_config_key {
    enum class kinds { integer, number };
    enum class defaults { none, refused, heads, width_by_heads, rms_epsilon, rope_theta, head_128 };
    std::string_view                key;
    kinds                           kind;
    std::array<std::string_view, 3> names;
    defaults                        otherwise = defaults::refused;
};

struct gguf_class {
    std::string_view                 hf_class, architecture;
    std::span<gguf_config_key const> keys;
    bool  pairs      = false; // rows of q and k, which rotate by halves, are put in the order of adjacent pairs
    float norm_plus  = 0;     // is added to the weights of norms
    bool  vocab_size = false; // written, with the rotated dimensions, and whether a text begins with a space
};

namespace gguf_keys {
using key = gguf_config_key;
using enum gguf_config_key::kinds;
using enum gguf_config_key::defaults;
inline constexpr key layers{"block_count", integer, {"num_hidden_layers"}},
    context{"context_length", integer, {"max_position_embeddings"}},
    width{"embedding_length", integer, {"hidden_size"}}, inner{"feed_forward_length", integer, {"intermediate_size"}},
    query_heads{"attention.head_count", integer, {"num_attention_heads"}},
    kv_heads{"attention.head_count_kv", integer, {"num_key_value_heads"}, heads},
    theta{"rope.freq_base", number, {"rope_theta"}, rope_theta},
    epsilon{"attention.layer_norm_rms_epsilon", number, {"rms_norm_eps"}, rms_epsilon};
constexpr key head_size(std::string_view of, key::defaults otherwise) { return {of, integer, {"head_dim"}, otherwise}; }
inline constexpr std::string_view key_length = "attention.key_length", value_length = "attention.value_length";
// As the converter's base class writes them; `otherwise`: the size of heads where config.json does not say it.
constexpr auto decoder(key::defaults otherwise) {
    return std::array{layers,
                      context,
                      width,
                      inner,
                      query_heads,
                      kv_heads,
                      theta,
                      epsilon,
                      head_size(key_length, otherwise),
                      head_size(value_length, otherwise)};
}
inline constexpr auto       llama = decoder(width_by_heads), plain = decoder(none), qwen3 = decoder(head_128);
inline constexpr std::array gemma{context,
                                  width,
                                  layers,
                                  inner,
                                  query_heads,
                                  kv_heads,
                                  epsilon,
                                  head_size(key_length, refused),
                                  head_size(value_length, refused)};
} // namespace gguf_keys

inline constexpr std::array gguf_classes{
    gguf_class{"LlamaForCausalLM", "llama", gguf_keys::llama, true, 0, true},
    gguf_class{"MistralForCausalLM", "llama", gguf_keys::plain, true, 0, true},
    gguf_class{"Qwen2ForCausalLM", "qwen2", gguf_keys::plain},
    gguf_class{"Qwen3ForCausalLM", "qwen3", gguf_keys::qwen3},
    gguf_class{"GemmaForCausalLM", "gemma", gguf_keys::gemma, false, 1},
};

// nullptr: one whose conventions are not written.
[[nodiscard]] constexpr gguf_class const* gguf_class_of(std::string_view hf_class) {
    for (auto const& c : gguf_classes) {
        if (c.hf_class == hf_class) return &c;
    }
    return nullptr;
}

} // namespace qeval
