// The mixes against llama.cpp's own choices: every file type, with and without an importance matrix, on models of
// several shapes. Also tests architecture_mixes.hpp.
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/error.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/scheme/ggml_mixes.hpp>
#include <qeval/scheme/plan.hpp>
#include <qeval/scheme/table_of.hpp>

namespace {

using qeval::tensor_role;

struct mix_golden {
    std::string_view shape, file_type;
    bool             weighed;
    std::string_view types; // "role TYPE*layers ...; ..."
};
constexpr mix_golden goldens[] = {
#include <tests/golden/mixes_golden.inc>
};

struct model_shape {
    std::string_view name;
    qeval::index     hidden, inner, key_heads;
    bool             tied;
};
constexpr model_shape  shapes[] = {{"alike", 256, 512, 8, false},
                                   {"grouped", 256, 512, 2, false},
                                   {"tied", 256, 512, 2, true},
                                   {"odd", 288, 544, 2, false}};
constexpr qeval::index layers   = 16;

struct named_role {
    tensor_role      role;
    std::string_view name; // in GGUF files
};
constexpr named_role roles[] = {
    {tensor_role::embedding, "token_embd"}, {tensor_role::head, "output"},   {tensor_role::attn_q, "attn_q"},
    {tensor_role::attn_k, "attn_k"},        {tensor_role::attn_v, "attn_v"}, {tensor_role::attn_o, "attn_output"},
    {tensor_role::mlp_gate, "ffn_gate"},    {tensor_role::mlp_up, "ffn_up"}, {tensor_role::mlp_down, "ffn_down"}};

constexpr named_role falcon_roles[] = {{tensor_role::embedding, "token_embd"}, {tensor_role::head, "output"},
                                       {tensor_role::attn_qkv, "attn_qkv"},    {tensor_role::attn_o, "attn_output"},
                                       {tensor_role::mlp_up, "ffn_up"},        {tensor_role::mlp_down, "ffn_down"}};

// The plan in the words of the goldens; "" where it is refused.
std::string planned(mix_golden const& g, model_shape const& shape, qeval::format_table const& formats,
                    std::span<named_role const> which = roles, std::string const& architecture = {}) {
    qeval::model_description model;
    model.architecture = architecture;
    model.sharing      = 8 / shape.key_heads;
    try {
        qeval::scheme_plan const plan(qeval::parse_scheme(std::string(g.file_type) + "~2026"), model, formats,
                                      g.weighed);
        std::string              text;
        for (auto const& [role, name] : which) {
            bool const outer = role == tensor_role::embedding || role == tensor_role::head;
            if (role == tensor_role::head && shape.tied) continue;
            std::vector<std::pair<std::string, int>> runs;
            for (qeval::index l = 0; l < (outer ? 1 : layers); ++l) {
                qeval::tensor_slot const slot{role, outer ? -1 : l, layers, "w",
                                              role == tensor_role::embedding && shape.tied};
                auto const               type =
                    plan.choose(slot,
                                {"w", "F32", {64, role == tensor_role::mlp_down ? shape.inner : shape.hidden}, {}})
                        .name;
                if (runs.empty() || runs.back().first != type) runs.emplace_back(type, 0);
                ++runs.back().second;
            }
            text += (text.empty() ? "" : "; ") + std::string(name);
            for (auto const& [type, count] : runs) text += " " + type + "*" + std::to_string(count);
        }
        return text;
    } catch (qeval::usage_error const& e) {
        CHECK(e.id() == "SC05");
        return "";
    }
}

} // namespace

TEST_CASE("every ggml file type gives every matrix the type that llama.cpp gives it", "[golden]") {
    auto const  formats = qeval::table_of<qeval::catalog>();
    std::size_t checked = 0;
    for (mix_golden const& g : goldens) {
        for (model_shape const& s : shapes) {
            if (s.name != g.shape) continue;
            INFO(g.shape << ' ' << g.file_type << (g.weighed ? " with importance" : ""));
            CHECK(planned(g, s, formats) == g.types);
            ++checked;
        }
    }
    CHECK(checked == std::size(goldens));
    CHECK(checked >= 200);
}

TEST_CASE("every ggml file type gives every matrix of a Falcon the type that llama.cpp gives it", "[golden]") {
    struct falcon_golden {
        std::string_view file_type, types;
    };
    constexpr falcon_golden of_falcon[] = {
#include <tests/golden/falcon_mixes_golden.inc>
    };
    auto const            formats = qeval::table_of<qeval::catalog>();
    constexpr model_shape shape{"falcon", 256, 512, 1, false};
    for (auto const& g : of_falcon) {
        INFO(g.file_type);
        mix_golden const asked{"falcon", g.file_type, false, g.types};
        CHECK(planned(asked, shape, formats, falcon_roles, "FalconForCausalLM") == g.types);
    }
    CHECK(std::size(of_falcon) >= 20);
}

TEST_CASE("SC05: a format that needs an importance matrix is refused without one, with the matrix and the ways out") {
    auto const               formats = qeval::table_of<qeval::catalog>();
    qeval::scheme_plan const plan(qeval::parse_scheme("iq2_xxs"), qeval::model_description{}, formats);
    try {
        (void)plan.choose({tensor_role::mlp_up, 0, 8, "up", false}, {"up", "F32", {1, 256}, {}});
        FAIL("accepted");
    } catch (qeval::usage_error const& e) {
        CHECK(e.id() == "SC05");
        CHECK(e.why().place == "scheme \"iq2_xxs\", up");
        CHECK(e.why().found == "no importance matrix for IQ2_XXS");
        CHECK(e.why().expected == "one: --imatrix FILE, as llama.cpp asks for");
        CHECK(e.why().likely == "all:IQ2_XXS takes none: every matrix in that format, all weights alike");
    }
}
TEST_CASE("matrices that hold several get what llama.cpp gives what it calls them") {
    auto const format = [](qeval::mix const& m, tensor_role role, qeval::index layer) {
        qeval::tensor_slot slot;
        slot.role = role, slot.layer = layer, slot.layers = layers;
        return m.format_of(slot, 1, false);
    };
    for (auto const& named : qeval::ggml_mixes) {
        INFO(named.name);
        auto const older = *qeval::find_ggml_mix(named.name, "2025-02"),
                   newer = *qeval::find_ggml_mix(named.name, "2026");
        for (qeval::index i = 0; i < layers; ++i) {
            CHECK(format(newer, tensor_role::attn_qkv, i) == format(newer, tensor_role::attn_v, i));
            CHECK(format(newer, tensor_role::mlp_gate_up, i) == format(newer, tensor_role::mlp_up, i));
            CHECK(format(older, tensor_role::mlp_gate_up, i) == format(older, tensor_role::mlp_up, i));
        }
    }
    // The branch of attn_qkv in llama_tensor_get_type of c392e5094.
    for (auto const& [name, type] : {std::pair{"q3_k_m", "Q4_K"},
                                     {"q3_k_l", "Q4_K"},
                                     {"iq3_m", "Q4_K"},
                                     {"q4_k_m", "Q5_K"},
                                     {"q5_k_m", "Q6_K"},
                                     {"q3_k_s", "Q3_K"},
                                     {"q4_k_s", "Q4_K"},
                                     {"iq4_xs", "IQ4_XS"}}) {
        INFO(name);
        for (qeval::index i = 0; i < layers; ++i)
            CHECK(format(*qeval::find_ggml_mix(name, ""), tensor_role::attn_qkv, i) == type);
    }
}
