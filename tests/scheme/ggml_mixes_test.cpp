// The mixes against llama.cpp's own choices: every file type, with and without an importance matrix, on models of
// several shapes, in every revision. Also tests architecture_mixes.hpp, ggml_rules.hpp, mix_model.hpp.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
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

namespace {

struct layer_golden {
    std::string_view revision, shape;
    qeval::index     layers;
    std::string_view file_type;
    bool             weighed;
    std::string_view types; // "TYPE; role TYPE; role TYPE at layers, TYPE at layers": as make_mixes.py has it
};
constexpr layer_golden layer_goldens[] = {
#include <tests/golden/layer_mixes_golden.inc>
};

constexpr named_role layer_roles[] = {{tensor_role::head, "output"},
                                      {tensor_role::embedding, "token_embd"},
                                      {tensor_role::attn_k, "attn_k"},
                                      {tensor_role::attn_latent, "attn_k_b"},
                                      {tensor_role::attn_latent, "attn_kv_a_mqa"},
                                      {tensor_role::attn_kv_b, "attn_kv_b"},
                                      {tensor_role::attn_o, "attn_output"},
                                      {tensor_role::attn_q, "attn_q"},
                                      {tensor_role::attn_latent, "attn_q_a"},
                                      {tensor_role::attn_latent, "attn_q_b"},
                                      {tensor_role::attn_v, "attn_v"},
                                      {tensor_role::attn_latent, "attn_v_b"},
                                      {tensor_role::mlp_down, "ffn_down"},
                                      {tensor_role::mlp_gate, "ffn_gate"},
                                      {tensor_role::mlp_up, "ffn_up"},
                                      {tensor_role::mlp_down, "ffn_down_exps"},
                                      {tensor_role::mlp_down, "ffn_down_shexp"},
                                      {tensor_role::mlp_gate, "ffn_gate_exps"},
                                      {tensor_role::mlp_gate, "ffn_gate_shexp"},
                                      {tensor_role::mlp_up, "ffn_up_exps"},
                                      {tensor_role::mlp_up, "ffn_up_shexp"}};

// The shapes of make_mixes.py.
struct layer_shape {
    std::string_view              name;
    qeval::index                  key_heads, experts;
    std::vector<std::string_view> in_layer;

    [[nodiscard]] bool shares() const { return in_layer.back() == "ffn_down_shexp"; } // an expert beside the others
    // DeepSeek's first layer has none.
    [[nodiscard]] bool has(std::string_view role, qeval::index layer) const {
        if (shares() && role.starts_with("ffn")) {
            bool const dense = role == "ffn_gate" || role == "ffn_up" || role == "ffn_down";
            if (dense || layer == 0) return dense && layer == 0;
        }
        return std::ranges::find(in_layer, role) != in_layer.end();
    }
};
std::vector<layer_shape> const layer_shapes = {
    {"alike", 8, 0, {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}},
    {"grouped", 2, 0, {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}},
    {"eight", 2, 8, {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"}},
    {"latent",
     8,
     64,
     {"attn_q", "attn_kv_a_mqa", "attn_kv_b", "attn_output", "ffn_gate_exps", "ffn_up_exps", "ffn_down_exps",
      "ffn_gate_shexp", "ffn_up_shexp", "ffn_down_shexp"}},
    {"absorbed",
     1,
     64,
     {"attn_q_a", "attn_q_b", "attn_kv_a_mqa", "attn_k_b", "attn_v_b", "attn_output", "ffn_gate_exps", "ffn_up_exps",
      "ffn_down_exps", "ffn_gate_shexp", "ffn_up_shexp", "ffn_down_shexp"}}};

qeval::tensor_slot slot_of(named_role const& role, qeval::index layer, layer_shape const& shape, qeval::index count) {
    qeval::tensor_slot slot;
    bool const         outer = role.role == tensor_role::embedding || role.role == tensor_role::head;
    slot.role = role.role, slot.layer = outer ? -1 : layer, slot.layers = count, slot.name = role.name;
    bool const head = role.name == "attn_k_b" || role.name == "attn_v_b";
    if (head || role.name.ends_with("_exps")) slot.member = 0, slot.members = head ? 8 : shape.experts;
    return slot;
}
// 0-3+6: layers 0 to 3, and 6.
std::string runs_of(std::vector<qeval::index> const& all) {
    std::string text;
    for (std::size_t i = 0; i < all.size();) {
        std::size_t last = i;
        while (last + 1 < all.size() && all[last + 1] == all[last] + 1) ++last;
        text += (text.empty() ? "" : "+") + std::to_string(all[i]);
        if (last > i) text += "-" + std::to_string(all[last]);
        i = last + 1;
    }
    return text;
}
// The plan in the words of the golden.
std::string planned(layer_golden const& g, layer_shape const& shape, qeval::format_table const& formats) {
    qeval::model_description model;
    model.architecture = shape.shares() ? "DeepseekV2ForCausalLM" : "LlamaForCausalLM";
    model.sharing      = 8 / shape.key_heads;
    model.layers.resize(std::size_t(g.layers));
    model.layers.back().routing.experts = shape.experts;
    for (qeval::index l = 0; l < g.layers; ++l) {
        for (auto const& role : layer_roles) {
            if (shape.has(role.name, l)) model.matrices.push_back(slot_of(role, l, shape, g.layers));
        }
    }
    qeval::scheme_plan const plan(qeval::parse_scheme(std::string(g.file_type) + "~" + std::string(g.revision)), model,
                                  formats, g.weighed);
    auto const               type = [&](named_role const& role, qeval::index layer) {
        return plan.choose(slot_of(role, layer, shape, g.layers), {"w", "F32", {64, 256}, {}}).name;
    };
    std::string first, text;
    for (auto const& role : layer_roles) {
        bool const plain = role.name == "ffn_up" || (role.name == "ffn_up_exps" && !shape.shares());
        if (plain && shape.has(role.name, 0)) first = type(role, 0);
    }
    for (auto const& role : layer_roles) {
        bool const outer = role.role == tensor_role::embedding || role.role == tensor_role::head;
        std::vector<std::pair<std::string, std::vector<qeval::index>>> kinds;
        for (qeval::index l = 0; l < (outer ? 1 : g.layers); ++l) {
            if (!outer && !shape.has(role.name, l)) continue;
            auto const kind = type(role, l);
            auto const at   = std::ranges::find(kinds, kind, [](auto const& k) { return k.first; });
            if (at == kinds.end())
                kinds.push_back({kind, {l}});
            else
                at->second.push_back(l);
        }
        if (kinds.empty() || (kinds.size() == 1 && kinds[0].first == first)) continue;
        text += "; " + std::string(role.name) + " ";
        for (std::size_t i = 0; i < kinds.size(); ++i) {
            text += (i > 0 ? ", " : "") + kinds[i].first;
            if (kinds.size() > 1) text += " at " + runs_of(kinds[i].second);
        }
    }
    return first + text;
}

} // namespace

TEST_CASE(
    "every revision gives every layer the types that llama.cpp of that time gives it: dense models, eight experts, "
    "latent attention",
    "[golden]") {
    auto const  formats = qeval::table_of<qeval::catalog>();
    std::size_t checked = 0;
    for (layer_golden const& g : layer_goldens) {
        for (layer_shape const& s : layer_shapes) {
            if (s.name != g.shape) continue;
            INFO(g.revision << ' ' << g.shape << ' ' << g.layers << ' ' << g.file_type);
            // The description of June 2023 has no attn_output here, and the quantizer of that month has: the
            // description is the revision.
            bool const told_otherwise = g.revision == "2023-06" && g.file_type == "Q2_K";
            CHECK(planned(g, s, formats) ==
                  (told_otherwise ? "Q2_K; attn_v Q4_K; ffn_down Q4_K" : std::string(g.types)));
            ++checked;
        }
    }
    CHECK(checked == std::size(layer_goldens));
    CHECK(checked >= 400);
}

TEST_CASE("SC02: a file type in a revision that does not have it is refused with those that do") {
    auto const formats = qeval::table_of<qeval::catalog>();
    for (auto const& [scheme, revisions] : {std::pair{"iq4_xs~2023-06", "2025-02, 2026"},
                                            {"q2_0~2025-02", "2026"},
                                            {"q4_k_m~2024", "2025-02, 2026, 2023-06"}}) {
        INFO(scheme);
        try {
            qeval::scheme_plan const plan(qeval::parse_scheme(scheme), qeval::model_description{}, formats);
            FAIL("accepted");
        } catch (qeval::usage_error const& e) {
            CHECK(e.id() == "SC02");
            CHECK(e.why().expected == revisions);
        }
    }
    // Without a revision it is the first that has it.
    CHECK(qeval::find_ggml_mix("q4_k_m", "")->revision == "2025-02");
    CHECK(qeval::find_ggml_mix("q1_0", "")->revision == "2026");
}

TEST_CASE("SC07: rows that no block divides are refused where llama.cpp has no format in its place") {
    auto const formats = qeval::table_of<qeval::catalog>();
    for (auto const& [scheme, found, expected] :
         {std::tuple{"q4_k_m~2023-06", "Q4_K for rows of 288", "a multiple of 256"},
          {"q1_0", "Q1_0 for rows of 288", "a multiple of 128"}}) {
        INFO(scheme);
        qeval::scheme_plan const plan(qeval::parse_scheme(scheme), qeval::model_description{}, formats);
        try {
            (void)plan.choose({tensor_role::attn_q, 8, 32, "q", false}, {"q", "F32", {1, 288}, {}});
            FAIL("accepted");
        } catch (qeval::usage_error const& e) {
            CHECK(e.id() == "SC07");
            CHECK(e.why().found == found);
            CHECK(e.why().expected == expected);
        }
    }
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
        return m.format_of(slot, qeval::mix_model(), false);
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
