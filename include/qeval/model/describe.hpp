// The description of a model: its architecture, run once on a backend that only takes notes.
#pragma once

#include <string>

#include <qeval/model/any_model.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/recorder.hpp>

namespace qeval {

namespace detail {

// Adds to d what a model does that has asked `from` for its weights.
inline void describe_model(any_model<recorder> const& model, weights<recorder> const& from, model_description& d) {
    recorder device(d);
    d.cache      = model.cache();
    d.vocab_size = model.vocab_size();

    recorder::cache nothing;
    recorder::step  one;
    token const     any[] = {0};
    pass<recorder>  p{device, one};
    one.add(nothing, any);
    auto x = model.embed(p);
    for (index i = 0; i < d.cache.layers; ++i) {
        d.layers.emplace_back(); // what follows is noted there
        (*model.load_layer(from, i))(p, x);
    }
    (void)model.head(p, x);
}

} // namespace detail

template <architecture A>
[[nodiscard]] model_description describe(typename A::config const& config) {
    model_description      d;
    recorded_weights const from(d);
    d.architecture = A::names.hf_class;
    d.gguf_names   = A::gguf_names;
    detail::describe_model(model_as<A, recorder>(config, from), from, d);
    return d;
}

} // namespace qeval
