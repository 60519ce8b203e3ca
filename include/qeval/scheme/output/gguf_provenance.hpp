// What a GGUF says about how it was quantized: llama.cpp's own keys, and qeval's, which llama.cpp does not read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <qeval/core/version.hpp>
#include <qeval/io/gguf/gguf_value.hpp>
#include <qeval/io/gguf/gguf_writer.hpp>
#include <qeval/scheme/ggml_file_types.hpp>
#include <qeval/scheme/output/planned_output.hpp>

namespace qeval {

inline constexpr std::uint32_t gguf_quantization_version = 2; // GGML_QNT_VERSION of ggml.h

// Whether an entry of a model is not taken along as it is: because add_provenance writes another, or because it is
// about the files that the model was cut into.
[[nodiscard]] inline bool is_renewed(gguf_value const& v, quantization const& q) {
    std::string_view const key = v.key;
    if (key == "general.quantization_version" || key == "general.file_type") return true;
    if (key == "split.no" || key == "split.count" || key == "split.tensors.count") return true;
    return key.starts_with("qeval.") || (q.importance != nullptr && key.starts_with("quantize.imatrix."));
}

// Behind all other entries, in llama.cpp's order. Origin: llama_model_quantize_impl in llama-quant.cpp, and
// tools/quantize/quantize.cpp, whose texts have 127 bytes at most. `file_type`: what the model says, where nothing is
// changed.
inline void add_provenance(gguf_entries& to, quantization const& q, std::uint32_t file_type) {
    auto const& plan = q.builder.plan();
    to.add("general.quantization_version", gguf_quantization_version);
    to.add("general.file_type", file_type);
    if (q.importance != nullptr) {
        auto const& from = *q.importance;
        to.add("quantize.imatrix.file", std::string_view(q.importance_path).substr(0, 127));
        if (!from.datasets().empty())
            to.add("quantize.imatrix.dataset", std::string_view(from.datasets().front()).substr(0, 127));
        to.add("quantize.imatrix.entries_count", static_cast<std::uint32_t>(from.size()));
        if (from.chunks() > 0) to.add("quantize.imatrix.chunks_count", from.chunks());
    }
    to.add("qeval.version", version);
    to.add("qeval.scheme", std::string_view(plan.spec().name));
    to.add("qeval.recipe", std::string_view(plan.recipe()));
    if (q.importance != nullptr) to.add("qeval.imatrix.sha256", std::string_view(q.importance->sha256()));
}

} // namespace qeval
