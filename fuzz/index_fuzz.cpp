// Any bytes as model.safetensors.index.json beside two shards: refused with a file_error, or the tensors of both.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>

#include <unistd.h>

#include <qeval/io/checkpoint/shards.hpp>

#include "memory_file.hpp"

namespace {

// A model directory that lives as long as the process.
class model_directory {
public:
    model_directory() : path_(std::filesystem::temp_directory_path() / ("qeval-index-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
        put("a.safetensors", shard("a"));
        put("b.safetensors", shard("b"));
    }
    model_directory(model_directory const&)            = delete;
    model_directory& operator=(model_directory const&) = delete;
    ~model_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    void put(char const* name, std::string const& bytes) const {
        std::FILE* const out = std::fopen((path_ / name).c_str(), "wb");
        qeval_fuzz::require(out != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size());
        std::fclose(out);
    }
    [[nodiscard]] std::filesystem::path const& path() const { return path_; }

private:
    static std::string shard(std::string const& name) { // one tensor of a byte
        std::string const header = "{\"" + name + "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        return static_cast<char>(header.size()) + std::string(7, '\0') + header + "x";
    }
    std::filesystem::path path_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static model_directory const model;
    model.put("model.safetensors.index.json", std::string(reinterpret_cast<char const*>(data), size));
    try {
        auto const set = qeval::read_shards(qeval::hf_directory(model.path()));
        for (auto const& shard : set.shards)
            for (auto const& t : shard.tensors) qeval_fuzz::require(t.bytes.size() == 1);
        qeval_fuzz::require(set.shards.size() <= 2);
    } catch (qeval::file_error const& e) {
        qeval_fuzz::require(!e.id().empty());
    }
    return 0;
}
