// Real vocabularies whose words end with lines (io/tokenizer/line_ends.hpp), as many as are there.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/data.hpp"

namespace qeval_test {

[[nodiscard]] inline std::vector<std::filesystem::path> real_tokenizers() {
    std::vector<std::filesystem::path> all;
    for (char const* name : {"gpt2", "mistral-v1/tokenizer.model", "phi-3-mini/tokenizer.json",
                             "starcoder1-granite/tokenizer.json", "ggml-vocab/ggml-vocab-gpt-2.gguf",
                             "ggml-vocab/ggml-vocab-llama-spm.gguf", "ggml-vocab/ggml-vocab-starcoder.gguf",
                             "ggml-vocab/ggml-vocab-deepseek-coder.gguf", "ggml-vocab/ggml-vocab-deepseek-llm.gguf"}) {
        if (auto const path = data("tokenizers/" + std::string(name))) all.push_back(*path);
    }
    if (auto const words = data("models/stories260K/tok512.bin")) all.push_back(*words);
    all.push_back(source("examples/models/qeval-5m"));
    return all;
}

} // namespace qeval_test
