// The classes of Hugging Face whose GGUF qeval writes, and how llama.cpp's converter writes them. Origin: the classes
// of conversion/ beside convert_hf_to_gguf.py, llama.cpp of 2026-10.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <qeval/core/view.hpp>
#include <qeval/scheme/output/gguf_keys.hpp>

namespace qeval {

// In which order a GGUF has rows of attention's matrices and numbers of their biases, where a directory has another.
enum class gguf_rows {
    same,
    pairs, // those of q and k rotate by halves in the directory, and as neighbours in the GGUF
    blocks // fused q, k and v: a group behind the other in the directory; all of q, of k and of v in the GGUF
};

// Which of a directory's tokenizers a class takes: byte-level BPE; or the pieces of a tokenizer.model, where there is
// one; in front of either Llama says whether a text begins with a space.
enum class gguf_tokenizers { byte_level, pieces, spaced_pieces };

struct gguf_class {
    std::string_view          hf_class, architecture;
    std::span<gguf_key const> keys;
    gguf_rows                 rows      = gguf_rows::same;
    float                     norm_plus = 0; // is added to the weights of norms
    gguf_tokenizers           words     = gguf_tokenizers::byte_level;
    std::span<gguf_key const> behind    = {}; // keys behind the pieces

    [[nodiscard]] constexpr bool writes(std::string_view key) const {
        return std::ranges::find(keys, key, &gguf_key::key) != keys.end();
    }
};

namespace gguf_keys {
using namespace gguf_answers;
using key = gguf_key;

inline constexpr key layers{"block_count", [](auto&f, auto&) { return integer(f.description.cache.layers); }},
    context{"context_length", said_integer, {"max_position_embeddings", "n_positions"}},
    falcons_context{"context_length", [](auto&, auto&) { return integer(2048); }}, // of all its models
    width{"embedding_length", [](auto&f, auto&) { return integer(f.description.width()); }},
    inner{"feed_forward_length", said_integer, {"intermediate_size"}},
    four_widths{"feed_forward_length", [](auto&f, auto&) { return integer(4 * f.description.width()); }},
    query_heads{"attention.head_count", [](auto&f, auto&) { return integer(f.heads()); }},
    key_heads{"attention.head_count_kv", [](auto&f, auto&) { return integer(f.description.cache.kv_heads); }},
    theta{"rope.freq_base", [](auto&f, auto&) { return number(f.rotation().words.base); }},
    window_theta{"rope.freq_base_swa", said_number, {"rope_local_base_freq"}},
    rms_epsilon{"attention.layer_norm_rms_epsilon", said_number, {"rms_norm_eps"}},
    epsilon{"attention.layer_norm_epsilon", said_number, {"layer_norm_eps", "layer_norm_epsilon", "norm_epsilon"}},
    experts{"expert_count", said_integer, {"num_local_experts", "num_experts"}},
    experts_used{"expert_used_count", said_integer, {"num_experts_per_tok"}},
    expert_inner{"expert_feed_forward_length", said_integer, {"moe_intermediate_size"}},
    shared_inner{"expert_shared_feed_forward_length", said_integer, {"shared_expert_intermediate_size"}},
    vocabulary{"vocab_size", [](auto&f, auto&) { return integer(f.description.vocab_size); }},
    rotated{"rope.dimension_count", [](auto&f, auto&) { return integer(2 * f.rotation().pairs()); }},
    head_size{"rope.dimension_count", [](auto&f, auto&) { return integer(f.description.cache.head_size); }},
    window{"attention.sliding_window", said_integer, {"sliding_window"}},
    window_or_zero{"attention.sliding_window",
                   [](auto&f, auto&) { return integer(static_cast<index>(f.number("sliding_window").value_or(0))); }},
    score_cap{"attn_logit_softcapping", said_number, {"attn_logit_softcapping"}},
    logit_cap{"final_logit_softcapping", said_factor, {"final_logit_softcapping"}},
    logit_scale{"logit_scale", said_number, {"logit_scale"}},
    parallel{"use_parallel_residual", said_flag, {"use_parallel_residual"}},
    unscaled{"rope.scaling.type", [](auto&, auto&) { return gguf_answer(std::string_view("none")); }};

// The size of heads, where the class always has one, and where config.json may say it.
constexpr std::array<key, 2> head_sizes(bool always) {
    constexpr auto known = [](auto& f, auto&) { return integer(f.description.cache.head_size); };
    if (always) return {key{"attention.key_length", known}, key{"attention.value_length", known}};
    return {key{"attention.key_length", said_integer, {"head_dim"}},
            key{"attention.value_length", said_integer, {"head_dim"}}};
}
// How the rotation is scaled.
inline constexpr std::array scaling{
    key{"rope.scaling.type",
        [](auto& f, auto&) {
            bool const told = f.rule() == "linear" || f.rule() == "yarn" || f.rule() == "longrope";
            return told ? gguf_answer(f.rule()) : gguf_answer();
        }},
    key{"rope.scaling.factor",
        [](auto& f, auto&) {
            bool const told = f.rule() == "linear" || f.rule() == "yarn";
            return told ? number(f.rotation().words.factor) : gguf_answer();
        }},
    key{"rope.scaling.original_context_length",
        [](auto& f, auto&) {
            auto const n = f.of_scaling("original_max_position_embeddings");
            return f.rule() == "yarn" ? integer(n ? static_cast<index>(*n) : f.description.cache.max_tokens)
                                      : gguf_answer();
        }},
    key{"rope.scaling.yarn_ext_factor", said_of_yarn, {"extrapolation_factor"}},
    key{"rope.scaling.yarn_attn_factor", said_of_yarn, {"attention_factor", "attn_factor"}},
    key{"rope.scaling.yarn_beta_fast", said_of_yarn, {"beta_fast"}},
    key{"rope.scaling.yarn_beta_slow", said_of_yarn, {"beta_slow"}}};

template <std::size_t A, std::size_t B>
constexpr std::array<key, A + B> operator+(std::array<key, A> const& a, std::array<key, B> const& b) {
    std::array<key, A + B> all{};
    std::copy_n(b.data(), B, std::copy_n(a.data(), A, all.data()));
    return all;
}
template <std::size_t A>
constexpr std::array<key, A + 1> operator+(std::array<key, A> const& a, key const& b) {
    return a + std::array{b};
}

// As the converter's base class writes them: up to the norm's epsilon, with experts, and with the size of heads.
inline constexpr auto base = std::array{layers, context, width, inner, query_heads, key_heads} + scaling + theta;
inline constexpr auto rms = base + rms_epsilon, norms = base + epsilon;
constexpr auto        decoder(bool always) { return rms + head_sizes(always); }
constexpr auto        mixture(bool always) { return rms + experts + experts_used + head_sizes(always); }

inline constexpr auto llama   = decoder(true) + vocabulary + head_size;
inline constexpr auto mistral = decoder(false) + vocabulary + head_size;
inline constexpr auto smollm3 = rms + vocabulary + head_size;
inline constexpr auto mixtral = mixture(false) + vocabulary + head_size;
inline constexpr auto granite = rms + vocabulary + head_size +
                                std::array{key{"attention.scale", said_factor, {"attention_multiplier"}},
                                           key{"embedding_scale", said_factor, {"embedding_multiplier"}},
                                           key{"residual_scale", said_factor, {"residual_multiplier"}},
                                           key{"logit_scale", said_factor, {"logits_scaling"}}};
inline constexpr auto plain = decoder(false), qwen3 = decoder(true);
inline constexpr auto qwen2_moe = mixture(false) + expert_inner + shared_inner;
inline constexpr auto qwen3_moe = mixture(true) + expert_inner;
inline constexpr auto gemma =
    std::array{context, width, layers, inner, query_heads, key_heads, rms_epsilon} + head_sizes(true);
inline constexpr auto gemma2  = gemma + score_cap + logit_cap + window;
inline constexpr auto gemma3  = base + window_theta + rms_epsilon + head_sizes(true) + logit_cap + window;
inline constexpr auto cohere  = norms + logit_scale + unscaled;
inline constexpr auto cohere2 = norms + head_sizes(false) + logit_scale + window + vocabulary + head_size + unscaled;
inline constexpr std::array gpt2{layers, context, width, four_widths, query_heads, epsilon};
inline constexpr std::array gpt_bigcode{context, width, four_widths, layers, query_heads, key_heads, epsilon};
inline constexpr std::array gpt_neox{context, width, layers, inner, rotated, query_heads, parallel, epsilon};
inline constexpr std::array falcon{
    falcons_context, key{"tensor_data_layout", [](auto&, auto&) { return gguf_answer(std::string_view("jploski")); }},
    width,           four_widths,
    layers,          query_heads,
    key_heads,       epsilon};
inline constexpr std::array stablelm{context, width, layers, inner, rotated, query_heads, key_heads, parallel, epsilon};
inline constexpr std::array phi{
    context, width,       four_widths,
    layers,  query_heads, key_heads,
    epsilon, rotated,     key{"tokenizer.ggml.add_bos_token", [](auto&, auto&) { return gguf_answer(false); }}};
inline constexpr std::array phi3{
    key{"rope.scaling.attn_factor",
        [](auto& f, auto&) { return f.rule() == "longrope" ? number(f.rotation().magnitude) : gguf_answer(); },
        {},
        true},
    context,
    key{"rope.scaling.original_context_length", said_integer, {"original_max_position_embeddings"}},
    width,
    inner,
    layers,
    query_heads,
    key_heads,
    rms_epsilon,
    rotated,
    theta,
    window_or_zero};

inline constexpr std::array no_space{
    key{"tokenizer.ggml.add_space_prefix", [](auto&, auto&) { return gguf_answer(false); }}};
// CodeGemma's end of a turn, which the converter gives to all.
inline constexpr auto gemma_words =
    std::array{key{"tokenizer.ggml.eot_token_id", [](auto&, auto&) { return integer(107); }}} + no_space;
} // namespace gguf_keys

inline constexpr std::array gguf_classes{
    gguf_class{"LlamaForCausalLM", "llama", gguf_keys::llama, gguf_rows::pairs, 0, gguf_tokenizers::spaced_pieces},
    gguf_class{"MistralForCausalLM", "llama", gguf_keys::mistral, gguf_rows::pairs, 0, gguf_tokenizers::spaced_pieces},
    gguf_class{"MixtralForCausalLM", "llama", gguf_keys::mixtral, gguf_rows::pairs, 0, gguf_tokenizers::spaced_pieces},
    gguf_class{"SmolLM3ForCausalLM", "smollm3", gguf_keys::smollm3, gguf_rows::pairs, 0,
               gguf_tokenizers::spaced_pieces},
    gguf_class{"GraniteForCausalLM", "granite", gguf_keys::granite, gguf_rows::pairs, 0,
               gguf_tokenizers::spaced_pieces},
    gguf_class{"Qwen2ForCausalLM", "qwen2", gguf_keys::plain, gguf_rows::same, 0, gguf_tokenizers::pieces},
    gguf_class{"Qwen3ForCausalLM", "qwen3", gguf_keys::qwen3, gguf_rows::same, 0, gguf_tokenizers::pieces},
    gguf_class{"Qwen2MoeForCausalLM", "qwen2moe", gguf_keys::qwen2_moe},
    gguf_class{"Qwen3MoeForCausalLM", "qwen3moe", gguf_keys::qwen3_moe},
    gguf_class{"GemmaForCausalLM", "gemma", gguf_keys::gemma, gguf_rows::same, 1, gguf_tokenizers::pieces,
               gguf_keys::gemma_words},
    gguf_class{"Gemma2ForCausalLM", "gemma2", gguf_keys::gemma2, gguf_rows::same, 1, gguf_tokenizers::pieces,
               gguf_keys::no_space},
    gguf_class{"Gemma3ForCausalLM", "gemma3", gguf_keys::gemma3, gguf_rows::same, 1, gguf_tokenizers::pieces,
               gguf_keys::no_space},
    gguf_class{"CohereForCausalLM", "command-r", gguf_keys::cohere},
    gguf_class{"Cohere2ForCausalLM", "cohere2", gguf_keys::cohere2},
    gguf_class{"Olmo2ForCausalLM", "olmo2", gguf_keys::rms},
    gguf_class{"Starcoder2ForCausalLM", "starcoder2", gguf_keys::norms},
    gguf_class{"GPT2LMHeadModel", "gpt2", gguf_keys::gpt2},
    gguf_class{"GPTBigCodeForCausalLM", "starcoder", gguf_keys::gpt_bigcode},
    gguf_class{"GPTNeoXForCausalLM", "gptneox", gguf_keys::gpt_neox, gguf_rows::blocks},
    gguf_class{"FalconForCausalLM", "falcon", gguf_keys::falcon, gguf_rows::blocks},
    gguf_class{"StableLmForCausalLM", "stablelm", gguf_keys::stablelm},
    gguf_class{"PhiForCausalLM", "phi2", gguf_keys::phi},
    gguf_class{"Phi3ForCausalLM", "phi3", gguf_keys::phi3},
};

// nullptr: one whose conventions are not written.
[[nodiscard]] constexpr gguf_class const* gguf_class_of(std::string_view hf_class) {
    for (auto const& c : gguf_classes) {
        if (c.hf_class == hf_class) return &c;
    }
    return nullptr;
}

} // namespace qeval
