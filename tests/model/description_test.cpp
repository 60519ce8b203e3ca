// Whether a checkpoint keeps what its configuration promises.
#include <string>

#include <qeval/io/checkpoint/checkpoint.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"
#include "tests/support/reference_model.hpp"

namespace {

using namespace qeval_test;

std::string config(int hidden = 4, char const* more = "") {
    return "{\"model_type\":\"llama\",\"hidden_act\":\"silu\",\"hidden_size\":" + std::to_string(hidden) +
           ",\"intermediate_size\":6,\"num_hidden_layers\":1,\"num_attention_heads\":2,\"vocab_size\":3,"
           "\"max_position_embeddings\":8,\"tie_word_embeddings\":true" +
           more + "}";
}
// The tensors of that config, some left out or added.
std::string weights(std::string const& without = "?", std::string const& extra_name = {}) {
    std::string   header;
    std::uint64_t end = 0;
    auto const    add = [&](std::string const& name, std::vector<int> const& shape) {
        if (name == without) return;
        std::uint64_t bytes = 2;
        std::string   text;
        for (int const d : shape) {
            bytes *= std::uint64_t(d);
            text += (text.empty() ? "[" : ",") + std::to_string(d);
        }
        header +=
            (header.empty() ? "{" : ",") +
            tensor_entry(name, "F16", text + "]", "[" + std::to_string(end) + "," + std::to_string(end + bytes) + "]");
        end += bytes;
    };
    std::string const l = "model.layers.0.";
    add("model.embed_tokens.weight", {3, 4});
    add("model.norm.weight", {4});
    add(l + "input_layernorm.weight", {4});
    add(l + "post_attention_layernorm.weight", {4});
    for (char const* n : {"q", "k", "v", "o"}) add(l + "self_attn." + n + "_proj.weight", {4, 4});
    add(l + "mlp.gate_proj.weight", {6, 4});
    add(l + "mlp.up_proj.weight", {6, 4});
    add(l + "mlp.down_proj.weight", {4, 6});
    if (!extra_name.empty()) add(extra_name, {4});
    return safetensors_bytes(header + "}", std::string(end, '\1'));
}
qeval::checkpoint open(scratch const& dir, std::string const& config_text, std::string const& weight_bytes) {
    put_file(dir / "config.json", config_text);
    put_file(dir / "model.safetensors", weight_bytes);
    return qeval::open_checkpoint(dir.path(), {});
}
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
    CHECK(architectures().read(open(dir, config(), weights("?", "lm_head.weight"))));
    CHECK(architectures().read(open(dir, config(), weights("?", "vision_tower.embeddings.weight"))));
}
