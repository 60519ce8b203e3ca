// llama.cpp's numbers of its file types, general.file_type of a GGUF. Origin: enum llama_ftype of llama.h, and what
// llama-model-loader.cpp takes a file for that does not say, by the type of most of its tensors.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <qeval/format/name.hpp>

namespace qeval {

struct ggml_file_type {
    std::string_view name; // of the mix
    std::uint32_t    number;
    std::string_view taken_for{}; // files of which most tensors have this format are taken for it
};
inline constexpr std::array ggml_file_types{
    ggml_file_type{"f32", 0, "F32"},
    ggml_file_type{"f16", 1, "F16"},
    ggml_file_type{"q4_0", 2, "Q4_0"},
    ggml_file_type{"q4_1", 3, "Q4_1"},
    ggml_file_type{"q8_0", 7, "Q8_0"},
    ggml_file_type{"q5_0", 8, "Q5_0"},
    ggml_file_type{"q5_1", 9, "Q5_1"},
    ggml_file_type{"q2_k", 10, "Q2_K"},
    ggml_file_type{"q3_k_s", 11},
    ggml_file_type{"q3_k_m", 12, "Q3_K"},
    ggml_file_type{"q3_k_l", 13},
    ggml_file_type{"q4_k_s", 14},
    ggml_file_type{"q4_k_m", 15, "Q4_K"},
    ggml_file_type{"q5_k_s", 16},
    ggml_file_type{"q5_k_m", 17, "Q5_K"},
    ggml_file_type{"q6_k", 18, "Q6_K"},
    ggml_file_type{"iq2_xxs", 19, "IQ2_XXS"},
    ggml_file_type{"iq2_xs", 20, "IQ2_XS"},
    ggml_file_type{"q2_k_s", 21},
    ggml_file_type{"iq3_xs", 22},
    ggml_file_type{"iq3_xxs", 23, "IQ3_XXS"},
    ggml_file_type{"iq1_s", 24, "IQ1_S"},
    ggml_file_type{"iq4_nl", 25, "IQ4_NL"},
    ggml_file_type{"iq3_s", 26, "IQ3_S"},
    ggml_file_type{"iq3_m", 27},
    ggml_file_type{"iq2_s", 28, "IQ2_S"},
    ggml_file_type{"iq2_m", 29},
    ggml_file_type{"iq4_xs", 30, "IQ4_XS"},
    ggml_file_type{"iq1_m", 31, "IQ1_M"},
    ggml_file_type{"bf16", 32, "BF16"},
    ggml_file_type{"tq1_0", 36, "TQ1_0"},
    ggml_file_type{"tq2_0", 37, "TQ2_0"},
    ggml_file_type{"mxfp4_moe", 38, "MXFP4"},
    ggml_file_type{"nvfp4", 39, "NVFP4"},
    ggml_file_type{"q1_0", 40, "Q1_0"},
    ggml_file_type{"q2_0", 41, "Q2_0"},
};

// The number of a mix; without one (empty), that of the format that most matrices are in. Nothing where both are empty,
// or where llama.cpp has none.
[[nodiscard]] constexpr std::optional<std::uint32_t> ggml_file_type_of(std::string_view mix, std::string_view format) {
    for (auto const& t : ggml_file_types) {
        if (mix.empty() ? !format.empty() && same_name(t.taken_for, format) : t.name == mix) return t.number;
    }
    return std::nullopt;
}

} // namespace qeval
