// A stored tensor as floats or as a packed matrix, whatever format of the catalog the file keeps it in.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/format/list.hpp>
#include <qeval/io/finite_scan.hpp>
#include <qeval/io/tensor.hpp>
#include <qeval/pack/decode.hpp>
#include <qeval/pack/stored.hpp>

namespace qeval {

// Calls visit(format_tag<F>) for the format that the tensor is stored in, or explains that there is none.
template <class List, class Visitor>
void visit_stored(tensor_view const& t, Visitor&& visit) {
    if (visit_format(List{}, t.type, visit)) return;
    std::string all;
    for (auto const& f : format_names(List{})) all += (all.empty() ? "" : ", ") + f;
    throw file_error{{"CF03", "tensor " + qeval::quoted(t.name), "type " + qeval::quoted(t.type), "one of " + all, ""}};
}

// [rows, cols] of a 2-d tensor; refuses NaN and infinity unless told otherwise.
template <class List>
[[nodiscard]] std::vector<float> matrix_floats(tensor_view const& t, thread_pool& pool, bool allow_nonfinite) {
    index const        rows = t.shape[0], cols = t.shape[1];
    std::vector<float> values(static_cast<std::size_t>(rows * cols));
    visit_stored<List>(t, [&](auto tag) {
        using F      = typename decltype(tag)::type;
        auto const m = read_stored<F>(t.bytes, rows, cols, "tensor " + qeval::quoted(t.name));
        unpack(m.view(), {values.data(), rows, cols}, pool);
    });
    if (!allow_nonfinite) {
        check_finite(t, "weights", t.type.size() > 0 && (t.type[0] == 'F' || t.type[0] == 'B') ? "ST32" : "GG24",
                     [&](index first, std::span<float> out) { std::copy_n(values.data() + first, out.size(), out.data()); }, pool);
    }
    return values;
}

} // namespace qeval
