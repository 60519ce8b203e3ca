// A model under a scheme.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <qeval/core/thread_pool.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/backend.hpp>
#include <qeval/model/blueprint.hpp>
#include <qeval/model/causal_lm.hpp>
#include <qeval/model/kv_format.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/matrix_builder.hpp>
#include <qeval/scheme/prescribed_cache.hpp>

namespace qeval {

struct built_model {
    std::unique_ptr<causal_lm> model;
    scheme_account             account;
    std::string                recipe;          // what the scheme's name means
    kv_format const*           cache = nullptr; // what keys and values are kept in; nullptr: as they are computed
};

// Builds the model of `source` under `spec` on a device; `pool` encodes. The device and what it refers to must outlive
// the model, and so must the format of a cache that the source prescribes; the source itself need not.
template <backend B, tensor_source Source>
[[nodiscard]] built_model build_model(B device, format_table const& formats, scheme_spec const& spec,
                                      model_blueprint<B> const& model, Source const& source, thread_pool& pool,
                                      encode_options how = {}) {
    matrix_builder builder(scheme_plan(spec, model.description(), formats, how.importance != nullptr), pool, how);
    built_model    built;
    built.cache = cache_format(formats, spec, source, model.description().cache);
    device      = device.keeping(built.cache);
    built.model = model.build(
        device, source, [&](tensor_view const& t, tensor_slot const& slot) { return builder.place(device, t, slot); });
    built.account = std::move(builder.account());
    built.recipe  = builder.plan().recipe();
    if (how.importance != nullptr) built.recipe += "; errors weighed by " + how.importance->name();
    for (auto const& input : built.account.prescribed_inputs)
        built.recipe += "; inputs in " + input + ", as the checkpoint prescribes";
    if (built.cache != nullptr && keeps_prescribed_cache(spec))
        built.recipe += "; keys and values in " + std::string(built.cache->name()) + ", as the checkpoint prescribes";
    for (auto const& t : source.tensors()) { // norms and biases stay as they are
        if (t.shape.size() == 1) built.account.weight_bytes += t.bytes.size();
    }
    return built;
}

} // namespace qeval
