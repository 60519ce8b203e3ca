// A model on disk: tensors under canonical names, its configuration, and where its tokenizer is. From a GGUF file, a
// safetensors file, or a Hugging Face directory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/checkpoint/hf_directory.hpp>
#include <qeval/io/checkpoint/shards.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/io/checkpoint/text_part.hpp>
#include <qeval/io/file/name_order.hpp>
#include <qeval/io/gguf/gguf.hpp>
#include <qeval/io/gguf/gguf_shards.hpp>
#include <qeval/io/tensor/tensor.hpp>

namespace qeval {

// How a checkpoint's weights are quantized: what a file of it says.
struct stored_quantization {
    std::string method; // "gptq", "awq", ...
    json_value  config; // what is said about it
    json_value  model;  // config.json
};

class checkpoint {
public:
    struct file_size {
        std::string   name;
        std::uint64_t bytes = 0;
    };

    // `namings`: of the architectures that are known; the tensors of others keep their names.
    // The files of a GGUF; the first has its metadata.
    explicit checkpoint(std::vector<gguf_file> gguf, std::span<gguf_naming const> namings = {})
        : gguf_(std::move(gguf)) {
        auto const* architecture = metadata()->find("general.architecture");
        for (auto const& n : namings) {
            if (architecture != nullptr && architecture->string() == n.architecture) names_ = n.names;
        }
        std::vector<std::string_view> stored;
        for (auto const& f : gguf_) {
            files_.push_back({f.file.name(), f.file.size()});
            for (auto const& t : f.tensors) {
                stored.push_back(t.name);
                tensors_.push_back(t);
                tensors_.back().name = canonical_name(t.name, names_);
            }
        }
        split_stacks(tensors_);
        sort();
        if (auto const two = order_.duplicate(tensors_, name_of_tensor)) { // "output.weight" beside "lm_head.weight"
            throw file_error{{"GG18", *tensors_[two->second].file + ", tensor " + qeval::quoted(stored[two->second]),
                              "a second " + qeval::quoted(tensors_[two->second].name), "distinct names", ""}};
        }
    }
    checkpoint(shard_set set, hf_directory const& directory)
        : shards_(std::move(set.shards)), warnings_(std::move(set.warnings)), tokenizer_directory_(directory.path()) {
        for (auto const& s : shards_) {
            files_.push_back({s.file.name(), s.file.size()});
            tensors_.insert(tensors_.end(), s.tensors.begin(), s.tensors.end());
        }
        if (directory.has("config.json")) hf_config_ = read_config(directory, "config.json");
        if (hf_config_ && directory.has("generation_config.json"))
            generation_config_ = read_config(directory, "generation_config.json");
        // Older quantizers left config.json as it was and wrote a file of their own.
        for (auto const& file : quantizer_files) {
            auto const name = file.find_in(directory);
            if (name.empty() || quantization_in_config()) continue;
            quantizer_config_ = read_config(directory, name.c_str());
            quantizer_        = file.method;
        }
        if (hf_config_ && find_text_part(hf_config_->root())) others_ = keep_text_part(tensors_);
        add_base_prefix(tensors_);
        split_stacks(tensors_);
        sort();
    }

    // As a tensor_source.
    [[nodiscard]] tensor_view const* find(std::string_view name) const {
        auto const i = order_.find(tensors_, name_of_tensor, name);
        return i ? &tensors_[*i] : nullptr;
    }
    [[nodiscard]] std::span<tensor_view const> tensors() const { return tensors_; }

    [[nodiscard]] std::string_view                kind() const { return gguf_.empty() ? "safetensors" : "gguf"; }
    [[nodiscard]] std::vector<file_size> const&   files() const { return files_; }
    [[nodiscard]] std::vector<std::string> const& warnings() const { return warnings_; }
    // The files of a GGUF, with their tensors as they are stored: stacks whole, by the names of the file.
    [[nodiscard]] std::span<gguf_file const> gguf_files() const { return gguf_; }
    [[nodiscard]] gguf_metadata const* metadata() const { return gguf_.empty() ? nullptr : &gguf_.front().metadata; }
    [[nodiscard]] json_document const* hf_config() const { return hf_config_ ? &*hf_config_ : nullptr; }
    // Nothing: the weights are as they were trained, or a GGUF's, whose types say everything.
    [[nodiscard]] std::optional<stored_quantization> quantization() const {
        if (!hf_config_) return std::nullopt;
        if (auto const config = quantization_in_config())
            return stored_quantization{config->at("quant_method").string(), *config, hf_config_->root()};
        if (quantizer_config_) return stored_quantization{quantizer_, quantizer_config_->root(), hf_config_->root()};
        if (auto const said = hf_config_->find("quantize"); said && said->is_string() && !said->string().empty())
            said->refuse(said->found() + ", and no quant_model_description*.json",
                         "the description that msModelSlim wrote beside the weights", "an incomplete download", "CF03");
        return std::nullopt;
    }
    // Empty for GGUF, which carries its tokenizer in the metadata.
    [[nodiscard]] std::filesystem::path const& tokenizer_directory() const { return tokenizer_directory_; }

    // What its architecture reads itself from.
    [[nodiscard]] config_reader config() const {
        if (!gguf_.empty()) {
            return {*metadata(), finder_in(*this)};
        }
        if (hf_config_) {
            config_reader const r(*hf_config_, generation_config_ ? &*generation_config_ : nullptr);
            if (!others_.empty()) r.note(r.file() + ": " + others_);
            return r;
        }
        throw file_error{{"CF01", display_name(tokenizer_directory_), "no config.json", "one beside the weights", ""}};
    }
    // What a GGUF calls the tensors; of the file's architecture, where it is known.
    [[nodiscard]] tensor_names names() const { return names_; }

private:
    struct quantizer_file {
        std::string_view begin, end, method; // the name between them is its writer's choice

        // Its name; empty where there is none.
        [[nodiscard]] std::string find_in(hf_directory const& directory) const {
            if (end.empty()) return directory.has(std::string(begin)) ? std::string(begin) : std::string();
            std::string found;
            for (auto const& entry : std::filesystem::directory_iterator(directory.path())) {
                auto const name = entry.path().filename().string();
                if (!name.starts_with(begin) || !name.ends_with(end)) continue;
                if (!found.empty()) {
                    throw file_error{
                        {"CF03", display_name(directory.path()),
                         qeval::quoted(std::min(found, name)) + " and " + qeval::quoted(std::max(found, name)),
                         "one description of the weights", "files of two checkpoints"}};
                }
                found = name;
            }
            return found;
        }
    };
    static constexpr quantizer_file quantizer_files[] = {{"quantize_config.json", "", "gptq"},
                                                         {"quant_config.json", "", "awq"},
                                                         {"quant_model_description", ".json", "ascend"}};

    [[nodiscard]] std::optional<json_value> quantization_in_config() const {
        if (!hf_config_) return std::nullopt;
        auto const text = hf_config_->find("text_config");
        for (auto const* key : {"quantization_config", "compression_config"}) {
            if (auto const config = hf_config_->find(key)) return config;
            if (!text || !text->is_object()) continue;
            if (auto const config = text->find(key)) return config;
        }
        return std::nullopt;
    }
    json_document read_config(hf_directory const& directory, char const* name) {
        mapped_file const file(directory.file(name, display_name(directory.path())));
        refuse_lfs_pointer(file);
        json_limits const limits{std::size_t{4} << 20, 200'000, 64, "CF01", true};
        files_.push_back({file.name(), file.size()});
        return parse_json(file.read_text(0, std::min<std::uint64_t>(file.size(), limits.bytes + 1)), file.name(),
                          limits);
    }
    static std::string_view name_of_tensor(tensor_view const& t) { return t.name; }
    void                    sort() { order_ = name_order(tensors_, name_of_tensor); }

    std::vector<gguf_file>        gguf_;
    tensor_names                  names_;
    std::vector<safetensors_file> shards_;
    std::vector<tensor_view>      tensors_;
    name_order                    order_;
    std::optional<json_document>  hf_config_, generation_config_, quantizer_config_;
    std::string                   quantizer_; // whose file that is
    std::vector<file_size>        files_;
    std::vector<std::string>      warnings_;
    std::string                   others_; // of a checkpoint of several parts: which tensors are left aside
    std::filesystem::path         tokenizer_directory_;
};

static_assert(tensor_source<checkpoint>);

// A file that describes a model stands for its directory.
[[nodiscard]] inline std::filesystem::path described_model(std::filesystem::path const& path) {
    std::string const name = path.filename().string();
    if (name != "config.json" && !name.ends_with(".safetensors.index.json")) return path;
    return path.has_parent_path() ? path.parent_path() : ".";
}
// Weights of PyTorch are programs for Python's pickle: nothing here runs them.
inline void refuse_pickle(std::filesystem::path const& path) {
    std::string const end = path.extension().string();
    if (end != ".bin" && end != ".pt" && end != ".pth" && end != ".ckpt") return;
    throw file_error{{"IX02", display_name(path), "weights in PyTorch's own form", "safetensors or GGUF",
                      pickle_conversion(path.has_parent_path() ? path.parent_path() : ".")}};
}

// `types` are the GGUF tensor types that can be decoded (see gguf_type), `namings` what architectures call their
// tensors.
[[nodiscard]] inline checkpoint open_checkpoint(std::filesystem::path const& given, std::span<gguf_type const> types,
                                                std::span<gguf_naming const> namings = {},
                                                file_access                  access  = file_access::map) {
    std::error_code ignored;
    auto const      path = described_model(given);
    if (std::filesystem::is_directory(path, ignored)) {
        hf_directory const directory(path);
        return checkpoint(read_shards(directory, access), directory);
    }
    if (path.extension() == ".safetensors") {
        hf_directory const directory(path.has_parent_path() ? path.parent_path() : ".");
        if (auto const name = index_of_shard(path, directory))
            return checkpoint(shard_index(directory, *name).read(access), directory);
        shard_set set;
        set.shards.push_back(read_safetensors(path, access));
        return checkpoint(std::move(set), directory);
    }
    if (std::filesystem::exists(path, ignored)) refuse_pickle(path);
    return checkpoint(read_gguf_shards(path, types, access), namings);
}

} // namespace qeval
