// The tensors of a Hugging Face directory as a GGUF has them: rows of q and k in the order in which they rotate there,
// weights of norms as they are used, and what is no matrix in 32 bits.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/tensor/double_numbers.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/scheme/output/chosen_matrices.hpp>
#include <qeval/scheme/output/gguf_classes.hpp>
#include <qeval/scheme/output/gguf_row_order.hpp>
#include <qeval/scheme/output/planned_output.hpp>
#include <qeval/scheme/stored_matrix.hpp>

namespace qeval {

// Refers to all that it is made from.
class gguf_directory_tensors {
public:
    gguf_directory_tensors(quantization const& q, chosen_matrices const& matrices, gguf_class const& of)
        : q_(&q), matrices_(&matrices), class_(&of) {}

    // A format of GGUF has its rows one behind the other, each encoded by itself.
    void write(chosen_matrix const& m, byte_sink const& sink) const {
        auto const order  = order_of(m.slot.name, m.slot.rows);
        auto const packed = matrices_->pack(m);
        if (order.empty()) return packed->write(sink);
        packed->for_each_plane([&](plane_shape const&, std::span<std::byte const> bytes) {
            auto const size = bytes.size() / order.size();
            for (index const r : order) sink(bytes.subspan(static_cast<std::size_t>(r) * size, size));
        });
    }
    // Of a norm or a bias.
    void write_vector(tensor_view const& stored, byte_sink const& sink) const {
        tensor_view t             = without_doubles(stored);
        t.shape                   = {1, stored.count()};
        auto const         format = q_->builder.plan().formats().stored(t);
        std::vector<float> values(static_cast<std::size_t>(stored.count()));
        stored_matrix(*format, t)->decode(0, values);
        for (float& x : values) x += gguf_norm_plus(*class_, stored.name);
        auto const order = order_of(stored.name, stored.shape[0]);
        auto const given = values;
        for (std::size_t r = 0; r < order.size(); ++r) values[r] = given[static_cast<std::size_t>(order[r])];
        sink(std::as_bytes(std::span(values)));
    }

    // Which row of the directory each row is; nothing: the same one.
    [[nodiscard]] std::vector<index> order_of(std::string_view name, index rows) const {
        return gguf_row_order(*class_, q_->description, name, rows);
    }

private:
    quantization const*    q_;
    chosen_matrices const* matrices_;
    gguf_class const*      class_;
};

} // namespace qeval
