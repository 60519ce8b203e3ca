// What GGUF metadata leaves out or says otherwise than config.json, architecture by architecture. The right values are
// those of llama.cpp: load_arch_hparams of src/models/*.cpp, and what its converter writes.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <qeval/io/checkpoint/checkpoint.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"
#include "tests/support/reference_model.hpp"

namespace {

using namespace qeval_test;

gguf_bytes metadata(std::string const& architecture, std::uint32_t layers, char const* epsilon) {
    gguf_bytes g;
    g.text("general.architecture", architecture);
    auto const at = [&](char const* key) { return architecture + "." + key; };
    g.u32(at("embedding_length"), 16).u32(at("block_count"), layers).u32(at("feed_forward_length"), 4);
    g.u32(at("attention.head_count"), 2).u32(at("attention.head_count_kv"), 1).u32(at("context_length"), 32);
    g.u32(at("attention.key_length"), 4).u32(at("attention.value_length"), 4).f32(at(epsilon), 1e-5f);
    g.u32(at("rope.dimension_count"), 4);
    return add_vocabulary(g);
}
constexpr auto rms = "attention.layer_norm_rms_epsilon", layer = "attention.layer_norm_epsilon";

template <class A>
typename A::config read(gguf_bytes const& g) {
    scratch const dir;
    put_file(dir / "m.gguf", g.bytes());
    auto const file = qeval::open_checkpoint(dir / "m.gguf", gguf_types, architectures().gguf_namings());
    return A::read(file.config());
}
std::vector<qeval::index> const every_other{4096, 0, 4096, 0};

} // namespace

TEST_CASE("a Gemma 2 GGUF has windows in every other layer, caps that may be left out, and norms that are complete") {
    auto const c = read<qeval::gemma2>(metadata("gemma2", 4, rms));
    CHECK(c.windows == every_other);
    CHECK(c.attention.soft_cap == 50);
    CHECK(c.times.logit_cap == 30);
    CHECK(c.norm.plus == 0);
    CHECK(c.times.embedding == 4);
    CHECK(c.attention.scale == Approx(1 / std::sqrt(4.0))); // of the head
    CHECK(read<qeval::gemma2>(metadata("gemma2", 46, rms)).attention.scale == Approx(1 / std::sqrt(16.0 / 2))); // 27B
    gguf_bytes given = metadata("gemma2", 4, rms);
    given.u32("gemma2.attention.sliding_window", 7).f32("gemma2.attn_logit_softcapping", 2);
    given.numbers<std::uint8_t>("gemma2.attention.sliding_window_pattern", 7, {0, 0, 1, 0});
    auto const d = read<qeval::gemma2>(given);
    CHECK(d.windows == std::vector<qeval::index>{0, 0, 7, 0});
    CHECK(d.attention.soft_cap == 2);
}
TEST_CASE(
    "a Gemma 3 GGUF has a window in five layers of six, which rotate by 10000, and no window where it names none") {
    gguf_bytes g = metadata("gemma3", 7, rms);
    g.u32("gemma3.attention.sliding_window", 9).f32("gemma3.rope.freq_base", 1e6f);
    g.text("gemma3.rope.scaling.type", "linear").f32("gemma3.rope.scaling.factor", 8);
    auto const c = read<qeval::gemma3>(g);
    CHECK(c.windows == std::vector<qeval::index>{9, 9, 9, 9, 9, 0, 9});
    CHECK(c.local_rope.frequencies == std::vector<float>{1, 0.01f});
    CHECK(c.rope.frequencies[1] == Approx(1e-3 / 8));
    CHECK(c.attention.scale == Approx(0.5));
    CHECK(c.times.logit_cap == 0);
    CHECK(read<qeval::gemma3>(metadata("gemma3", 2, rms)).windows == std::vector<qeval::index>{0, 0});
    g.u32("gemma3.attention.sliding_window_pattern", 2);
    CHECK(read<qeval::gemma3>(g).windows == std::vector<qeval::index>{9, 0, 9, 0, 9, 0, 9});
}
TEST_CASE("a Phi-3 GGUF has the magnitude of longrope without naming the kind, and a window that is left aside") {
    gguf_bytes g = metadata("phi3", 1, rms);
    g.u32("phi3.attention.sliding_window", 8).f32("phi3.rope.scaling.attn_factor", 1.19f);
    g.u32("phi3.rope.scaling.original_context_length", 8).tensor("rope_factors_short.weight", {2}, 0, 8);
    auto const c = read<qeval::phi3>(g);
    CHECK(c.rope.magnitude == 1.19f);
    CHECK(c.sizes.positions == 8); // the list for short texts holds so far
    CHECK(c.attention.window == 0);
}
TEST_CASE(
    "the four numbers of a Granite GGUF are optional but one, and a missing scale of scores is that of the head") {
    gguf_bytes g = metadata("granite", 1, rms);
    g.f32("granite.logit_scale", 8);
    auto const c = read<qeval::granite>(g);
    CHECK(c.times.logits == 0.125f);
    CHECK(c.times.residual == 1);
    CHECK(c.times.embedding == 1);
    CHECK(c.attention.scale == 0); // 1 / sqrt(head size)
    g.f32("granite.attention.scale", 0.25f).f32("granite.residual_scale", 0.5f).f32("granite.embedding_scale", 12);
    auto const d = read<qeval::granite>(g);
    CHECK(d.attention.scale == 0.25f);
    CHECK(d.times.residual == 0.5f);
    CHECK(d.times.embedding == 12);
    CHECK(d.rope.order == qeval::rope_order::adjacent_pairs);
}
TEST_CASE(
    "fused matrices of a GGUF are q, k and v one behind the other; rotation, biases and norms follow its tensors") {
    auto const neox = read<qeval::gpt_neox>(metadata("gptneox", 1, layer));
    CHECK(neox.fused == qeval::fused_order::blocks);
    CHECK(neox.parallel);
    CHECK_FALSE(neox.attention_bias);
    gguf_bytes sequential = metadata("gptneox", 1, layer);
    sequential.number("gptneox.use_parallel_residual", 7, std::uint8_t{0});
    CHECK_FALSE(read<qeval::gpt_neox>(sequential).parallel);

    auto const falcon = read<qeval::falcon>(metadata("falcon", 1, layer));
    CHECK(falcon.fused == qeval::fused_order::blocks);
    CHECK(falcon.names.attention_norm == "input_layernorm");
    gguf_bytes two = metadata("falcon", 1, layer);
    auto const c   = read<qeval::falcon>(two.tensor("blk.0.attn_norm_2.weight", {16}, 0, 64));
    CHECK(c.names.attention_norm == "ln_attn");
    CHECK(c.names.mlp_norm == "input_layernorm");

    CHECK(read<qeval::stablelm>(metadata("stablelm", 1, layer)).parallel);
    gguf_bytes both = metadata("stablelm", 1, layer);
    CHECK_FALSE(read<qeval::stablelm>(both.tensor("blk.0.ffn_norm.weight", {16}, 0, 64)).parallel);

    auto const cohere = read<qeval::cohere>(metadata("command-r", 1, layer));
    CHECK(cohere.times.logits == 1);
    CHECK(cohere.rope.order == qeval::rope_order::adjacent_pairs);
    CHECK_FALSE(read<qeval::gpt2>(metadata("gpt2", 1, layer)).transposed);
    CHECK(read<qeval::smollm3>(metadata("smollm3", 5, rms)).rotated ==
          std::vector<bool>{true, true, true, false, true});
}

TEST_CASE(
    "YaRN scales a DeepSeek GGUF's scores by its logarithmic multiplier; without it also the rotation, by its own") {
    auto const read_with = [](float multiplier) {
        auto       g  = metadata("deepseek2", 1, rms);
        auto const at = [](char const* key) { return "deepseek2." + std::string(key); };
        g.u32(at("attention.kv_lora_rank"), 8).u32(at("expert_feed_forward_length"), 4).u32(at("expert_count"), 4);
        g.u32(at("expert_used_count"), 1).text(at("rope.scaling.type"), "yarn").f32(at("rope.scaling.factor"), 8);
        g.u32(at("rope.scaling.original_context_length"), 16);
        if (multiplier > 0) g.f32(at("rope.scaling.yarn_log_multiplier"), multiplier);
        return read<qeval::deepseek_v2>(g);
    };
    double const turned = 1 + 0.1 * std::log(8.0), half = 1 + 0.05 * std::log(8.0);
    CHECK(read_with(0.1f).rope.magnitude == 1);
    CHECK(read_with(0.1f).attention.scale == Approx(turned * turned / 2)); // heads of 4
    CHECK(read_with(0.05f).attention.scale == Approx(half * half / 2));
    CHECK(read_with(0).rope.magnitude == Approx(turned));
    CHECK(read_with(0).attention.scale == Approx(turned * turned / 2));
}
