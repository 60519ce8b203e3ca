// llama.cpp's importance matrices: for the inputs of a matrix the mean square of every column, which encoders that
// search weigh their errors by. Origin: common/imatrix-loader.cpp and tools/quantize/quantize.cpp.
//   GGUF   NAME.in_sum2 [matrices, columns] and NAME.counts [matrices, 1], both F32;
//          mean = in_sum2 / count, 1 where count is 0
//   .dat   i32 entries | { i32 length, name, i32 calls, i32 values, f32 sums[values] } ... |
//          i32 chunks, i32 length, data set; mean = sum / calls
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/io/file/byte_reader.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/gguf/gguf.hpp>

namespace qeval {

class importance_matrix {
public:
    // `names`: of the architecture whose matrices these are.
    importance_matrix(std::string name, std::string sha256, tensor_names names)
        : name_(std::move(name)), sha256_(std::move(sha256)), names_(names) {}

    // The importance of each column of the matrix of that canonical name ("model.layers.0.mlp.up_proj.weight"), or of
    // that expert's, where there are `experts`; empty where the file has none.
    [[nodiscard]] std::span<float const> find(std::string_view matrix, index expert = -1, index experts = 0) const {
        auto const at = columns_.find(gguf_name(matrix, names_));
        if (at == columns_.end()) return {};
        std::span<float const> const all(at->second);
        if (expert < 0) return all;
        auto const size = all.size() / std::size_t(experts);
        return all.subspan(std::size_t(expert) * size, size);
    }
    [[nodiscard]] std::size_t        size() const { return columns_.size(); } // matrices
    [[nodiscard]] std::string const& name() const { return name_; }           // of the file
    [[nodiscard]] std::string const& sha256() const { return sha256_; }
    // The texts that it was made from, as the file names them; paths of another machine, perhaps.
    [[nodiscard]] std::vector<std::string> const& datasets() const { return datasets_; }
    void made_from(std::string_view dataset) { datasets_.emplace_back(dataset); }
    // Pieces of those texts; 0: the file does not say.
    [[nodiscard]] std::uint32_t chunks() const { return chunks_; }
    void                        made_from_chunks(std::uint32_t n) { chunks_ = n; }

    // `matrix` as the file names it; false where it has been added already.
    bool add(std::string_view matrix, std::vector<float> columns) {
        return columns_.emplace(gguf_name(canonical_name(matrix, names_), names_), std::move(columns)).second;
    }

private:
    std::string                                            name_, sha256_;
    tensor_names                                           names_;
    std::map<std::string, std::vector<float>, std::less<>> columns_;
    std::vector<std::string>                               datasets_;
    std::uint32_t                                          chunks_ = 0;
};

namespace detail {

// sums / count, checked to be what mean squares can be.
[[nodiscard]] inline std::vector<float> mean_squares(std::span<float const> sums, float count,
                                                     std::string const& place) {
    std::vector<float> mean(sums.begin(), sums.end());
    for (float& m : mean) {
        m /= count;
        if (std::isfinite(m) && m >= 0) continue;
        throw file_error{{"IM03", place, std::to_string(m), "finite numbers >= 0: they are mean squares",
                          "an importance matrix of a run that overflowed"}};
    }
    return mean;
}

inline void read_gguf_importance(std::filesystem::path const& path, importance_matrix& out) {
    static constexpr gguf_type f32{0, "F32", 1, 4};
    std::string const&         name     = out.name();
    auto const                 metadata = read_gguf_metadata(path);
    if (auto const* datasets = metadata.find("imatrix.datasets")) {
        for (auto const dataset : datasets->strings()) out.made_from(dataset);
    }
    auto const* const chunks = metadata.find("imatrix.chunk_count");
    if (chunks == nullptr) {
        throw file_error{{"IM01", name, "no imatrix.chunk_count", "the metadata of an importance matrix",
                          "a model: the importance matrix is a file beside it"}};
    }
    if (!chunks->array && chunks->kind == gguf_kind::u32)
        out.made_from_chunks(std::uint32_t(chunks->integer(0, 0xffffffff)));
    gguf_file const gguf    = read_gguf(path, {&f32, 1});
    auto const      numbers = [](tensor_view const& t) {
        std::vector<float> x(static_cast<std::size_t>(t.count()));
        std::memcpy(x.data(), t.bytes.data(), t.bytes.size());
        return x;
    };
    constexpr std::string_view                             sums_end = ".in_sum2", counts_end = ".counts";
    std::map<std::string, tensor_view const*, std::less<>> counts_of;
    for (auto const& t : gguf.tensors) {
        if (t.name.ends_with(counts_end)) counts_of.emplace(t.name.substr(0, t.name.size() - counts_end.size()), &t);
    }
    for (auto const& t : gguf.tensors) {
        if (!t.name.ends_with(sums_end)) continue;
        std::string const matrix = t.name.substr(0, t.name.size() - sums_end.size()),
                          place  = name + ", tensor " + qeval::quoted(t.name);
        auto const found         = counts_of.find(matrix);
        if (found == counts_of.end())
            throw file_error{{"IM02", place, "no " + matrix + std::string(counts_end), "one beside it", ""}};
        auto const sums = numbers(t), counts = numbers(*found->second);
        if (sums.size() % counts.size() != 0) {
            throw file_error{{"IM02", place,
                              std::to_string(sums.size()) + " sums for " + std::to_string(counts.size()) + " counts",
                              "as many for each count", ""}};
        }
        std::size_t const  columns = sums.size() / counts.size();
        std::vector<float> means;
        means.reserve(sums.size());
        for (std::size_t m = 0; m < counts.size();
             ++m) { // an expert that no token met has no sums: all columns count alike
            auto const part = counts[m] > 0
                                  ? mean_squares(std::span(sums).subspan(m * columns, columns), counts[m], place)
                                  : std::vector<float>(columns, 1.0f);
            means.insert(means.end(), part.begin(), part.end());
        }
        if (!out.add(matrix, std::move(means)))
            throw file_error{{"IM02", place, "the matrix a second time", "one entry for each", ""}};
    }
}

inline void read_dat_importance(mapped_file const& file, importance_matrix& out) {
    byte_reader in(file, file.size(), "IM04");
    // A count of things of so many bytes each, which follow.
    auto const number = [&in](std::string const& what, std::uint64_t size, std::uint64_t most = 1u << 31) {
        auto const n = in.number<std::int32_t>(what);
        most         = std::min(most, in.remaining() / size);
        if (n < 1 || static_cast<std::uint64_t>(n) > most) {
            in.fail("IM04", what, std::to_string(n), "1 to " + std::to_string(most),
                    "no importance matrix, or an incomplete download");
        }
        return static_cast<std::size_t>(n);
    };
    std::size_t const entries = number("the entry count", 17); // three numbers, a name of 1, a value
    for (std::size_t i = 0; i < entries; ++i) {
        std::string const me = "entry " + std::to_string(i);
        std::string       matrix(number(me + ", length of the name", 1, 255), '\0');
        in.copy(std::as_writable_bytes(std::span(matrix)));
        auto const         calls = in.number<std::int32_t>(me + ", calls");
        std::vector<float> sums(number(me + ", value count", sizeof(float)));
        in.copy(std::as_writable_bytes(std::span(sums)));
        std::string const place = in.place() + ", entry " + qeval::quoted(matrix);
        if (!out.add(matrix, mean_squares(sums, calls > 0 ? static_cast<float>(calls) : 1.0f, place))) {
            throw file_error{{"IM02", place, "the matrix a second time", "one entry for each", ""}};
        }
    }
    if (in.remaining() < 8) return; // files of 2023 end here
    out.made_from_chunks(std::uint32_t(std::max(in.number<std::int32_t>("the chunk count"), 0)));
    std::string dataset(
        static_cast<std::size_t>(std::clamp<std::int64_t>(in.number<std::int32_t>("length of the data set's name"), 0,
                                                          static_cast<std::int64_t>(in.remaining()))),
        '\0');
    in.copy(std::as_writable_bytes(std::span(dataset)));
    if (!dataset.empty()) out.made_from(dataset);
}

} // namespace detail

[[nodiscard]] inline importance_matrix read_imatrix(std::filesystem::path const& path, tensor_names names) {
    mapped_file file(path);
    refuse_lfs_pointer(file);
    qeval::sha256 hash;
    hash.update(file.bytes());
    importance_matrix out(file.name(), hash.hex(), names);
    if (file.size() >= 4 && file.read_text(0, 4) == "GGUF")
        detail::read_gguf_importance(path, out);
    else
        detail::read_dat_importance(file, out);
    if (out.size() == 0)
        throw file_error{
            {"IM01", out.name(), "no entry", "NAME.in_sum2 and NAME.counts of some matrix", "no importance matrix"}};
    return out;
}

} // namespace qeval
