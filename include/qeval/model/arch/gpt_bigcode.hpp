// GPT-BigCode, StarCoder 1 and SantaCoder: GPT-2 with one key head for all, or fused head by head, and with matrices as
// they are everywhere else. Origin: transformers, models/gpt_bigcode.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/gpt2.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>

namespace qeval {

struct gpt_bigcode : gpt2 {
    static constexpr architecture_name names{"GPTBigCodeForCausalLM", "gpt_bigcode", "starcoder"};

    static config read(config_reader const& r) {
        config c     = gpt2::read(r, "gelu_pytorch_tanh");
        c.transposed = false;
        if (r.is_gguf())
            return c; // has the number of key heads, and is read as llama.cpp reads it: one behind the other
        bool const one       = r.truth({"multi_query"}, true);
        c.attention.kv_heads = one ? 1 : c.attention.heads;
        c.fused              = one ? fused_order::blocks : fused_order::groups;
        return c;
    }
};

} // namespace qeval
