// What was written, read back and compared with what it was made of: the proof of a result that claims to hold the same
// numbers.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/role.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/method/quantized_source.hpp>
#include <qeval/scheme/output/planned_output.hpp>
#include <qeval/scheme/stored_matrix.hpp>

namespace qeval {

struct read_back_account {
    index tensors = 0, values = 0, different = 0;
};

// Every matrix of the model, one at a time, decoded on both sides; 0 and -0 are equal.
[[nodiscard]] inline read_back_account read_back(quantization const& q, planned_output const& made,
                                                 quantized_source const& written) {
    auto const&       formats = q.builder.plan().formats();
    auto&             pool    = q.builder.pool();
    read_back_account account;
    for (auto const& slot : q.description.matrices) {
        tensor_view const  from = slot_tensor(finder_in(q.source), slot), to = slot_tensor(finder_in(written), slot);
        auto const         a = stored_matrix(*formats.stored(from), from), b = stored_matrix(*formats.stored(to), to);
        auto const         order     = made.row_order(slot);
        std::atomic<index> different = 0;
        pool.for_chunks(slot.rows, 16, [&](index first, index last) {
            std::vector<float> x(static_cast<std::size_t>(slot.cols)), y(x.size());
            for (index r = first; r < last; ++r) {
                a->decode((order.empty() ? r : order[static_cast<std::size_t>(r)]) * slot.cols, x);
                b->decode(r * slot.cols, y);
                for (std::size_t i = 0; i < x.size(); ++i) different += x[i] == y[i] ? 0 : 1;
            }
        });
        account.tensors += 1;
        account.values += slot.rows * slot.cols;
        account.different += different;
    }
    return account;
}

} // namespace qeval
