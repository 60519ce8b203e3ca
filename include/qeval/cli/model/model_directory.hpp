// Where a model's data lies.
#pragma once

#include <filesystem>

namespace qeval::cli {

// Its directory, or its file's.
[[nodiscard]] inline std::filesystem::path model_directory(std::filesystem::path const& model) {
    return std::filesystem::is_directory(model) ? model
           : model.has_parent_path()            ? model.parent_path()
                                                : std::filesystem::path(".");
}

} // namespace qeval::cli
