#include <algorithm>
#include <cstring>
#include <string>

#include <qeval/io/checkpoint/checkpoint.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"

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
    check_refused([&] { (void)c.config(); }, wanted);
}

} // namespace

TEST_CASE("an HF directory opens as a checkpoint with its files, config and tokenizer directory") {
    scratch const dir;
    auto const    c = open(dir, config(), weights());
    CHECK(c.kind() == "safetensors");
    CHECK(c.rope() == qeval::rope_order::half_split);
    CHECK(c.tensors().size() == 11);
    REQUIRE(c.find("model.norm.weight") != nullptr);
    CHECK(c.find("model.norm.weight")->shape == std::vector<qeval::index>{4});
    CHECK(c.find("model.norm") == nullptr);
    CHECK(c.tokenizer_directory() == dir.path());
    REQUIRE(c.files().size() == 2);
    CHECK(c.files()[0].bytes == std::filesystem::file_size(dir / "model.safetensors"));
    CHECK(c.config().hidden_size == 4);
    CHECK(c.hf_config() != nullptr);
    CHECK(c.metadata() == nullptr);
}
TEST_CASE("a single safetensors file takes the config beside it") {
    scratch const dir;
    (void)open(dir, config(), weights());
    std::filesystem::rename(dir / "model.safetensors", dir / "other.safetensors");
    auto const c = qeval::open_checkpoint(dir / "other.safetensors", {});
    CHECK(c.config().vocab_size == 3);
    std::filesystem::remove(dir / "config.json");
    auto const bare = qeval::open_checkpoint(dir / "other.safetensors", {});
    check_refused([&] { (void)bare.config(); }, {"CF01", "", "no config.json", "beside the weights"});
}
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
TEST_CASE("GGUF names become canonical, and two names that become one are rejected") {
    CHECK(qeval::canonical_name("token_embd.weight") == "model.embed_tokens.weight");
    CHECK(qeval::canonical_name("output.weight") == "lm_head.weight");
    CHECK(qeval::canonical_name("output_norm.weight") == "model.norm.weight");
    CHECK(qeval::canonical_name("blk.17.attn_q.weight") == "model.layers.17.self_attn.q_proj.weight");
    CHECK(qeval::canonical_name("blk.0.attn_output.bias") == "model.layers.0.self_attn.o_proj.bias");
    CHECK(qeval::canonical_name("blk.0.ffn_norm.weight") == "model.layers.0.post_attention_layernorm.weight");
    for (std::string const same : {"rope_freqs.weight", "blk.0.ssm_a", "blk.weight", "blk.3.weight", "", ".", "x"}) {
        CHECK(qeval::canonical_name(same) == same);
    }
    scratch const dir;
    gguf_bytes    g;
    put_file(dir / "m.gguf", g.tensor("output.weight", {4}, 0, 16).tensor("lm_head.weight", {4}, 0, 16).bytes());
    check_refused([&] { (void)qeval::open_checkpoint(dir / "m.gguf", gguf_types); },
                  {"GG18", "tensor \"lm_head.weight\"", "a second \"lm_head.weight\"", "distinct"});
}

TEST_CASE("stories260K is the same model from GGUF and from shards, but for the rotary order of q and k") {
    auto const gguf = data("models/stories260K/stories260K.gguf"), hf = data("models/stories260K/hf");
    if (!gguf || !hf) return;
    auto const a = qeval::open_checkpoint(*gguf, gguf_types), b = qeval::open_checkpoint(*hf, gguf_types);
    auto const ca = a.config(), cb = b.config();
    CHECK(ca.hidden_size == cb.hidden_size);
    CHECK(ca.head_dim == cb.head_dim);
    CHECK(ca.vocab_size == cb.vocab_size);
    std::size_t equal = 0, permuted = 0;
    for (auto const& t : b.tensors()) {
        auto const* u = a.find(t.name);
        REQUIRE(u != nullptr);
        REQUIRE(u->shape == t.shape);
        bool const same = std::memcmp(u->bytes.data(), t.bytes.data(), t.bytes.size()) == 0;
        bool const qk   = t.name.find("q_proj") != t.name.npos || t.name.find("k_proj") != t.name.npos;
        CHECK(same != qk);
        if (same) {
            ++equal;
            continue;
        }
        // row i of a head in HF order is row 2 i (first half) or 2 i + 1 (second half) in GGUF order
        ++permuted;
        std::size_t const row = std::size_t(t.shape[1]) * 4, half = std::size_t(ca.head_dim) / 2;
        for (std::size_t r = 0; r < std::size_t(t.shape[0]); ++r) {
            std::size_t const head = r / (2 * half) * (2 * half), i = r % (2 * half);
            std::size_t const from = head + (i < half ? 2 * i : 2 * (i - half) + 1);
            CHECK(std::memcmp(t.bytes.data() + r * row, u->bytes.data() + from * row, row) == 0);
        }
    }
    CHECK(equal == 37);
    CHECK(permuted == 10);
}
