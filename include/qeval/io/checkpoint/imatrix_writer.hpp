// Writes an importance matrix as llama.cpp's llama-imatrix does, in both its forms (imatrix.hpp has the layouts).
// Origin: tools/imatrix/imatrix.cpp of llama.cpp b11434; its GGUF has statistics beside the sums, which no reader
// needs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/gguf/gguf_writer.hpp>

namespace qeval {

// What the inputs of a matrix were like, column by column. A matrix that is several (experts) has them one after the
// other: [matrices * columns].
struct column_sums {
    std::vector<float>         sums;    // of x
    std::vector<float>         squares; // of x^2
    std::vector<std::uint64_t> counts;  // [matrices], rows

    [[nodiscard]] std::size_t columns() const { return squares.size() / counts.size(); }
};
// The sums by the matrix's name in a GGUF file: "blk.0.attn_q.weight".
using named_column_sums = std::map<std::string, column_sums>;

struct imatrix_origin {
    std::string dataset; // what the text's file is called
    index       chunks     = 0;
    index       chunk_size = 0; // tokens
};

namespace detail {

inline void write_imatrix_gguf(std::filesystem::path const& target, named_column_sums const& all,
                               imatrix_origin const& origin) {
    static constexpr gguf_type f32{0, "F32", 1, 4};
    gguf_entries               metadata;
    metadata.add("general.type", "imatrix");
    metadata.add("imatrix.datasets", std::span<std::string const>(&origin.dataset, 1));
    metadata.add("imatrix.chunk_count", static_cast<std::uint32_t>(origin.chunks));
    metadata.add("imatrix.chunk_size", static_cast<std::uint32_t>(origin.chunk_size));

    std::vector<gguf_tensor_plan>   plans;
    std::vector<std::vector<float>> values; // of each plan
    auto const add = [&](std::string name, std::size_t matrices, std::size_t columns, auto const& numbers) {
        std::vector<index> shape{static_cast<index>(columns)};
        if (matrices > 1) shape.insert(shape.begin(), static_cast<index>(matrices));
        plans.push_back({std::move(name), f32, std::move(shape)});
        auto& to = values.emplace_back();
        for (auto const n : numbers) to.push_back(static_cast<float>(n));
    };
    for (auto const& [name, s] : all) {
        add(name + ".in_sum2", s.counts.size(), s.columns(), s.squares);
        add(name + ".counts", s.counts.size(), 1, s.counts);
        add(name + ".in_sum", s.counts.size(), s.columns(), s.sums);
    }
    write_gguf(target, metadata, plans, [&](gguf_tensor_plan const& p, byte_sink const& sink) {
        sink(std::as_bytes(std::span(values[static_cast<std::size_t>(&p - plans.data())])));
    });
}

// A sum of this form is the mean square times the number of chunks, which is also what it counts as calls.
inline void write_imatrix_dat(std::filesystem::path const& target, named_column_sums const& all,
                              imatrix_origin const& origin) {
    atomic_file file(target);
    auto const  number = [&](auto n) {
        auto const value = static_cast<std::int32_t>(n);
        file.write(std::as_bytes(std::span(&value, 1)));
    };
    auto const text = [&](std::string_view s) {
        number(s.size());
        file.write(s);
    };
    auto const met = [](column_sums const& s) { return *std::max_element(s.counts.begin(), s.counts.end()); };
    number(std::count_if(all.begin(), all.end(), [&](auto const& entry) { return met(entry.second) > 0; }));
    for (auto const& [name, s] : all) {
        if (met(s) == 0) continue;
        auto const size  = static_cast<std::uint64_t>(origin.chunk_size);
        auto const calls = static_cast<float>((met(s) + size - 1) / size); // not 0 for a part of a chunk
        text(name);
        number(calls);
        number(s.squares.size());
        for (std::size_t i = 0; i < s.squares.size(); ++i) {
            auto const  count = static_cast<float>(s.counts[i / s.columns()]);
            float const sum   = count > 0 ? s.squares[i] / count * calls : calls;
            file.write(std::as_bytes(std::span(&sum, 1)));
        }
    }
    number(origin.chunks);
    text(origin.dataset);
    file.commit();
}

using imatrix_writer = void(std::filesystem::path const&, named_column_sums const&, imatrix_origin const&);
struct imatrix_form {
    std::string_view extension;
    imatrix_writer*  write;
};
inline constexpr imatrix_form imatrix_forms[] = {{".gguf", write_imatrix_gguf}, {".dat", write_imatrix_dat}};

} // namespace detail

// The form that a file's name asks for; to be called before any work.
[[nodiscard]] inline detail::imatrix_form const& imatrix_form_of(std::filesystem::path const& target) {
    std::string known;
    for (auto const& form : detail::imatrix_forms) {
        if (target.extension() == form.extension) return form;
        known.append(known.empty() ? "" : " or ").append(form.extension);
    }
    throw usage_error{{"IM06", target.string(), "the extension " + qeval::quoted(target.extension().string()), known,
                       "the extension says which of llama.cpp's two forms to write"}};
}

inline void write_imatrix(std::filesystem::path const& target, named_column_sums const& all,
                          imatrix_origin const& origin) {
    imatrix_form_of(target).write(target, all, origin);
}

} // namespace qeval
