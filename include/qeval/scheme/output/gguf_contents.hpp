// What a GGUF file is to hold, wherever it comes from: entries in order, and tensors that are made when they are
// written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/gguf/gguf_writer.hpp>

namespace qeval {

struct gguf_part {
    gguf_tensor_plan                      plan;
    std::function<void(byte_sink const&)> send;
    bool                                  quantized = false; // it is a matrix of the scheme
};
struct gguf_contents {
    gguf_entries                 entries; // without those of gguf_provenance.hpp
    std::vector<gguf_part>       parts;
    std::optional<std::uint32_t> file_type{}; // what the model says of itself
    std::uint64_t                alignment   = gguf_alignment;
    std::size_t                  requantized = 0; // matrices that were quantized before
    std::vector<std::string>     notes{};
};

} // namespace qeval
