// What most decoders' layers are made of. An architecture derives from it, and declares what it has otherwise.
#pragma once

#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/mlp.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct gated_decoder {
    template <backend B>
    static grouped_query_attention<B> attention_of(decoder_config const& c, weights<B> const& w,
                                                   layer_place const& at) {
        return {w, at, c.sizes.width, c.attention_at(at.layer), c.rope, {}};
    }
    template <backend B>
    static gated_mlp<B> mlp_of(decoder_config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.sizes.inner};
    }
};

} // namespace qeval
