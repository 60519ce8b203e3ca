// Also tests mix.hpp.
#include <set>
#include <string>

#include <tests/support/catch.hpp>

#include <qeval/format/catalog.hpp>
#include <qeval/scheme/plan.hpp>
#include <qeval/scheme/table_of.hpp>

using qeval::catalog;
using qeval::layer_range;
using qeval::tensor_role;

namespace {

qeval::format_table const& formats() {
    static auto const all = qeval::table_of<catalog>();
    return all;
}
qeval::model_description sharing(qeval::index heads = 4) { // for each key head
    qeval::model_description m;
    m.sharing = heads;
    return m;
}
std::string chosen(char const* scheme, tensor_role role, qeval::index layer = 0, qeval::index layers = 32,
                   qeval::index cols = 4096, bool tied = false, char const* stored = "BF16",
                   qeval::model_description const& c = sharing()) {
    qeval::scheme_plan const plan(qeval::parse_scheme(scheme), c, formats());
    return plan.choose({role, layer, layers, "w", tied}, {"w", stored, {1, cols}, {}}).name;
}
// The layers of n whose attn_v gets Q6_K under Q4_K_M.
std::set<qeval::index> more_bits(qeval::index n) {
    std::set<qeval::index> layers;
    for (qeval::index i = 0; i < n; ++i) {
        if (contains(layer_range::more_bits, i, n)) layers.insert(i);
    }
    return layers;
}

} // namespace

TEST_CASE("the layers with more bits are llama.cpp's use_more_bits") { // derived lists for published layer counts
    CHECK(more_bits(32) == std::set<qeval::index>{0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31});
    CHECK(more_bits(27) == std::set<qeval::index>{0, 1, 2, 5, 8, 11, 14, 17, 20, 23, 24, 25, 26});
    CHECK(more_bits(40).size() == 20);
    CHECK(more_bits(22).size() == 10);
    CHECK(more_bits(30).size() == 14);
}

TEST_CASE("Q4_K_M and its siblings follow llama.cpp's rules for values, down projections and output") {
    CHECK(chosen("q4_k_m", tensor_role::attn_v, 0) == "Q6_K");
    CHECK(chosen("q4_k_m", tensor_role::attn_v, 4) == "Q4_K");
    CHECK(chosen("q4_k_m", tensor_role::mlp_down, 31) == "Q6_K");
    CHECK(chosen("q4_k_m", tensor_role::attn_q, 0) == "Q4_K");
    CHECK(chosen("q4_k_m", tensor_role::embedding) == "Q4_K");
    CHECK(chosen("q4_k_m", tensor_role::embedding, -1, 32, 4096, true) == "Q6_K"); // tied: it is the output
    CHECK(chosen("q4_k_m", tensor_role::head) == "Q6_K");
    CHECK(chosen("q4_k_s", tensor_role::attn_v, 3) == "Q5_K");
    CHECK(chosen("q4_k_s", tensor_role::attn_v, 4) == "Q4_K");
    CHECK(chosen("q4_k_s", tensor_role::mlp_down, 3) == "Q5_K");
    CHECK(chosen("q4_k_s", tensor_role::mlp_down, 4) == "Q4_K");
    CHECK(chosen("q5_k_m", tensor_role::mlp_down, 0) == "Q6_K");
    CHECK(chosen("q5_k_m", tensor_role::mlp_up, 0) == "Q5_K");
}

TEST_CASE("Q2_K and Q3_K mixes give attention and down projections more bits") {
    CHECK(chosen("q2_k", tensor_role::attn_v) == "Q4_K"); // 4 query heads share a key head
    CHECK(chosen("q2_k", tensor_role::attn_v, 0, 32, 4096, false, "BF16", sharing(1)) == "Q3_K");
    CHECK(chosen("q2_k", tensor_role::mlp_down) == "Q3_K");
    CHECK(chosen("q2_k", tensor_role::attn_o) == "Q3_K");
    CHECK(chosen("q2_k", tensor_role::mlp_gate) == "Q2_K");
    CHECK(chosen("q3_k_m", tensor_role::attn_v, 1) == "Q5_K");
    CHECK(chosen("q3_k_m", tensor_role::attn_v, 2) == "Q4_K");
    CHECK(chosen("q3_k_m", tensor_role::mlp_down, 1) == "Q5_K");
    CHECK(chosen("q3_k_m", tensor_role::mlp_down, 2) == "Q4_K");
    CHECK(chosen("q3_k_m", tensor_role::attn_o) == "Q4_K");
    CHECK(chosen("q3_k_l", tensor_role::attn_o) == "Q5_K");
    CHECK(chosen("q3_k_s", tensor_role::attn_v) == "Q3_K");
    CHECK(chosen("q8_0", tensor_role::head) == "Q8_0");
    CHECK(chosen("q4_0", tensor_role::head) == "Q6_K");
    CHECK(chosen("f16", tensor_role::head) == "F16");
}

TEST_CASE("code-book and ternary file types follow llama.cpp's rules without an importance matrix") {
    for (char const* scheme : {"iq4_nl", "iq4_xs"}) {
        std::string const base = scheme == std::string("iq4_nl") ? "IQ4_NL" : "IQ4_XS";
        CHECK(chosen(scheme, tensor_role::attn_v) == "Q5_K"); // 4 query heads share a key head
        CHECK(chosen(scheme, tensor_role::attn_v, 0, 32, 4096, false, "BF16", sharing(1)) == base);
        CHECK(chosen(scheme, tensor_role::mlp_down, 3) == "Q5_K");
        CHECK(chosen(scheme, tensor_role::mlp_down, 4) == base);
        CHECK(chosen(scheme, tensor_role::head) == "Q6_K");
    }
    CHECK(chosen("iq3_s", tensor_role::attn_v) == "Q4_K");
    CHECK(chosen("iq3_s", tensor_role::attn_o) == "IQ3_S");
    CHECK(chosen("iq3_m", tensor_role::attn_o) == "Q4_K");
    CHECK(chosen("iq3_m", tensor_role::mlp_down, 3) == "Q4_K");
    CHECK(chosen("iq3_m", tensor_role::mlp_down, 4) == "IQ3_S");
    CHECK(chosen("iq3_xs", tensor_role::attn_k) == "IQ3_XXS");
    CHECK(chosen("iq3_xs", tensor_role::mlp_up, 3) == "IQ3_S");
    CHECK(chosen("iq3_xs", tensor_role::mlp_up, 4) == "IQ3_XXS");
    CHECK(chosen("iq3_xs", tensor_role::mlp_gate, 27) == "IQ3_XXS");
    CHECK(chosen("iq3_xs", tensor_role::mlp_gate, 28) == "IQ3_S");
    CHECK(chosen("tq1_0", tensor_role::embedding) == "Q4_K");
    CHECK(chosen("tq2_0", tensor_role::embedding, -1, 32, 4096, true) == "Q6_K"); // tied: it is the output
    CHECK(chosen("tq2_0", tensor_role::mlp_up) == "TQ2_0");
    CHECK(chosen("iq4_xs", tensor_role::attn_q, 8, 32, 1408) == "IQ4_NL");
    CHECK(chosen("tq1_0~2026", tensor_role::attn_q, 8, 32, 1408) == "Q4_0");
    CHECK(chosen("all:iq2_xxs", tensor_role::attn_q) == "iq2_xxs"); // any case
}

TEST_CASE("rows that no super-block divides fall back as the revision says, with a note") {
    CHECK(chosen("q4_k_m", tensor_role::attn_q, 8, 32, 1408) == "Q5_0");
    CHECK(chosen("q5_k_m", tensor_role::attn_q, 8, 32, 1408) == "Q5_1");
    CHECK(chosen("q4_k_m", tensor_role::mlp_down, 0, 32, 1408) == "Q8_0");
    CHECK(chosen("q2_k", tensor_role::attn_q, 8, 32, 1408) == "IQ4_NL");
    CHECK(chosen("q2_k~2026", tensor_role::attn_q, 8, 32, 1408) == "Q4_0");
    CHECK(chosen("q4_k_m", tensor_role::attn_q, 8, 32, 172) == "F16");
    CHECK(chosen("q8_0", tensor_role::attn_q, 8, 32, 172) == "F16");
    qeval::scheme_plan const plan(qeval::parse_scheme("q4_k_m"), sharing(), formats());
    auto const choice = plan.choose({tensor_role::attn_q, 8, 32, "model.layers.8.self_attn.q_proj.weight", false},
                                    {"w", "F32", {1, 1408}, {}});
    CHECK(choice.note == "model.layers.8.self_attn.q_proj.weight: Q4_K -> Q5_0, rows of 1408");
}

TEST_CASE("bitsandbytes and group formats leave embedding and head in 16 bits") {
    CHECK(chosen("nf4", tensor_role::attn_q) == "nf4");
    CHECK(chosen("nf4", tensor_role::embedding) == "BF16");
    CHECK(chosen("nf4", tensor_role::head, -1, 32, 4096, false, "F32") == "F16");
    CHECK(chosen("int4", tensor_role::head, -1, 32, 4096, false, "F16") == "F16");
    CHECK(chosen("all:nf4", tensor_role::head) == "nf4");
    CHECK(chosen("source", tensor_role::attn_q, 0, 32, 4096, false, "Q5_1") == "Q5_1");
}

TEST_CASE("unknown formats and revisions are refused with what there is") {
    for (char const* bad : {"q9_k", "all:q9_k", "q4_k_m~2031", "nf4~2025-02", "int9"}) {
        INFO(bad);
        CHECK_THROWS_AS(qeval::scheme_plan(qeval::parse_scheme(bad), sharing(), formats()), qeval::usage_error);
    }
}
