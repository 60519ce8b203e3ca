// The rules of llama.cpp's file types. Origin: llama_tensor_get_type in llama-quant.cpp, for Llama-like models
// (architecture_mixes.hpp has what others have of their own). ggml_mixes.hpp lists the mixes that they make.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <qeval/scheme/mix.hpp>

namespace qeval {

namespace ggml_rules {
using enum tensor_role;
using enum layer_range;
using enum importance_case;
using enum expert_case;

template <std::size_t N, std::size_t M>
consteval std::array<mix_rule, N + M> join(std::array<mix_rule, N> const& a, std::array<mix_rule, M> const& b) {
    std::array<mix_rule, N + M> all{};
    std::ranges::copy(b, std::ranges::copy(a, all.begin()).out);
    return all;
}
// Models with eight experts: what is small beside them gets more bits.
inline constexpr std::array eight_kv{mix_rule{attn_v, all, "Q8_0", 1, either, eight},
                                     mix_rule{attn_k, all, "Q8_0", 1, either, eight}};
inline constexpr std::array eight_kvo = join(eight_kv, std::array{mix_rule{attn_o, all, "Q5_K", 1, either, eight}});
inline constexpr std::array many_kvo{mix_rule{attn_v, all, "Q4_K", 1, either, four_or_more},
                                     mix_rule{attn_k, all, "Q4_K", 1, either, eight},
                                     mix_rule{attn_o, all, "Q5_K", 1, either, eight}};

inline constexpr std::array q4_0 = join(eight_kv, std::array{mix_rule{mlp_down, first_8th, "Q4_1", 1, with}});
inline constexpr std::array q5_0 = join(eight_kv, std::array{mix_rule{mlp_down, first_8th, "Q5_1", 1, with}});
inline constexpr std::array q2_k_s =
    join(eight_kv, std::array{mix_rule{attn_v, all, "Q4_K", 4}, mix_rule{mlp_down, first_8th, "Q4_K"}});
inline constexpr std::array q2_k =
    join(eight_kvo, std::array{mix_rule{attn_v, all, "Q4_K", 4}, mix_rule{attn_v, all, "Q3_K"},
                               mix_rule{mlp_down, all, "Q3_K"}, mix_rule{attn_o, all, "Q3_K"}});
inline constexpr std::array q3_k_m =
    join(eight_kvo, std::array{mix_rule{attn_v, first_2, "Q5_K"}, mix_rule{attn_v, all, "Q4_K"},
                               mix_rule{mlp_down, first_16th, "Q5_K"}, mix_rule{mlp_down, all, "Q4_K"},
                               mix_rule{attn_o, all, "Q4_K"}, mix_rule{attn_qkv, all, "Q4_K"}});
inline constexpr std::array q3_k_l =
    join(eight_kv,
         std::array{mix_rule{attn_o, all, "Q3_K", 1, either, eight}, mix_rule{attn_v, all, "Q5_K"},
                    mix_rule{mlp_down, all, "Q5_K"}, mix_rule{attn_o, all, "Q5_K"}, mix_rule{attn_qkv, all, "Q4_K"}});
inline constexpr std::array q4_k_s =
    join(eight_kvo, std::array{mix_rule{attn_v, first_4, "Q5_K"}, mix_rule{mlp_down, first_8th, "Q5_K"}});
inline constexpr std::array iq4 =
    join(eight_kvo, std::array{mix_rule{attn_v, all, "Q5_K", 4}, mix_rule{mlp_down, first_8th, "Q5_K", 1, without}});
inline constexpr std::array iq3_s = join(eight_kvo, std::array{mix_rule{attn_v, all, "Q4_K", 4}});
inline constexpr std::array iq3_m =
    join(eight_kvo, std::array{mix_rule{mlp_down, more_bits, "Q4_K", 1, either, eight}, mix_rule{attn_v, all, "Q4_K"},
                               mix_rule{mlp_down, first_8th, "Q4_K"}, mix_rule{attn_o, all, "Q4_K"},
                               mix_rule{attn_qkv, all, "Q4_K"}});
inline constexpr std::array iq3_xs =
    join(eight_kvo, std::array{mix_rule{attn_v, all, "Q4_K", 4}, mix_rule{attn_q, all, "IQ3_XXS"},
                               mix_rule{attn_k, all, "IQ3_XXS"}, mix_rule{mlp_gate, middle, "IQ3_XXS"},
                               mix_rule{mlp_up, middle, "IQ3_XXS"}});
inline constexpr std::array iq3_xxs =
    join(eight_kvo,
         std::array{mix_rule{embedding, all, "IQ3_S"}, mix_rule{attn_v, all, "Q4_K", 4},
                    mix_rule{attn_v, all, "IQ3_S", 1, without}, mix_rule{attn_q, all, "IQ2_S"},
                    mix_rule{attn_k, all, "IQ2_S"}, mix_rule{attn_o, all, "IQ3_S"},
                    mix_rule{mlp_down, first_8th, "Q4_K", 1, without}, mix_rule{mlp_down, all, "Q3_K", 1, without}});
inline constexpr std::array iq2_s =
    join(many_kvo,
         std::array{mix_rule{embedding, all, "IQ3_S"}, mix_rule{attn_v, all, "Q4_K", 4}, mix_rule{attn_v, all, "IQ3_S"},
                    mix_rule{mlp_down, first_8th_matrices, "IQ3_S"}, mix_rule{attn_o, all, "IQ3_S"}});
inline constexpr std::array iq2_x =
    join(many_kvo, std::array{mix_rule{embedding, all, "Q2_K"}, mix_rule{attn_v, all, "Q4_K", 4},
                              mix_rule{attn_v, all, "Q2_K"}, mix_rule{mlp_down, first_8th_matrices, "Q2_K"}});
inline constexpr std::array iq1 =
    join(many_kvo,
         std::array{mix_rule{embedding, all, "Q2_K"}, mix_rule{attn_v, all, "Q4_K", 4}, mix_rule{attn_v, all, "Q2_K"},
                    mix_rule{mlp_down, first_8th_matrices, "Q2_K"}, mix_rule{attn_o, all, "IQ2_XXS"}});
inline constexpr std::array ternary = join(eight_kv, std::array{mix_rule{embedding, all, "Q4_K"}});
inline constexpr std::array q4_k_m =
    join(eight_kvo, std::array{mix_rule{attn_v, more_bits, "Q6_K"}, mix_rule{mlp_down, more_bits, "Q6_K"},
                               mix_rule{attn_qkv, all, "Q5_K"}});
inline constexpr std::array q5_k_m =
    join(eight_kv, std::array{mix_rule{attn_v, more_bits, "Q6_K"}, mix_rule{mlp_down, more_bits, "Q6_K"},
                              mix_rule{attn_qkv, all, "Q6_K"}});

// Matrices that a GGUF has in one tensor: experts, and the heads of absorbed latent attention.
inline constexpr std::array mxfp4_moe{
    mix_rule{mlp_gate, all, "MXFP4", 1, either, stacked}, mix_rule{mlp_up, all, "MXFP4", 1, either, stacked},
    mix_rule{mlp_down, all, "MXFP4", 1, either, stacked}, mix_rule{attn_latent, all, "MXFP4", 1, either, stacked}};

// June 2023, as the request that brought k-quants describes them.
inline constexpr std::array q2_k_2023{mix_rule{attn_v, all, "Q4_K"}, mix_rule{mlp_down, all, "Q4_K"}};
inline constexpr std::array q3_k_m_2023{mix_rule{attn_v, all, "Q4_K"}, mix_rule{attn_o, all, "Q4_K"},
                                        mix_rule{mlp_down, all, "Q4_K"}};
inline constexpr std::array q3_k_l_2023{mix_rule{attn_v, all, "Q5_K"}, mix_rule{attn_o, all, "Q5_K"},
                                        mix_rule{mlp_down, all, "Q5_K"}};
inline constexpr std::array half_q6_k{mix_rule{attn_v, more_bits, "Q6_K"}, mix_rule{mlp_down, more_bits, "Q6_K"}};
} // namespace ggml_rules

} // namespace qeval
