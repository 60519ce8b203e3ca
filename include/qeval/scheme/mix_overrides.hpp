// What a user changes in a llama.cpp file type: options of llama-quantize, with its meaning and precedence. Origin:
// llama_tensor_get_type in llama-quant.cpp of 2026-10 (build 11434); the file types of 2025-02 had no --tensor-type.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

// --tensor-type PATTERN=TYPE: matrices in whose GGUF name the pattern is found. Made by tensor_override_of
// (tensor_override.hpp).
struct tensor_override {
    std::string                           text; // as given
    std::function<bool(std::string_view)> found_in;
    std::string                           format;
};

// The first that speaks of a matrix decides:
//   1. embedding, for the embedding, and output, for a head of its own: taken as they are
//   2. the first of `tensors` whose pattern is found
//   3. pure: the file type's base format
//   4. output, for an embedding that is the head
//   5. the rules of the file type
// Where rows are no multiple of a block, 2 to 5 fall back as the file type does. File types of numbers (F16) know 1
// alone.
struct mix_overrides {
    bool                         pure = false;
    std::string                  output, embedding; // formats; empty: as the file type says
    std::vector<tensor_override> tensors;

    [[nodiscard]] bool empty() const { return !pure && output.empty() && embedding.empty() && tensors.empty(); }
    // As a recipe says them.
    [[nodiscard]] std::string text() const {
        std::string all = pure ? ", pure" : "";
        if (!output.empty()) all += ", output " + output;
        if (!embedding.empty()) all += ", embedding " + embedding;
        for (auto const& t : tensors) all += ", " + t.text;
        return all;
    }
};

} // namespace qeval
