// The format that a model under a scheme keeps keys and values in.
#pragma once

#include <string>

#include <qeval/core/error.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/kv_format.hpp>
#include <qeval/model/shape.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/spec.hpp>

namespace qeval {

// Whether the checkpoint's own format is kept: under `source`, unless it names another one.
[[nodiscard]] inline bool keeps_prescribed_cache(scheme_spec const& spec) {
    return spec.weights == "source" && spec.kv.empty();
}

// The scheme's, or the one that a source prescribes, which must outlive what is made with it; nullptr: as they are
// computed.
template <tensor_source Source>
[[nodiscard]] kv_format const* cache_format(format_table const& formats, scheme_spec const& spec, Source const& source,
                                            cache_shape const& shape) {
    if constexpr (requires { source.cache_format(); }) {
        auto const* own = keeps_prescribed_cache(spec) ? source.cache_format() : nullptr;
        if (own != nullptr && own->layers() != shape.layers) {
            throw file_error{{"CF02", "scales of the key-value cache", std::to_string(own->layers()) + " layers",
                              std::to_string(shape.layers) + ", as many as the model has",
                              "parts of two checkpoints, or a missing shard"}};
        }
        if (own != nullptr) return own;
    }
    return formats.kv(spec.kv);
}

} // namespace qeval
