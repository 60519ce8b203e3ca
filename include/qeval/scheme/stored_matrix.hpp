// A stored tensor as floats, whatever format of the program the file keeps it in.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/io/finite_scan.hpp>
#include <qeval/io/tensor.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval {

// [rows, cols] of a 2-d tensor; refuses NaN and infinity unless told otherwise.
[[nodiscard]] inline std::vector<float> matrix_floats(format_table const& formats, tensor_view const& t, thread_pool& pool, bool allow_nonfinite) {
    index const        rows = t.shape[0], cols = t.shape[1];
    std::vector<float> values(static_cast<std::size_t>(rows * cols));
    formats.stored(t)->read(t.bytes, rows, cols, "tensor " + qeval::quoted(t.name))->unpack({values.data(), rows, cols}, pool);
    if (!allow_nonfinite) {
        check_finite(t, "weights", t.type.size() > 0 && (t.type[0] == 'F' || t.type[0] == 'B') ? "ST32" : "GG24",
                     [&](index first, std::span<float> out) { std::copy_n(values.data() + first, out.size(), out.data()); }, pool);
    }
    return values;
}

} // namespace qeval
