#include <string>

#include <qeval/io/checkpoint/tensor_names.hpp>

#include "tests/support/catch.hpp"

namespace {

constexpr qeval::tensor_name_pair names[] = {
    {"token_embd", "model.embed_tokens"}, {"output", "lm_head"}, {"blk.*.attn_q", "model.layers.*.self_attn.q_proj"}};

} // namespace

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
