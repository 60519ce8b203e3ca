// Granite: Llama with four numbers to multiply by: embeddings, scores, what a part of a layer adds, and logits. Origin:
// transformers, models/granite.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/mlp.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct granite : llama {
    static constexpr architecture_name names{"GraniteForCausalLM", "granite", "granite"};

    static config read(config_reader const& r) {
        config c = llama::read_biased(r, {.context = 2048, .sizes = {4096, 11008, 32, 32, 32000}});
        read_multipliers(r, c);
        return c;
    }
    // A GGUF without a scale of scores means that of the head.
    static void read_multipliers(config_reader const& r, decoder_config& c) {
        auto const times  = [&](config_key key) { return r.number(key, 1e-9, 1e9, 1); };
        c.times.embedding = float(times({"embedding_multiplier", "embedding_scale"}));
        c.times.residual  = float(times({"residual_multiplier", "residual_scale"}));
        c.times.logits    = float(1 / times({"logits_scaling", "logit_scale"}));
        config_key const scores{"attention_multiplier", "attention.scale"};
        if (r.find(scores) || !r.is_gguf()) c.attention.scale = float(times(scores));
    }
};

} // namespace qeval
