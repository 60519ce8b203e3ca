// Where the files of a model lie.
#pragma once

#include <filesystem>

namespace qeval::cli {

// The model's directory, or the directory of its file.
[[nodiscard]] inline std::filesystem::path model_directory(std::filesystem::path const& model) {
    return std::filesystem::is_directory(model) ? model
           : model.has_parent_path()            ? model.parent_path()
                                                : std::filesystem::path(".");
}

} // namespace qeval::cli
