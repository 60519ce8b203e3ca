// llama.cpp's file types as mixes, in revisions: what a name stood for at a time. 2025-02 is commit c392e5094; 2026 is
// the source of October 2026 (build 11434), the same since August; 2023-06 is the month in which k-quants came.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <qeval/scheme/ggml_rules.hpp>
#include <qeval/scheme/mix.hpp>

namespace qeval {

namespace ggml_rules {
// Rows that are no multiple of 256; where they are no multiple of 32 either, F16.
inline constexpr std::array fallbacks_2025{
    column_fallback{"Q2_K", "IQ4_NL"},   column_fallback{"Q3_K", "IQ4_NL"},    column_fallback{"Q4_K", "Q5_0"},
    column_fallback{"Q5_K", "Q5_1"},     column_fallback{"Q6_K", "Q8_0"},      column_fallback{"IQ4_XS", "IQ4_NL"},
    column_fallback{"IQ3_S", "IQ4_NL"},  column_fallback{"IQ3_XXS", "IQ4_NL"}, column_fallback{"IQ2_S", "IQ4_NL"},
    column_fallback{"IQ2_XS", "IQ4_NL"}, column_fallback{"IQ2_XXS", "IQ4_NL"}, column_fallback{"IQ1_S", "IQ4_NL"},
    column_fallback{"IQ1_M", "IQ4_NL"},  column_fallback{"TQ1_0", "Q4_0"},     column_fallback{"TQ2_0", "Q4_0"}};
inline constexpr std::array fallbacks_2026 = [] {
    std::array<column_fallback, fallbacks_2025.size() + 1> list{};
    *std::ranges::copy(fallbacks_2025, list.begin()).out = {"Q2_0", "Q4_0"};
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
    mix{"q8_0", "Q8_0", "Q8_0", ggml_rules::eight_kv},
    mix{"q4_0", "Q4_0", "Q6_K", ggml_rules::q4_0},
    mix{"q4_1", "Q4_1", "Q6_K", ggml_rules::eight_kv},
    mix{"q5_0", "Q5_0", "Q6_K", ggml_rules::q5_0},
    mix{"q5_1", "Q5_1", "Q6_K", ggml_rules::eight_kv},
    mix{"q2_k", "Q2_K", "Q6_K", ggml_rules::q2_k},
    mix{"q2_k_s", "Q2_K", "Q6_K", ggml_rules::q2_k_s, {}, {}, true},
    mix{"q3_k_s", "Q3_K", "Q6_K", ggml_rules::eight_kvo},
    mix{"q3_k_m", "Q3_K", "Q6_K", ggml_rules::q3_k_m},
    mix{"q3_k_l", "Q3_K", "Q6_K", ggml_rules::q3_k_l},
    mix{"q4_k_s", "Q4_K", "Q6_K", ggml_rules::q4_k_s},
    mix{"q4_k_m", "Q4_K", "Q6_K", ggml_rules::q4_k_m},
    mix{"q5_k_s", "Q5_K", "Q6_K", ggml_rules::eight_kv},
    mix{"q5_k_m", "Q5_K", "Q6_K", ggml_rules::q5_k_m},
    mix{"q6_k", "Q6_K", "Q6_K", ggml_rules::eight_kv},
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

// Those that came in 2026. NVFP4, a file type too, is none: llama.cpp's quantizer does not make it.
inline constexpr auto ggml_mixes_2026 = [] {
    constexpr std::array                              newer{mix{"mxfp4_moe", "Q8_0", "Q8_0", ggml_rules::mxfp4_moe},
                               mix{"q1_0", "Q1_0", "Q6_K", ggml_rules::eight_kv},
                               mix{"q2_0", "Q2_0", "Q6_K", ggml_rules::ternary}};
    std::array<mix, ggml_mixes.size() + newer.size()> all{};
    std::ranges::copy(newer, std::ranges::copy(ggml_mixes, all.begin()).out);
    return all;
}();
// The output matrix is one as any other.
inline constexpr std::array ggml_mixes_2023{
    mix{"f32", "F32", "F32"},
    mix{"f16", "F16", "F16"},
    mix{"q8_0", "Q8_0", "Q8_0"},
    mix{"q4_0", "Q4_0", "Q4_0"},
    mix{"q4_1", "Q4_1", "Q4_1"},
    mix{"q5_0", "Q5_0", "Q5_0"},
    mix{"q5_1", "Q5_1", "Q5_1"},
    mix{"q2_k", "Q2_K", "Q2_K", ggml_rules::q2_k_2023},
    mix{"q3_k_s", "Q3_K", "Q3_K"},
    mix{"q3_k_m", "Q3_K", "Q3_K", ggml_rules::q3_k_m_2023},
    mix{"q3_k_l", "Q3_K", "Q3_K", ggml_rules::q3_k_l_2023},
    mix{"q4_k_s", "Q4_K", "Q4_K"},
    mix{"q4_k_m", "Q4_K", "Q4_K", ggml_rules::half_q6_k},
    mix{"q5_k_s", "Q5_K", "Q5_K"},
    mix{"q5_k_m", "Q5_K", "Q5_K", ggml_rules::half_q6_k},
    mix{"q6_k", "Q6_K", "Q6_K"},
};

struct mix_revision {
    std::string_view                  name;
    std::span<mix const>              mixes;
    std::span<column_fallback const>  fallbacks;       // empty: rows that blocks do not divide are refused
    std::span<std::string_view const> weighed_formats; // see mix
    bool                              fused_as_v = false;
    bool                              raises_v   = false; // of models of 70B
};
// A name without a revision is that of the first which has it.
inline constexpr std::array ggml_revisions{
    mix_revision{"2025-02", ggml_mixes, ggml_rules::fallbacks_2025, std::span(ggml_rules::weighed_formats).first(5),
                 false, true},
    mix_revision{"2026", ggml_mixes_2026, ggml_rules::fallbacks_2026, ggml_rules::weighed_formats, true, true},
    mix_revision{"2023-06", ggml_mixes_2023, {}, {}},
};

// The mix of that name and revision ("": see ggml_revisions); nothing where there is none.
[[nodiscard]] constexpr std::optional<mix> find_ggml_mix(std::string_view name, std::string_view revision) {
    for (auto const& r : ggml_revisions) {
        if (!revision.empty() && revision != r.name) continue;
        for (mix m : r.mixes) {
            if (m.name != name) continue;
            m.revision = r.name, m.fallbacks = r.fallbacks, m.weighed_formats = r.weighed_formats;
            m.fused_as_v = r.fused_as_v;
            m.raises_v   = r.raises_v && !m.base.starts_with("IQ1") && !m.base.starts_with("IQ2"); // have rules for v
            return m;
        }
    }
    return std::nullopt;
}
// The revisions that have it: "2025-02, 2026".
[[nodiscard]] inline std::string ggml_revisions_of(std::string_view name) {
    std::string all;
    for (auto const& r : ggml_revisions) {
        if (find_ggml_mix(name, r.name)) all += (all.empty() ? "" : ", ") + std::string(r.name);
    }
    return all;
}

} // namespace qeval
