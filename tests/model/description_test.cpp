// Whether a checkpoint keeps what its configuration promises.
#include <string>

#include <qeval/io/checkpoint/checkpoint.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"
#include "tests/support/one_layer_checkpoint.hpp"
#include "tests/support/reference_model.hpp"

namespace {

using namespace qeval_test;

void refused(std::string const& config_text, std::string const& weight_bytes, refusal const& wanted) {
    scratch const dir;
    auto const    c = open(dir, config_text, weight_bytes);
    check_refused([&] { (void)architectures().read(c); }, wanted);
}

} // namespace

TEST_CASE("CF02 a config that disagrees with the tensor shapes is rejected with both") {
    refused(config(8), weights(),
            {"CF02", "config.json, tensor \"model.embed_tokens.weight\"", "[3, 4]", "[3, 8]", "two models"});
    refused(config(), weights("model.layers.0.self_attn.v_proj.weight"),
            {"CF02", "tensor \"model.layers.0.self_attn.v_proj.weight\"", "no such tensor", "[4, 4]"});
    refused(config(4, ",\"num_key_value_heads\":1"), weights(),
            {"CF02", "tensor \"model.layers.0.self_attn.k_proj.weight\"", "[4, 4]", "[2, 4]"});
    refused(config(4, ",\"mlp_bias\":true"), weights(),
            {"CF02", "tensor \"model.layers.0.mlp.gate_proj.bias\"", "no such", "[6]"});
    refused(config(), weights("model.norm.weight"), {"CF02", "tensor \"model.norm.weight\"", "no such", "[4]"});
}
TEST_CASE("a decoder saved without its head is the model where the head is tied, and CF02 lacks it where it is not") {
    scratch const     dir;
    std::string const bare     = weights("?", {}, "");
    std::string const headless = ",\"architectures\":[\"LlamaModel\"]";
    CHECK(architectures().read(open(dir, config(4, headless.c_str()), bare))->description().tied());
    std::string untied = config(4, headless.c_str());
    untied.replace(untied.find("true"), 4, "false");
    refused(untied, bare, {"CF02", "tensor \"lm_head.weight\"", "no such tensor", "[3, 4]"});
    refused(config(), weights("?", "layers.0.self_attn.q_proj.bias", ""),
            {"CF02", "model.layers.0.self_attn.q_proj.bias", "a tensor", "none by the config"});
    refused(config(4, ",\"architectures\":[\"LlamaForSequenceClassification\"]"), weights(),
            {"CF05", "architectures[0]", "LlamaForSequenceClassification", "LlamaForCausalLM"});
}
TEST_CASE("CF02 a tensor that the config would ignore is rejected") {
    refused(config(), weights("?", "model.layers.0.self_attn.q_proj.bias"),
            {"CF02", "tensor \"model.layers.0.self_attn.q_proj.bias\"", "a tensor", "none by the config"});
    refused(config(), weights("?", "model.layers.0.self_attn.q_norm.weight"),
            {"CF02", "q_norm.weight", "a tensor", "none"});
    refused(config(), weights("?", "model.layers.1.input_layernorm.weight"),
            {"CF02", "model.layers.1", "a tensor", "none"});
}
TEST_CASE(
    "tensors that compute nothing do not refuse a file: stored rotary frequencies, the head beside a tied embedding") {
    scratch const dir;
    CHECK(architectures().read(open(dir, config(), weights("?", "model.layers.0.self_attn.rotary_emb.inv_freq"))));
    auto const with_head = architectures().read(open(dir, config(), weights("?", "lm_head.weight")));
    REQUIRE(with_head->description().facts.notes.size() == 1);
    CHECK_THAT(with_head->description().facts.notes[0],
               Catch::Contains("ties the head to model.embed_tokens.weight, which is used; lm_head.weight"));
    CHECK(architectures().read(open(dir, config(), weights()))->description().facts.notes.empty());
    CHECK(architectures().read(open(dir, config(), weights("?", "vision_tower.embeddings.weight"))));
}
