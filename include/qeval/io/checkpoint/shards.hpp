// The weights of a Hugging Face directory: model.safetensors, or model.safetensors.index.json and its shards.
// Quantizers have given them other names (gptq_model-4bit-128g, quant_model_weight_w8a8), which are read where there is
// one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/hf_directory.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/safetensors/safetensors.hpp>

namespace qeval {

struct shard_set {
    std::vector<safetensors_file> shards;
    std::vector<std::string>      warnings;
};

class shard_index {
public:
    explicit shard_index(hf_directory const& directory, std::string name = "model.safetensors.index.json")
        : directory_(directory), name_(std::move(name)) {}

    [[nodiscard]] shard_set read(file_access access) {
        mapped_file const file(directory_.file(name_, display_name(directory_.path())));
        refuse_lfs_pointer(file);
        json_limits const limits{std::size_t{64} << 20, 4'000'000, 64, "IX04", true};
        check_size(file, limits);
        auto const document = parse_json(file.read_text(0, file.size()), file.name(), limits);
        auto const map      = document.at("weight_map");
        map.for_each_member([&](std::string const& tensor, json_value shard) {
            file_of_.emplace_hint(file_of_.end(), tensor, shard.string()); // members come sorted
            paths_.try_emplace(shard.string());
        });
        if (paths_.size() > 10'000) map.refuse(std::to_string(paths_.size()) + " shards", "at most 10000", "", "IX02");
        map.for_each_member([&](std::string const&, json_value shard) { // again, to name the place of a bad path
            auto& path = paths_.at(shard.string());
            if (path.empty()) path = directory_.file(shard.string(), shard.place());
        });
        std::vector<std::string> names;
        for (auto const& [name, path] : paths_) {
            set_.shards.push_back(read_safetensors(path, access));
            names.push_back(name);
        }
        check_tensors(names, map);
        if (auto const metadata = document.find("metadata")) check_total(*metadata);
        return std::move(set_);
    }

private:
    static void check_size(mapped_file const& file, json_limits const& limits) {
        if (file.size() <= limits.bytes) return;
        throw file_error{{"JS04", file.name(), std::to_string(file.size()) + " bytes",
                          "at most " + std::to_string(limits.bytes), ""}};
    }
    void check_tensors(std::vector<std::string> const& names, json_value map) const {
        std::map<std::string_view, std::size_t> home; // of each tensor found
        for (std::size_t s = 0; s < names.size(); ++s) {
            for (auto const& t : set_.shards[s].tensors) {
                std::string const place = set_.shards[s].file.name() + ", tensor " + qeval::quoted(t.name);
                auto const [it, fresh]  = home.emplace(t.name, s);
                if (!fresh) {
                    throw file_error{{"IX03", place, "the tensor again, after " + qeval::quoted(names[it->second]),
                                      "each tensor in one shard", "shards of two downloads mixed"}};
                }
            }
        }
        for (auto const& [name, s] : home) {
            auto const        listed = file_of_.find(name);
            std::string const place  = set_.shards[s].file.name() + ", tensor " + qeval::quoted(name);
            if (listed == file_of_.end()) {
                throw file_error{{"IX04", place, "no entry in the index", "an entry in weight_map", ""}};
            }
            if (listed->second != names[s]) {
                throw file_error{{"IX04", place, "an entry for " + qeval::quoted(listed->second),
                                  "one for " + qeval::quoted(names[s]), ""}};
            }
        }
        map.for_each_member([&](std::string const& tensor, json_value shard) {
            if (home.find(tensor) == home.end()) {
                shard.refuse("no such tensor in " + qeval::quoted(shard.string()),
                             "the tensor " + qeval::quoted(tensor), "an index of another revision", "IX04");
            }
        });
    }
    // Writers count this in different ways (tied tensors, buffers), so it is no error.
    void check_total(json_value metadata) {
        auto const total = metadata.find("total_size");
        if (!total) return;
        std::uint64_t sum = 0;
        for (auto const& s : set_.shards) {
            for (auto const& t : s.tensors) sum += t.bytes.size();
        }
        // Some writers count in floats.
        if (total->dump() == std::to_string(sum)) return;
        if (total->is_number() && !total->is_integer() && total->number(-1e300, 1e300) == double(sum)) return;
        set_.warnings.push_back("warning[IX05] " + total->place() + ": found " + total->found() + ", expected " +
                                std::to_string(sum) + " (bytes of all tensors).");
    }

    hf_directory const&                             directory_;
    std::string                                     name_;
    std::map<std::string, std::string, std::less<>> file_of_; // tensor -> shard
    std::map<std::string, std::filesystem::path>    paths_;   // shard -> path
    shard_set                                       set_;
};

// The index of a file that is one of several, "model-00001-of-00002.safetensors", where it lies beside it. Any of them
// stands for the model, as for GGUF.
[[nodiscard]] inline std::optional<std::string> index_of_shard(std::filesystem::path const& path,
                                                               hf_directory const&          directory) {
    std::string const stem = path.stem().string(), pattern = "-00000-of-00000";
    if (stem.size() <= pattern.size()) return std::nullopt;
    auto const end = stem.end() - std::ptrdiff_t(pattern.size());
    if (!std::equal(pattern.begin(), pattern.end(), end,
                    [](char want, char has) { return want == '0' ? has >= '0' && has <= '9' : has == want; }))
        return std::nullopt;
    auto name = std::string(stem.begin(), end) + ".safetensors.index.json";
    return directory.has(name) ? std::optional(std::move(name)) : std::nullopt;
}

// The file that has a directory's weights, or names those that do; nothing where there is none, or several.
[[nodiscard]] inline std::optional<std::string> weights_file(hf_directory const& directory) {
    std::optional<std::string> found;
    for (std::string const end : {".safetensors", ".safetensors.index.json"}) {
        if (directory.has("model" + end)) return "model" + end;
    }
    for (std::string const end : {".safetensors.index.json", ".safetensors"}) {
        int count = 0;
        for (auto const& entry : std::filesystem::directory_iterator(directory.path())) {
            auto const name = entry.path().filename().string();
            if (name.ends_with(end)) found = name, ++count;
        }
        if (count > 0) return count == 1 ? found : std::nullopt;
    }
    return std::nullopt;
}

// Weights of PyTorch are programs for Python's pickle, and are not run here: what makes them safetensors.
[[nodiscard]] inline std::string pickle_conversion(std::filesystem::path const& directory) {
    auto const where = display_name(directory);
    return "a model from before safetensors, which this writes anew: python -c \"from transformers import "
           "AutoModelForCausalLM as M; M.from_pretrained('" +
           where + "').save_pretrained('" + where + "')\"";
}

[[nodiscard]] inline shard_set read_shards(hf_directory const& directory, file_access access = file_access::map) {
    if (auto const name = weights_file(directory)) {
        if (name->ends_with(".json")) return shard_index(directory, *name).read(access);
        shard_set set;
        set.shards.push_back(read_safetensors(directory.file(*name, display_name(directory.path())), access));
        return set;
    }
    std::string likely = "a directory without a model";
    for (auto const& entry : std::filesystem::directory_iterator(directory.path())) {
        if (entry.path().extension() == ".bin") likely = pickle_conversion(directory.path());
        if (entry.path().extension() == ".safetensors")
            likely = "several models in one directory, or an index that is missing";
        if (entry.path().extension() == ".gguf")
            likely = "a GGUF is opened by the name of its file: " + display_name(entry.path());
    }
    throw file_error{{"IX02", display_name(directory.path()), "no weights",
                      "model.safetensors or model.safetensors.index.json", likely}};
}

} // namespace qeval
