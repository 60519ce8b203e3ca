// What a Hugging Face directory has beside its weights, taken from the model that is quantized: the files of its
// tokenizer and of generation, byte for byte, and config.json.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/companion_files.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/scheme/output/directory_from_gguf.hpp>
#include <qeval/scheme/output/planned_output.hpp>

namespace qeval {

class directory_files {
public:
    // Refers to `q`. usage_error CL02 where no such directory can be made of the model; `format` is the name of the
    // output format.
    directory_files(quantization const& q, std::string_view format) : directory_(q.file.tokenizer_directory()) {
        if (q.file.metadata() != nullptr) {
            gguf_.emplace(q, format);
            if (q.tokenizer.empty())
                notes_.push_back("no tokenizer: the GGUF has its own; --tokenizer names one to be copied");
        } else if (!q.file.hf_config()) {
            throw usage_error{{"CL02", "--output-format " + std::string(format), "weights without a config.json",
                               "a Hugging Face directory, or a GGUF file", ""}};
        }
        copied_ = files_beside(q);
    }
    [[nodiscard]] std::optional<directory_from_gguf> const& gguf() const { return gguf_; } // nothing: a directory
    [[nodiscard]] std::vector<std::string> const&           notes() const { return notes_; }
    // config.json of the model. It was checked when the model was opened.
    [[nodiscard]] json config() const {
        if (gguf_) return gguf_->config();
        mapped_file const file(directory_ / "config.json");
        return *json_of(file.read_text(0, file.size()));
    }
    // What write() makes.
    [[nodiscard]] std::vector<std::filesystem::path> files(std::filesystem::path const& target) const {
        std::vector<std::filesystem::path> all{target / "config.json"};
        for (auto const& f : copied_) all.push_back(target / f.filename());
        return all;
    }
    // Of all of them.
    [[nodiscard]] std::uint64_t bytes(std::string const& config) const {
        std::uint64_t all = config.size();
        for (auto const& f : copied_) all += std::filesystem::file_size(f);
        return all;
    }
    void write(std::filesystem::path const& target, std::string const& config) const {
        write_file(target / "config.json", config);
        for (auto const& from : copied_) {
            mapped_file const file(from);
            write_file(target / from.filename(), file.read_text(0, file.size()));
        }
    }

private:
    // The files beside the model's weights, or those of another tokenizer in their place. They are inputs.
    static std::vector<std::filesystem::path> files_beside(quantization const& q) {
        auto const& own   = q.file.tokenizer_directory();
        auto        files = own.empty() ? std::vector<std::filesystem::path>() : companion_files(own);
        auto const& other = q.tokenizer;
        if (!other.empty()) {
            auto const others = std::filesystem::is_directory(other) ? companion_files(other) : std::vector{other};
            for (auto const& f : others)
                std::erase_if(files, [&](auto const& g) { return g.filename() == f.filename(); });
            files.insert(files.end(), others.begin(), others.end());
        }
        for (auto const& f : files) input_guard::remember(f);
        return files;
    }

    std::filesystem::path              directory_;
    std::vector<std::filesystem::path> copied_;
    std::optional<directory_from_gguf> gguf_;
    std::vector<std::string>           notes_;
};

} // namespace qeval
