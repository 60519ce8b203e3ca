#include <cstddef>
#include <string>
#include <vector>

#include <qeval/io/checkpoint/tensor_names.hpp>

#include "tests/support/catch.hpp"

namespace {

constexpr qeval::tensor_name_pair names[] = {
    {"token_embd", "model.embed_tokens"}, {"output", "lm_head"}, {"blk.*.attn_q", "model.layers.*.self_attn.q_proj"}};

} // namespace

TEST_CASE("a stack of GGUF is the matrices of all experts, which keep their layer and get a number") {
    constexpr qeval::tensor_name_pair pairs[] = {{"blk.*.ffn_up_exps", "model.layers.*.mlp.experts.*.up_proj"},
                                                 {"blk.*.ffn_up.*", "model.layers.*.mlp.experts.*.up_proj"}};
    std::string const                 stack   = "model.layers.7.mlp.experts.*.up_proj.weight";
    CHECK(qeval::canonical_name("blk.7.ffn_up_exps.weight", pairs) == stack);
    CHECK(qeval::canonical_name("blk.7.ffn_up.12.weight", pairs) == "model.layers.7.mlp.experts.12.up_proj.weight");
    CHECK(qeval::gguf_name("model.layers.7.mlp.experts.12.up_proj.weight", pairs) == "blk.7.ffn_up_exps.weight");
    CHECK(qeval::gguf_name(stack, pairs) == "blk.7.ffn_up_exps.weight");
    CHECK(qeval::canonical_name("blk.7.ffn_up..weight", pairs) == "blk.7.ffn_up..weight");

    std::vector<std::byte>          bytes(2 * 3 * 64 * 4);
    std::vector<qeval::tensor_view> tensors{{stack, "F32", {2, 3, 64}, bytes},
                                            {"a.input_linear.weight", "F32", {2, 3, 64}, bytes},
                                            {"a.experts.down", "F32", {2, 3, 64}, bytes},
                                            {"b.weight", "F32", {6, 64}, bytes},
                                            {"c.weight", "U8", {qeval::index(1) << 40, 0, 0}, {}}};
    qeval::split_stacks(tensors);
    REQUIRE(tensors.size() == 8); // the last one claims 2^40 matrices of nothing
    CHECK(tensors[1].name == "model.layers.7.mlp.experts.1.up_proj.weight");
    CHECK(tensors[1].shape == std::vector<qeval::index>{3, 64});
    CHECK(tensors[1].bytes.data() == bytes.data() + 768);
    CHECK(tensors[1].bytes.size() == 768);
    CHECK(tensors[3].name == "a.input_linear.1.weight");
    CHECK(tensors[4].name == "a.experts.down.0.weight");
    CHECK(tensors[6].shape == std::vector<qeval::index>{6, 64});
}

TEST_CASE("a pair that names what follows the last dot is of whole names") {
    constexpr qeval::tensor_name_pair pairs[] = {
        {"blk.*.exp_probs_b.bias", "model.layers.*.mlp.gate.e_score_correction_bias"}};
    CHECK(qeval::canonical_name("blk.3.exp_probs_b.bias", pairs) == "model.layers.3.mlp.gate.e_score_correction_bias");
    CHECK(qeval::gguf_name("model.layers.3.mlp.gate.e_score_correction_bias", pairs) == "blk.3.exp_probs_b.bias");
    for (std::string const same : {"blk.3.exp_probs_b.weight", "blk.3.exp_probs_b", "blk.3.exp_probs_b.bias.bias"})
        CHECK(qeval::canonical_name(same, pairs) == same);
}

TEST_CASE("names change by the table, with the layer's number and what follows the last dot; others stay as they are") {
    struct both {
        char const *gguf, *canonical;
    };
    for (auto const& [gguf, canonical] :
         {both{"token_embd.weight", "model.embed_tokens.weight"}, both{"output.weight", "lm_head.weight"},
          both{"blk.17.attn_q.weight", "model.layers.17.self_attn.q_proj.weight"},
          both{"blk.0.attn_q.bias", "model.layers.0.self_attn.q_proj.bias"}}) {
        CHECK(qeval::canonical_name(gguf, names) == canonical);
        CHECK(qeval::gguf_name(canonical, names) == gguf);
    }
    for (std::string const same :
         {"rope_freqs.weight", "blk.0.ssm_a", "blk.weight", "blk.3.weight", "blk..attn_q.weight", "blk.x.attn_q.weight",
          "blk.1.attn_q", "output_norm.weight", "", ".", "x"}) {
        CHECK(qeval::canonical_name(same, names) == same);
    }
}
TEST_CASE("a model that was saved without the class of its head gets the beginning of its names, whatever its family") {
    auto const named = [](std::vector<std::string> const& stored) {
        std::vector<qeval::tensor_view> tensors;
        for (auto const& name : stored) tensors.push_back({name, "F32", {1}, {}});
        qeval::add_base_prefix(tensors);
        std::vector<std::string> made;
        for (auto const& t : tensors) made.push_back(t.name);
        return made;
    };
    using list = std::vector<std::string>;
    CHECK(
        named({"embed_tokens.weight", "layers.0.mlp.up_proj.weight", "norm.weight", "lm_head.weight"}) ==
        list{"model.embed_tokens.weight", "model.layers.0.mlp.up_proj.weight", "model.norm.weight", "lm_head.weight"});
    CHECK(named({"wte.weight", "wpe.weight", "h.0.ln_1.bias", "ln_f.weight"}) == // as the hub has GPT-2
          list{"transformer.wte.weight", "transformer.wpe.weight", "transformer.h.0.ln_1.bias",
               "transformer.ln_f.weight"});
    CHECK(named({"word_embeddings.weight", "h.0.ln_attn.bias", "ln_f.weight"}) ==
          list{"transformer.word_embeddings.weight", "transformer.h.0.ln_attn.bias", "transformer.ln_f.weight"});
    CHECK(named({"embed_in.weight", "layers.0.attention.dense.bias", "final_layer_norm.weight", "embed_out.weight"}) ==
          list{"gpt_neox.embed_in.weight", "gpt_neox.layers.0.attention.dense.bias", "gpt_neox.final_layer_norm.weight",
               "embed_out.weight"});
    CHECK(named({"embed_tokens.weight", "final_layernorm.bias"}) ==
          list{"model.embed_tokens.weight", "model.final_layernorm.bias"});
    list const whole{"transformer.wte.weight", "transformer.h.0.ln_1.bias", "lm_head.weight", "h.0"};
    CHECK(named(whole) == whole);
}
