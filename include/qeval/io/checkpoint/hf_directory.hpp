// Where a Hugging Face model lies on disk, and that its files stay there: a plain directory, or the hub's cache
// (models--org--name with refs/, snapshots/<revision>/ and blobs/, the snapshot being links into the blobs).
#pragma once

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/io/file/mapped_file.hpp>

namespace qeval {

class hf_directory {
public:
    explicit hf_directory(std::filesystem::path const& given) : path_(snapshot_of(given)) {
        std::error_code failure;
        root_ = std::filesystem::canonical(path_, failure);
        if (failure) throw file_error{{"IO01", display_name(path_), failure.message(), "a model directory", ""}};
        if (root_.parent_path().filename() == "snapshots") {
            auto const blobs = std::filesystem::canonical(root_.parent_path().parent_path() / "blobs", failure);
            if (!failure) blobs_ = blobs;
        }
    }

    [[nodiscard]] std::filesystem::path const& path() const { return path_; }

    [[nodiscard]] bool has(std::string const& name) const {
        std::error_code ignored;
        return std::filesystem::exists(path_ / name, ignored);
    }

    // The path of a file that some other file names. `place` is where it is named.
    [[nodiscard]] std::filesystem::path file(std::string const& name, std::string const& place) const {
        std::filesystem::path const relative(name);
        bool const                  climbs =
            std::any_of(relative.begin(), relative.end(), [](auto const& part) { return part == ".."; });
        if (name.empty() || relative.is_absolute() || climbs || name.find('\0') != std::string::npos) {
            throw file_error{{"IX01", place, qeval::quoted(name), "a file inside the model directory",
                              "an index made to read other files"}};
        }
        std::error_code failure;
        auto const      real = std::filesystem::canonical(path_ / relative, failure);
        if (failure) {
            throw file_error{{"IX02", place, "no file " + qeval::quoted(name) + " (" + failure.message() + ")",
                              "that shard in " + display_name(path_), "an incomplete download"}};
        }
        if (!inside(real, root_) && (blobs_.empty() || !inside(real, blobs_))) {
            throw file_error{{"IX01", place, qeval::quoted(name) + ", a link to " + display_name(real),
                              "a file inside the model directory or its hub blob store", ""}};
        }
        return path_ / relative;
    }

private:
    static bool inside(std::filesystem::path const& file, std::filesystem::path const& directory) {
        auto const [d, f] = std::mismatch(directory.begin(), directory.end(), file.begin(), file.end());
        return d == directory.end() && f != file.end();
    }
    // A cache entry is replaced by the snapshot that refs/main names, or by the only one: a download by revision writes
    // no refs.
    static std::filesystem::path snapshot_of(std::filesystem::path const& given) {
        std::error_code ignored;
        if (!std::filesystem::is_directory(given / "snapshots", ignored)) return given;
        if (!std::filesystem::exists(given / "refs" / "main", ignored)) {
            std::filesystem::directory_iterator const all(given / "snapshots"), none;
            if (all != none && std::next(std::filesystem::directory_iterator(given / "snapshots")) == none)
                return all->path();
        }
        mapped_file const ref(given / "refs" / "main");
        std::string       revision = ref.read_text(0, std::min<std::uint64_t>(ref.size(), 128));
        while (!revision.empty() && (revision.back() == '\n' || revision.back() == '\r')) revision.pop_back();
        bool const plain = !revision.empty() && std::all_of(revision.begin(), revision.end(), [](unsigned char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        });
        if (!plain) throw file_error{{"IX01", ref.name(), qeval::quoted(revision), "a revision in hexadecimal", ""}};
        return given / "snapshots" / revision;
    }

    std::filesystem::path path_, root_, blobs_;
};

} // namespace qeval
