// What a model's description has, read off an architecture that is run once without computing.
// Also tests recorder.hpp, blueprint.hpp, layer_facts.hpp, shape.hpp.
#include <set>
#include <string>
#include <vector>

#include <qeval/model/arch/llama.hpp>
#include <qeval/model/blueprint.hpp>
#include <qeval/model/describe.hpp>

#include "tests/support/catch.hpp"

namespace qeval {
namespace {

// Two layers with hidden states of 12 numbers; four query heads of size 4, of which two read one key head.
llama::config tiny() {
    llama::config c;
    c.sizes     = {12, 20, 2, 30, 64};
    c.attention = {4, 2, 4, 0};
    return c;
}

// Like llama, but with a feed-forward block that is too wide.
struct crooked : llama {
    template <backend B>
    static gated_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, 13, c.sizes.inner};
    }
    template <backend B>
    using model = decoder_model<B, crooked>;
};

std::vector<std::string> const* linears_of(model_description const& d, std::string const& norm) {
    for (auto const& l : d.links)
        if (l.norm == norm) return &l.linears;
    return nullptr;
}

} // namespace

TEST_CASE("a description has every matrix with its role, layer, shape and split, in the order of loading") {
    auto const d = describe<llama>(tiny());
    CHECK(d.architecture == "LlamaForCausalLM");
    CHECK(d.vocab_size == 30);
    CHECK(d.width() == 12);
    CHECK(d.sharing == 2);
    CHECK(d.cache.layers == 2);
    CHECK(d.cache.kv_heads == 2);
    CHECK(d.cache.head_size == 4);
    CHECK(d.cache.max_tokens == 64);
    REQUIRE(d.matrices.size() == 2 + 2 * 7);
    CHECK(d.matrices.front().role == tensor_role::embedding);
    CHECK(d.matrices[1].role == tensor_role::head);
    tensor_slot const& k = d.matrices[2 + 7 + 1];
    CHECK(k.name == "model.layers.1.self_attn.k_proj.weight");
    CHECK(k.role == tensor_role::attn_k);
    CHECK(k.layer == 1);
    CHECK(k.layers == 2);
    CHECK(k.split == tensor_split::rows);
    CHECK(k.rows == 2 * 4);
    CHECK(k.cols == 12);
    tensor_slot const& down = d.matrices.back();
    CHECK(down.role == tensor_role::mlp_down);
    CHECK(down.split == tensor_split::columns);
    CHECK(down.rows == 12);
    CHECK(down.cols == 20);
    CHECK(d.tensors.size() == d.matrices.size() + 2 * 2 + 1); // and the norms
    CHECK_FALSE(d.tied());
    CHECK(d.unused.empty());
}

TEST_CASE("the linears that read a norm are those that multiplied its output") {
    auto const d = describe<llama>(tiny());
    using names  = std::vector<std::string>;
    REQUIRE(linears_of(d, "model.layers.1.input_layernorm.weight") != nullptr);
    CHECK(*linears_of(d, "model.layers.1.input_layernorm.weight") == names{"model.layers.1.self_attn.q_proj.weight",
                                                                           "model.layers.1.self_attn.k_proj.weight",
                                                                           "model.layers.1.self_attn.v_proj.weight"});
    REQUIRE(linears_of(d, "model.layers.0.post_attention_layernorm.weight") != nullptr);
    CHECK(*linears_of(d, "model.layers.0.post_attention_layernorm.weight") ==
          names{"model.layers.0.mlp.gate_proj.weight", "model.layers.0.mlp.up_proj.weight"});
    REQUIRE(linears_of(d, "model.norm.weight") != nullptr);
    CHECK(*linears_of(d, "model.norm.weight") == names{"lm_head.weight"});
    CHECK(d.links.size() == 2 * 2 + 1);
}

TEST_CASE("a tied head is the embedding, and a stored one computes nothing; biases are tensors of their own") {
    auto c = tiny();
    c.tied = c.mlp_bias     = true;
    c.attention_bias        = attention_biases::all(true);
    auto const            d = describe<llama>(c);
    std::set<std::string> tensors;
    for (auto const& t : d.tensors) tensors.insert(t.name);
    CHECK(d.tied());
    CHECK(d.matrices.size() == 1 + 2 * 7);
    CHECK(d.unused == std::vector<std::string>{"lm_head.weight"});
    CHECK(tensors.count("model.layers.0.self_attn.o_proj.bias") == 1);
    CHECK(tensors.count("model.layers.1.mlp.gate_proj.bias") == 1);
    CHECK(d.tensors.size() == 1 + 2 * (2 * 7 + 2) + 1);
    REQUIRE(linears_of(d, "model.norm.weight") != nullptr);
    CHECK(linears_of(d, "model.norm.weight")->front() == "model.embed_tokens.weight");
}

TEST_CASE("a blueprint is a description with the facts of a configuration") {
    config_facts facts;
    facts.bos = 1;
    blueprint_of<llama, recorder> const model(tiny(), facts);
    CHECK(model.description().facts.bos == 1);
    CHECK(model.description().matrices.size() == 2 + 2 * 7);
}

TEST_CASE("MO04: widths that do not fit together are refused where the first of them is used") {
    CHECK_THROWS_WITH(describe<crooked>(tiny()), Catch::Contains("error[MO04] model.layers.0.mlp.gate_proj.weight") &&
                                                     Catch::Contains("a width of 12") &&
                                                     Catch::Contains("expected 13") &&
                                                     Catch::Contains("declares its shapes wrongly"));
    auto odd             = tiny();
    odd.rope.frequencies = {1, 0.5f, 0.25f}; // six of a head's four numbers
    CHECK_THROWS_WITH(describe<llama>(odd), Catch::Contains("error[MO04] heads to rotate"));
}

TEST_CASE("a description has what each layer asks of a backend: heads, window and rotation") {
    auto c             = tiny();
    c.attention.window = 5;
    c.rope             = {.frequencies = {1, 0.5f}, .words = {"yarn", 10000, 4}};
    auto const d       = describe<llama>(c);
    CHECK_FALSE(d.positions);
    REQUIRE(d.layers.size() == 2);
    for (auto const& l : d.layers) {
        CHECK(l.attention.heads == 4);
        CHECK(l.attention.kv_heads == 2);
        CHECK(l.attention.window == 5);
        CHECK(l.rotation == c.rope);
        CHECK(l.rotated == 4);
        CHECK(l.latent == latent_ranks());
        CHECK(l.routing == routing_rule());
        CHECK_FALSE(l.sinks);
    }
}

} // namespace qeval
