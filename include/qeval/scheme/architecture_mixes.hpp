// What llama.cpp's file types give to architectures that have rules of their own. Origin: the conditions on an
// architecture in llama_tensor_get_type, llama-quant.cpp; the same in both revisions of ggml_mixes.hpp.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include <qeval/scheme/mix.hpp>

namespace qeval {

struct mix_rules {
    std::string_view          mix;
    std::span<mix_rule const> rules;
};
// The mixes of an architecture that differ, and its head wherever that is quantized.
struct architecture_mixes {
    std::string_view           architecture; // architectures[0] of config.json
    std::string_view           head;
    std::span<mix_rules const> mixes;
};

namespace falcon_rules {
using enum tensor_role;
using enum layer_range;
using enum importance_case;
inline constexpr std::array q2_k{mix_rule{attn_v, all, "Q4_K", 4}, mix_rule{attn_v, all, "Q3_K"},
                                 mix_rule{mlp_down, all, "Q3_K"}};
inline constexpr std::array q3_k_m{mix_rule{attn_v, first_2, "Q5_K"}, mix_rule{attn_v, all, "Q4_K"},
                                   mix_rule{mlp_down, first_16th, "Q5_K"}, mix_rule{mlp_down, more_bits, "Q4_K"},
                                   mix_rule{attn_qkv, all, "Q4_K"}};
inline constexpr std::array q3_k_l{mix_rule{attn_v, all, "Q5_K"}, mix_rule{mlp_down, all, "Q4_K"},
                                   mix_rule{attn_o, all, "Q4_K"}, mix_rule{attn_qkv, all, "Q4_K"}};
inline constexpr std::array q4_k_s{mix_rule{attn_v, first_4, "Q5_K"}};
inline constexpr std::array q4_k_m{mix_rule{attn_v, more_bits, "Q6_K"}, mix_rule{mlp_down, first_16th, "Q6_K"},
                                   mix_rule{mlp_down, more_bits, "Q5_K"}, mix_rule{attn_qkv, all, "Q5_K"}};
inline constexpr std::array iq3_m{mix_rule{attn_v, all, "Q4_K"}, mix_rule{mlp_down, first_8th, "Q4_K"},
                                  mix_rule{attn_qkv, all, "Q4_K"}};
inline constexpr std::array iq3_xxs{
    mix_rule{embedding, all, "IQ3_S"}, mix_rule{attn_v, all, "Q4_K", 4}, mix_rule{attn_v, all, "IQ3_S", 1, without},
    mix_rule{mlp_down, first_8th, "Q4_K", 1, without}, mix_rule{mlp_down, all, "Q3_K", 1, without}};
inline constexpr std::array mixes{
    mix_rules{"q2_k", q2_k},     mix_rules{"q3_k_m", q3_k_m}, mix_rules{"q3_k_l", q3_k_l},  mix_rules{"q4_k_s", q4_k_s},
    mix_rules{"q4_k_m", q4_k_m}, mix_rules{"iq3_m", iq3_m},   mix_rules{"iq3_xxs", iq3_xxs}};
} // namespace falcon_rules

inline constexpr std::array own_mixes{architecture_mixes{"FalconForCausalLM", "Q8_0", falcon_rules::mixes}};

// The mix as it is for that architecture.
[[nodiscard]] constexpr mix mix_for(mix m, std::string_view architecture) {
    bool const numbers = m.base == "F32" || m.base == "F16" || m.base == "BF16";
    for (auto const& own : own_mixes) {
        if (own.architecture != architecture || numbers) continue;
        m.head = own.head;
        for (auto const& other : own.mixes) {
            if (other.mix == m.name) m.rules = other.rules;
        }
    }
    return m;
}

} // namespace qeval
