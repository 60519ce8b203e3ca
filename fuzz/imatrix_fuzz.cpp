// Any bytes as an importance matrix: refused with a file_error, or mean squares that are.
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <qeval/io/checkpoint/imatrix.hpp>
#include <qeval/model/arch/llama.hpp>

#include "memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    qeval_fuzz::memory_file const input(data, size);
    try {
        auto const m = qeval::read_imatrix(input.path(), qeval::llama::gguf_names);
        qeval_fuzz::require(m.size() > 0);
        for (float const x : m.find("model.layers.0.mlp.up_proj.weight"))
            qeval_fuzz::require(std::isfinite(x) && x >= 0);
    } catch (qeval::file_error const& e) {
        qeval_fuzz::require(!e.id().empty());
    }
    return 0;
}
