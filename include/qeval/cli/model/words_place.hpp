// Where a model's words are: its tokenizer, and how its conversations are written.
#pragma once

#include <filesystem>
#include <utility>

#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/gguf/gguf_metadata.hpp>

namespace qeval::cli {

struct words_place {
    words_place(std::filesystem::path at, gguf_metadata const* read = nullptr) // a path alone is a place
        : path(std::move(at)), metadata(read) {}

    std::filesystem::path path;     // as load_tokenizer takes it
    gguf_metadata const*  metadata; // of the GGUF at `path`, which is open and need not be read again; else nullptr
};

// Those of the model itself, which was opened by the name `model`. The place holds as long as the checkpoint.
[[nodiscard]] inline words_place words_of(checkpoint const& file, std::filesystem::path const& model) {
    if (auto const* const metadata = file.metadata()) return {model, metadata};
    return file.tokenizer_directory();
}

} // namespace qeval::cli
