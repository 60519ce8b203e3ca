// Whether a checkpoint keeps what its configuration promises.
#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
    for (std::string const near : // what computes nothing, nearly: a rotation of its own, a part of the model, a bias
         {"model.layers.0.self_attn.rotary_emb.scale", "model.vision_tower.embeddings.weight", "lm_head.bias"})
        refused(config(), weights("?", near), {"CF02", "tensor \"" + near + "\"", "a tensor", "none by the config"});
}
TEST_CASE(
    "tensors that compute nothing do not refuse a file: stored rotary frequencies, the head beside a tied embedding") {
    scratch const dir;
    for (std::string const buffer : {"inv_freq", "cos_cached", "sin_cached"})
        CHECK(architectures().read(open(dir, config(), weights("?", "model.layers.0.self_attn.rotary_emb." + buffer))));
    auto const with_head = architectures().read(open(dir, config(), weights("?", "lm_head.weight")));
    REQUIRE(with_head->description().facts.notes.size() == 1);
    CHECK_THAT(with_head->description().facts.notes[0],
               Catch::Contains("ties the head to model.embed_tokens.weight, which is used; lm_head.weight"));
    CHECK(architectures().read(open(dir, config(), weights()))->description().facts.notes.empty());
    CHECK(architectures().read(open(dir, config(), weights("?", "vision_tower.embeddings.weight"))));
}

TEST_CASE("layers for further tokens, of DeepSeek-V3, are left aside with a sentence where the config counts them") {
    struct with_more {
        std::vector<qeval::tensor_view> all;

        [[nodiscard]] qeval::tensor_view const* find(std::string_view name) const {
            auto const t = std::ranges::find(all, name, &qeval::tensor_view::name);
            return t == all.end() ? nullptr : &*t;
        }
        [[nodiscard]] std::span<qeval::tensor_view const> tensors() const { return all; }
    };
    scratch const dir;
    auto const    folder = source("tests/golden/architectures/deepseek-v3-lite");
    std::filesystem::copy(folder / "model.safetensors", dir / "model.safetensors");
    std::string config = get_file(folder / "config.json");
    auto const  read   = [&](std::string const& text, std::string const& more) {
        put_file(dir / "config.json", text);
        auto const stored = qeval::open_checkpoint(dir.path(), {});
        with_more  tensors{{stored.tensors().begin(), stored.tensors().end()}};
        tensors.all.push_back(*stored.find("model.norm.weight"));
        tensors.all.back().name = more;
        return architectures().read(stored, tensors)->description().facts.notes;
    };
    std::string const extra = "model.layers.2.enorm.weight"; // behind two layers
    check_refused([&] { (void)read(config, extra); }, {"CF02", extra, "a tensor", "none by the config"});
    config.insert(config.find('{') + 1, "\"num_nextn_predict_layers\":1,");
    auto const notes = read(config, extra);
    CHECK(std::ranges::any_of(
        notes, [](auto const& n) { return n.find("num_nextn_predict_layers: 1 layer behind the last") != n.npos; }));
    check_refused([&] { (void)read(config, "model.layers.3.enorm.weight"); },
                  {"CF02", "model.layers.3", "a tensor", ""});
    check_refused([&] { (void)read(config, "model.layers.20.enorm.weight"); }, {"CF02", "layers.20", "a tensor", ""});
}
