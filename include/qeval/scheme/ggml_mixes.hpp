// llama.cpp's file types as mixes. Origin: llama_tensor_get_type in llama-quant.cpp, Llama-like models with up to 7
// experts (architecture_mixes.hpp has what others have of their own); revision 2025-02 is commit c392e5094, 2026 is the
// source of 2026-08.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <qeval/scheme/mix.hpp>

namespace qeval {

namespace ggml_rules {
using enum tensor_role;
using enum layer_range;
using enum importance_case;
inline constexpr std::array q4_0{mix_rule{mlp_down, first_8th, "Q4_1", 1, with}};
inline constexpr std::array q5_0{mix_rule{mlp_down, first_8th, "Q5_1", 1, with}};
inline constexpr std::array q2_k_s{mix_rule{attn_v, all, "Q4_K", 4}, mix_rule{mlp_down, first_8th, "Q4_K"}};
inline constexpr std::array q2_k{mix_rule{attn_v, all, "Q4_K", 4}, mix_rule{attn_v, all, "Q3_K"},
                                 mix_rule{mlp_down, all, "Q3_K"}, mix_rule{attn_o, all, "Q3_K"}};
inline constexpr std::array q3_k_m{mix_rule{attn_v, first_2, "Q5_K"},      mix_rule{attn_v, all, "Q4_K"},
                                   mix_rule{mlp_down, first_16th, "Q5_K"}, mix_rule{mlp_down, all, "Q4_K"},
                                   mix_rule{attn_o, all, "Q4_K"},          mix_rule{attn_qkv, all, "Q4_K"}};
inline constexpr std::array q3_k_l{mix_rule{attn_v, all, "Q5_K"}, mix_rule{mlp_down, all, "Q5_K"},
                                   mix_rule{attn_o, all, "Q5_K"}, mix_rule{attn_qkv, all, "Q4_K"}};
inline constexpr std::array q4_k_s{mix_rule{attn_v, first_4, "Q5_K"}, mix_rule{mlp_down, first_8th, "Q5_K"}};
inline constexpr std::array iq4{mix_rule{attn_v, all, "Q5_K", 4}, mix_rule{mlp_down, first_8th, "Q5_K", 1, without}};
inline constexpr std::array iq3_s{mix_rule{attn_v, all, "Q4_K", 4}};
inline constexpr std::array iq3_m{mix_rule{attn_v, all, "Q4_K"}, mix_rule{mlp_down, first_8th, "Q4_K"},
                                  mix_rule{attn_o, all, "Q4_K"}, mix_rule{attn_qkv, all, "Q4_K"}};
inline constexpr std::array iq3_xs{mix_rule{attn_v, all, "Q4_K", 4}, mix_rule{attn_q, all, "IQ3_XXS"},
                                   mix_rule{attn_k, all, "IQ3_XXS"}, mix_rule{mlp_gate, middle, "IQ3_XXS"},
                                   mix_rule{mlp_up, middle, "IQ3_XXS"}};
inline constexpr std::array iq3_xxs{mix_rule{embedding, all, "IQ3_S"},
                                    mix_rule{attn_v, all, "Q4_K", 4},
                                    mix_rule{attn_v, all, "IQ3_S", 1, without},
                                    mix_rule{attn_q, all, "IQ2_S"},
                                    mix_rule{attn_k, all, "IQ2_S"},
                                    mix_rule{attn_o, all, "IQ3_S"},
                                    mix_rule{mlp_down, first_8th, "Q4_K", 1, without},
                                    mix_rule{mlp_down, all, "Q3_K", 1, without}};
inline constexpr std::array iq2_s{mix_rule{embedding, all, "IQ3_S"}, mix_rule{attn_v, all, "Q4_K", 4},
                                  mix_rule{attn_v, all, "IQ3_S"}, mix_rule{mlp_down, first_8th, "IQ3_S"},
                                  mix_rule{attn_o, all, "IQ3_S"}};
inline constexpr std::array iq2_x{mix_rule{embedding, all, "Q2_K"}, mix_rule{attn_v, all, "Q4_K", 4},
                                  mix_rule{attn_v, all, "Q2_K"}, mix_rule{mlp_down, first_8th, "Q2_K"}};
inline constexpr std::array iq1{mix_rule{embedding, all, "Q2_K"}, mix_rule{attn_v, all, "Q4_K", 4},
                                mix_rule{attn_v, all, "Q2_K"}, mix_rule{mlp_down, first_8th, "Q2_K"},
                                mix_rule{attn_o, all, "IQ2_XXS"}};
inline constexpr std::array ternary{mix_rule{embedding, all, "Q4_K"}};
inline constexpr std::array q4_k_m{mix_rule{attn_v, more_bits, "Q6_K"}, mix_rule{mlp_down, more_bits, "Q6_K"},
                                   mix_rule{attn_qkv, all, "Q5_K"}};
inline constexpr std::array q5_k_m{mix_rule{attn_v, more_bits, "Q6_K"}, mix_rule{mlp_down, more_bits, "Q6_K"},
                                   mix_rule{attn_qkv, all, "Q6_K"}};

// Rows that are no multiple of 256; where they are no multiple of 32 either, F16.
inline constexpr std::array fallbacks_2025{
    column_fallback{"Q2_K", "IQ4_NL"},   column_fallback{"Q3_K", "IQ4_NL"},    column_fallback{"Q4_K", "Q5_0"},
    column_fallback{"Q5_K", "Q5_1"},     column_fallback{"Q6_K", "Q8_0"},      column_fallback{"IQ4_XS", "IQ4_NL"},
    column_fallback{"IQ3_S", "IQ4_NL"},  column_fallback{"IQ3_XXS", "IQ4_NL"}, column_fallback{"IQ2_S", "IQ4_NL"},
    column_fallback{"IQ2_XS", "IQ4_NL"}, column_fallback{"IQ2_XXS", "IQ4_NL"}, column_fallback{"IQ1_S", "IQ4_NL"},
    column_fallback{"IQ1_M", "IQ4_NL"},  column_fallback{"TQ1_0", "Q4_0"},     column_fallback{"TQ2_0", "Q4_0"}};
inline constexpr std::array fallbacks_2026 = [] {
    auto list = fallbacks_2025;
    for (auto& f : list) {
        if (f.format == "Q2_K" || f.format == "Q3_K") f.instead = "Q4_0";
    }
    return list;
}();
// What layers get with an importance matrix only; the last one since 2026.
inline constexpr std::array<std::string_view, 6> weighed_formats{"IQ2_XXS", "IQ2_XS", "IQ2_S",
                                                                 "IQ1_M",   "IQ1_S",  "IQ3_XXS"};
} // namespace ggml_rules

inline constexpr std::array ggml_mixes{
    mix{"f32", "F32", "F32"},
    mix{"f16", "F16", "F16"},
    mix{"bf16", "BF16", "BF16"},
    mix{"q8_0", "Q8_0", "Q8_0"},
    mix{"q4_0", "Q4_0", "Q6_K", ggml_rules::q4_0},
    mix{"q4_1", "Q4_1", "Q6_K"},
    mix{"q5_0", "Q5_0", "Q6_K", ggml_rules::q5_0},
    mix{"q5_1", "Q5_1", "Q6_K"},
    mix{"q2_k", "Q2_K", "Q6_K", ggml_rules::q2_k},
    mix{"q2_k_s", "Q2_K", "Q6_K", ggml_rules::q2_k_s, {}, {}, true},
    mix{"q3_k_s", "Q3_K", "Q6_K"},
    mix{"q3_k_m", "Q3_K", "Q6_K", ggml_rules::q3_k_m},
    mix{"q3_k_l", "Q3_K", "Q6_K", ggml_rules::q3_k_l},
    mix{"q4_k_s", "Q4_K", "Q6_K", ggml_rules::q4_k_s},
    mix{"q4_k_m", "Q4_K", "Q6_K", ggml_rules::q4_k_m},
    mix{"q5_k_s", "Q5_K", "Q6_K"},
    mix{"q5_k_m", "Q5_K", "Q6_K", ggml_rules::q5_k_m},
    mix{"q6_k", "Q6_K", "Q6_K"},
    mix{"iq4_nl", "IQ4_NL", "Q6_K", ggml_rules::iq4},
    mix{"iq4_xs", "IQ4_XS", "Q6_K", ggml_rules::iq4},
    mix{"iq3_m", "IQ3_S", "Q6_K", ggml_rules::iq3_m},
    mix{"iq3_s", "IQ3_S", "Q6_K", ggml_rules::iq3_s},
    mix{"iq3_xs", "IQ3_S", "Q6_K", ggml_rules::iq3_xs},
    mix{"iq3_xxs", "IQ3_XXS", "Q5_K", ggml_rules::iq3_xxs},
    mix{"iq2_m", "IQ2_S", "Q5_K", ggml_rules::iq2_s},
    mix{"iq2_s", "IQ2_XS", "Q5_K", ggml_rules::iq2_s},
    mix{"iq2_xs", "IQ2_XS", "Q5_K", ggml_rules::iq2_x},
    mix{"iq2_xxs", "IQ2_XXS", "Q5_K", ggml_rules::iq2_x},
    mix{"iq1_m", "IQ1_M", "Q5_K", ggml_rules::iq1},
    mix{"iq1_s", "IQ1_S", "Q5_K", ggml_rules::iq1},
    mix{"tq1_0", "TQ1_0", "Q6_K", ggml_rules::ternary},
    mix{"tq2_0", "TQ2_0", "Q6_K", ggml_rules::ternary},
};

inline constexpr std::array<std::string_view, 2> ggml_revisions{"2025-02", "2026"}; // the first is the default

// The mix of that name and revision ("" is the default); nothing where either is unknown.
[[nodiscard]] constexpr std::optional<mix> find_ggml_mix(std::string_view name, std::string_view revision) {
    bool const newer = revision == ggml_revisions[1];
    if (!revision.empty() && revision != ggml_revisions[0] && !newer) return std::nullopt;
    for (mix m : ggml_mixes) {
        if (m.name != name) continue;
        m.revision        = ggml_revisions[newer ? 1 : 0];
        m.fused_as_v      = newer;
        m.weighed_formats = std::span(ggml_rules::weighed_formats).first(newer ? 6 : 5);
        if (newer)
            m.fallbacks = ggml_rules::fallbacks_2026;
        else
            m.fallbacks = ggml_rules::fallbacks_2025;
        return m;
    }
    return std::nullopt;
}

} // namespace qeval
