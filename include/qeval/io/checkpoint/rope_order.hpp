// Which two elements of a head one rotation turns: a fact about how the rows of q and k lie in a file.
#pragma once

namespace qeval {

enum class rope_order {
    half_split,    // (i, i + head_size / 2): Hugging Face
    adjacent_pairs // (2 i, 2 i + 1): Meta's checkpoints, GGUF's llama
};

} // namespace qeval
