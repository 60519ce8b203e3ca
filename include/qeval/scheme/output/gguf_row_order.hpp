// In which order a GGUF has the rows of a matrix, or the numbers of its bias, that a Hugging Face directory has in
// another. Origin: the classes of conversion/ beside convert_hf_to_gguf.py, llama.cpp of 2026-10.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/model/description.hpp>
#include <qeval/scheme/output/gguf_classes.hpp>

namespace qeval {

namespace detail {

// Rows r and r + half of a head rotate together, and become neighbours.
inline std::vector<index> paired_rows(index heads, index rows) {
    index const        size = rows / heads;
    std::vector<index> from(static_cast<std::size_t>(rows));
    for (index r = 0; r < rows; ++r) {
        index const in_head               = r % size;
        from[static_cast<std::size_t>(r)] = r - in_head + in_head / 2 + (in_head % 2) * (size / 2);
    }
    return from;
}
// Of every group of heads `sharing` queries, a key and a value: all queries, all keys, all values.
inline std::vector<index> rows_in_blocks(index groups, index sharing, index rows) {
    index const        heads = sharing + 2, size = rows / (groups * heads);
    std::vector<index> from;
    auto const         add = [&](index first, index count) {
        for (index g = 0; g < groups; ++g) {
            for (index r = 0; r < count * size; ++r) from.push_back((g * heads + first) * size + r);
        }
    };
    add(0, sharing), add(sharing, 1), add(sharing + 1, 1);
    return from;
}

} // namespace detail

// Which of the directory's rows stands at each place of the GGUF's; nothing: they have one order. `name`: canonical.
[[nodiscard]] inline std::vector<index> gguf_row_order(gguf_class const& of, model_description const& d,
                                                       std::string_view name, index rows) {
    auto const  has    = [&](std::string_view part) { return name.find(part) != name.npos; };
    index const groups = d.cache.kv_heads;
    switch (of.rows) {
    case gguf_rows::same:
        break;
    case gguf_rows::pairs: {
        index const heads = has(".q_proj.") ? groups * d.sharing : has(".k_proj.") ? groups : 0;
        return heads == 0 || rows % heads != 0 ? std::vector<index>() : detail::paired_rows(heads, rows);
    }
    case gguf_rows::blocks:
        if (has("query_key_value") && groups > 1 && rows % (groups * (d.sharing + 2)) == 0)
            return detail::rows_in_blocks(groups, d.sharing, rows);
        break;
    }
    return {};
}
// What a GGUF's vector has more than the directory's: Gemma's norms multiply with 1 + weight, and GGUF stores the sum.
[[nodiscard]] inline float gguf_norm_plus(gguf_class const& of, std::string_view name) {
    return name.ends_with("norm.weight") ? of.norm_plus : 0;
}

} // namespace qeval
