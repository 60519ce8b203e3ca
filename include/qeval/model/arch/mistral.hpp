// Mistral: Llama with a window. GGUF calls it llama, and llama.cpp computes it without. Origin: transformers,
// models/mistral.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/part/config.hpp>

namespace qeval {

struct mistral : llama {
    static constexpr architecture_name names{"MistralForCausalLM", "mistral", ""};

    static config read(config_reader const& r) {
        config c = llama::read(r, {.context = 131072, .kv_heads = 8, .sizes = {4096, 14336, 32, 32, 32000}});
        note_unread(r, {"use_sliding_window"}, "Mistral");
        if (!r.is_null("sliding_window"))
            c.attention.window = size_or_default(r, "sliding_window", config_limits::positions, 4096);
        return c;
    }
};

} // namespace qeval
