// Also tests ../part/decoder_names.hpp.
#include <string>
#include <vector>

#include <qeval/io/checkpoint/checkpoint.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"
#include "tests/support/reference_model.hpp"

namespace {

using namespace qeval_test;

struct shape {
    std::uint32_t hidden = 8, heads = 2, kv_heads = 1, feed_forward = 4, layers = 1;
    std::uint64_t vocab = 5;
};
gguf_bytes metadata(shape const& s = {}) {
    gguf_bytes g;
    g.text("general.architecture", "llama").u32("llama.embedding_length", s.hidden).u32("llama.block_count", s.layers);
    g.u32("llama.feed_forward_length", s.feed_forward).u32("llama.attention.head_count", s.heads);
    g.u32("llama.attention.head_count_kv", s.kv_heads).u32("llama.context_length", 16);
    g.f32("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    return add_vocabulary(g);
}
gguf_bytes& add_tensors(gguf_bytes& g, shape const& s = {}) {
    std::uint64_t const h = s.hidden, kv = h / s.heads * s.kv_heads, ff = s.feed_forward;
    g.tensor("token_embd.weight", {h, s.vocab}, 0, 4 * h * s.vocab).tensor("output_norm.weight", {h}, 0, 4 * h);
    for (std::uint32_t i = 0; i < s.layers; ++i) {
        std::string const b = "blk." + std::to_string(i) + ".";
        g.tensor(b + "attn_norm.weight", {h}, 0, 4 * h).tensor(b + "ffn_norm.weight", {h}, 0, 4 * h);
        g.tensor(b + "attn_q.weight", {h, h}, 0, 4 * h * h).tensor(b + "attn_k.weight", {h, kv}, 0, 4 * h * kv);
        g.tensor(b + "attn_v.weight", {h, kv}, 0, 4 * h * kv).tensor(b + "attn_output.weight", {h, h}, 0, 4 * h * h);
        g.tensor(b + "ffn_gate.weight", {h, ff}, 0, 4 * h * ff).tensor(b + "ffn_up.weight", {h, ff}, 0, 4 * h * ff);
        g.tensor(b + "ffn_down.weight", {ff, h}, 0, 4 * h * ff);
    }
    return g;
}
qeval::checkpoint open(scratch const& dir, gguf_bytes const& g) {
    put_file(dir / "m.gguf", g.bytes());
    return qeval::open_checkpoint(dir / "m.gguf", gguf_types, architectures().gguf_namings());
}
void refused(gguf_bytes const& g, refusal const& wanted) {
    scratch const dir;
    auto const    c = open(dir, g);
    check_refused([&] { (void)architectures().read(c); }, wanted);
}

} // namespace

TEST_CASE("a GGUF config gives its numbers, and reads a tied head off the absent tensor") {
    scratch const dir;
    gguf_bytes    g     = metadata();
    auto const    file  = open(dir, add_tensors(g));
    auto const    c     = qeval::llama::read(file.config());
    auto const    model = architectures().read(file);
    CHECK(model->description().architecture == "LlamaForCausalLM");
    CHECK(c.rope.order == qeval::rope_order::adjacent_pairs);
    CHECK(c.sizes.width == 8);
    CHECK(c.attention.head_size == 4);
    CHECK(c.sizes.vocab == 5);
    CHECK(c.sizes.positions == 16);
    CHECK(c.norm.epsilon == Approx(1e-5));
    CHECK(c.tied);
    CHECK(model->description().facts.bos == 1);
    CHECK(model->description().facts.eos == std::vector<qeval::index>{2});
    gguf_bytes untied = metadata();
    add_tensors(untied).tensor("output.weight", {8, 5}, 0, 160);
    untied.text("llama.rope.scaling.type", "linear").f32("llama.rope.scaling.factor", 2);
    auto const other = open(dir, untied);
    auto const d     = qeval::llama::read(other.config());
    CHECK_FALSE(d.tied);
    CHECK(d.rope.frequencies == std::vector<float>{0.5f, 0.005f});
    CHECK(model->description().facts.notes.empty());
    gguf_bytes window = metadata();
    window.u32("llama.attention.sliding_window", 4);
    auto const same = architectures().read(open(dir, add_tensors(window)));
    REQUIRE(same->description().facts.notes.size() == 1); // llama.cpp reads none for this architecture
    CHECK_THAT(same->description().facts.notes[0],
               Catch::Contains("sliding_window\": 4 is left aside, Llama has none"));
}
TEST_CASE("CF01 GGUF numbers without sense are rejected") {
    refused(metadata({8, 0, 1}), {"CF01", "key \"llama.attention.head_count\"", "0", "an integer from 1"});
    refused(metadata({8, 3, 1}), {"CF01", "key \"llama.attention.head_count\"", "3", "a divisor of 8"});
    refused(metadata({24, 3, 2}), {"CF01", "key-value heads", "2", "a divisor of 3"});
    refused(metadata({0, 2, 1}), {"CF01", "key \"llama.embedding_length\"", "0", "an integer from 1"});
    refused(metadata({4'000'000'000u, 2, 1}), {"CF01", "key \"llama.embedding_length\"", "4000000000", "to 1048576"});
    refused(metadata({6, 2, 1}), {"CF01", "rotated dimensions", "3", "an even number"});
    gguf_bytes negative;
    negative.text("general.architecture", "llama").number("llama.embedding_length", 5, std::int32_t{-8});
    refused(negative, {"CF01", "key \"llama.embedding_length\"", "-8", "an integer from 1"});
    gguf_bytes nothing;
    refused(nothing.text("general.architecture", "llama"),
            {"GG25", "metadata", "no key \"llama.embedding_length\"", ""});
    gguf_bytes typed;
    refused(typed.text("general.architecture", "llama").f32("llama.embedding_length", 8),
            {"CF01", "key \"llama.embedding_length\"", "f32", "an integer"});
}
TEST_CASE(
    "numbers that are listed for each layer are read where all are the same; CF06 layers that differ are rejected") {
    using list      = std::vector<std::uint32_t>;
    auto const with = [](list const& heads, list const& key_heads, list const& inner) {
        gguf_bytes g;
        g.text("general.architecture", "llama").u32("llama.embedding_length", 8).u32("llama.block_count", 2);
        g.numbers<std::uint32_t>("llama.feed_forward_length", 4, inner);
        g.numbers<std::uint32_t>("llama.attention.head_count", 4, heads);
        g.numbers<std::uint32_t>("llama.attention.head_count_kv", 4, key_heads).u32("llama.context_length", 16);
        return add_vocabulary(g.f32("llama.attention.layer_norm_rms_epsilon", 1e-5f));
    };
    scratch const dir;
    gguf_bytes    g    = with({2, 2}, {1, 1}, {4, 4});
    auto const    file = open(dir, add_tensors(g, {8, 2, 1, 4, 2}));
    auto const    c    = qeval::llama::read(file.config());
    CHECK(c.attention.heads == 2);
    CHECK(c.attention.kv_heads == 1);
    CHECK(c.sizes.inner == 4);
    CHECK(architectures().read(file));
    refused(with({2, 4}, {1, 1}, {4, 4}),
            {"CF06", "attention.head_count\"", "2 in layer 0 and 4 in layer 1", "all layers"});
    refused(with({2, 2}, {1, 2}, {4, 4}), {"CF06", "attention.head_count_kv", "1 in layer 0 and 2", "all layers"});
    refused(with({2, 2}, {1, 1}, {4, 5}), {"CF06", "feed_forward_length", "4 in layer 0 and 5", "all layers"});
    refused(with({2, 2, 2}, {1, 1}, {4, 4}),
            {"CF01", "attention.head_count\"", "an array of 3", "2, one for each layer"});
    refused(with({2, 2}, {}, {4, 4}), {"CF01", "attention.head_count_kv", "an array of 0", "2, one for each layer"});
    refused(with({0, 0}, {1, 1}, {4, 4}), {"CF01", "attention.head_count\"", "0 at element 0", "from 1"});
    gguf_bytes words;
    words.text("general.architecture", "llama").u32("llama.embedding_length", 8).u32("llama.block_count", 2);
    refused(words.strings("llama.feed_forward_length", {"4", "4"}),
            {"CF01", "feed_forward_length", "string", "an array of integers"});
}
TEST_CASE("a GGUF architecture, expert count or rope kind that is not understood is refused") {
    gguf_bytes other;
    refused(other.text("general.architecture", "mamba"), {"CF05", "general.architecture", "\"mamba\"", "llama"});
    refused(metadata().u32("llama.expert_count", 8), // Mixtral's name in GGUF
            {"GG25", "metadata", "no key \"llama.expert_used_count\"", ""});
    refused(metadata().number("llama.attention.causal", 7, std::uint8_t{0}),
            {"CF06", "llama.attention.causal", "bool", "true, for a model that writes texts"});
    refused(metadata().text("llama.rope.scaling.type", "other"),
            {"CF07", "llama.rope.scaling.type", "other", "linear"});
    refused(metadata().u32("llama.rope.dimension_count", 6),
            {"CF01", "llama.rope.dimension_count", "6", "from 0 to 4"});
    refused(metadata().u32("llama.rope.dimension_count", 3), {"CF01", "rotated dimensions", "3", "even"});
    refused(metadata().tensor("rope_freqs.weight", {3}, 0, 12), {"CF07", "rope_freqs.weight", "3 numbers", "2, one"});
}
TEST_CASE("attention of a GGUF has the biases that are there") {
    gguf_bytes    g = metadata();
    scratch const dir;
    auto const    file =
        open(dir, add_tensors(g).tensor("blk.0.attn_q.bias", {8}, 0, 32).tensor("blk.0.attn_k.bias", {4}, 0, 16));
    auto const bias = qeval::llama::read(file.config()).attention_bias;
    CHECK((bias.q && bias.k && !bias.v && !bias.o));
    CHECK(architectures().read(file));
}
TEST_CASE(
    "factors of pairs and a scaling apply together, of whatever kind but none") { // theta / factor * scale in ggml
    auto const frequencies = [](char const* kind) {
        gguf_bytes g = metadata();
        g.text("llama.rope.scaling.type", kind).f32("llama.rope.scaling.factor", 4);
        g.info("rope_freqs.weight", {2}, 0, g.data.size());
        append(g.data, 1.0f);
        append(g.data, 2.0f);
        scratch const dir;
        return qeval::llama::read(open(dir, g).config()).rope.frequencies;
    };
    float const second = 1 / 100.0f;
    CHECK(frequencies("none") == std::vector<float>{1, second / 2});
    for (auto const* kind : {"linear", "longrope"}) CHECK(frequencies(kind) == std::vector<float>{0.25f, second / 8});
}
TEST_CASE("CF02 GGUF tensors that contradict the metadata are rejected") {
    gguf_bytes missing = metadata();
    refused(missing.tensor("token_embd.weight", {8, 5}, 0, 160),
            {"CF02", "tensor \"model.norm.weight\"", "no such", "[8]"});
    gguf_bytes wider = metadata();
    refused(add_tensors(wider, {16, 2, 1}), {"CF02", "tensor \"model.embed_tokens.weight\"", "[5, 16]", "[5, 8]"});
    gguf_bytes deeper = metadata();
    refused(add_tensors(deeper, {8, 2, 1, 4, 2}),
            {"CF02", "tensor \"model.layers.1.input_layernorm.weight\"", "a tensor", "none"});
    gguf_bytes rows = metadata(); // tokens are counted, whatever number stands beside them
    refused(add_tensors(rows.u32("llama.vocab_size", 6), {8, 2, 1, 4, 1, 6}),
            {"CF02", "tensor \"model.embed_tokens.weight\"", "[6, 8]", "[5, 8]"});
    gguf_bytes biased = metadata();
    refused(add_tensors(biased).tensor("blk.0.attn_q.bias", {4}, 0, 16),
            {"CF02", "tensor \"model.layers.0.self_attn.q_proj.bias\"", "[4]", "[8]"});
}
TEST_CASE("the real stories260K GGUF has a config that its tensors keep") {
    auto const path = data("models/stories260K/stories260K.gguf");
    if (!path) return;
    auto const opened = open_floats(*path);
    auto const c      = qeval::llama::read(opened.config());
    CHECK(c.rope.order == qeval::rope_order::adjacent_pairs);
    CHECK(c.sizes.width == 64);
    CHECK(c.sizes.inner == 172);
    CHECK(c.attention.kv_heads == 4);
    CHECK(c.sizes.positions == 2048);
    CHECK(architectures().read(opened)->description().matrices.size() == 2 + 5 * 7);
}
