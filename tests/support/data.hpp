// Where tests find files: the tree's own, and the reference data that QEVAL_TEST_DATA names.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

namespace qeval_test {

extern char const* const source_root; // defined in main.cpp

// A file of the source tree: source("examples/models/...").
inline std::filesystem::path source(std::string const& relative) {
    return std::filesystem::path(source_root) / relative;
}

// Says in the log why a test did not check what its name promises; tests/run.sh repeats these lines at the end.
inline void skip(std::string const& reason) { std::cout << "SKIPPED: " << reason << std::endl; }

// A file below $QEVAL_TEST_DATA; without it, says so and returns nothing: `if (!path) return;`.
inline std::optional<std::filesystem::path> data(std::string const& relative) {
    char const* const root = std::getenv("QEVAL_TEST_DATA");
    if (root == nullptr || *root == '\0') {
        skip(relative + " is not here (QEVAL_TEST_DATA is not set)");
        return std::nullopt;
    }
    auto path = std::filesystem::path(root) / relative;
    if (!std::filesystem::exists(path)) {
        skip(relative + " is not below QEVAL_TEST_DATA");
        return std::nullopt;
    }
    return path;
}

// A directory of this process's own that is gone when the object is: for tests that write files.
class scratch {
public:
    scratch() {
        std::string const replaced(6, 'X'); // by mkdtemp, which wants six of them at the end
        std::string       name = (std::filesystem::temp_directory_path() / "qeval-test-").string() + replaced;
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory: " + name);
        path_ = name;
    }
    scratch(scratch const&)            = delete;
    scratch& operator=(scratch const&) = delete;
    ~scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::filesystem::path const& path() const { return path_; }
    [[nodiscard]] std::filesystem::path        operator/(std::string const& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

} // namespace qeval_test
