// The stored tensor of a matrix as [rows, cols], in whichever order the file has it.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <qeval/io/tensor/double_numbers.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/expected_tensor.hpp>
#include <qeval/model/role.hpp>

namespace qeval {

// Its shape in the file.
[[nodiscard]] inline std::vector<index> stored_shape(tensor_slot const& slot) {
    return slot.transposed ? std::vector<index>{slot.cols, slot.rows} : std::vector<index>{slot.rows, slot.cols};
}

namespace detail {
// What is made is made as it is multiplied, whatever the class stores.
inline tensor_view const& expected_matrix(tensor_finder const& find, tensor_slot const& slot) {
    auto const* found = find(slot.name);
    bool const  made  = found != nullptr && found->maker != nullptr;
    return expected_tensor(find, slot.name, made ? std::vector<index>{slot.rows, slot.cols} : stored_shape(slot));
}
} // namespace detail

// It must be there and of that shape (CF02). The type in which it is read, and its shape as [rows, cols]; the bytes are
// as they are stored.
[[nodiscard]] inline tensor_view described_tensor(tensor_finder const& find, tensor_slot const& slot) {
    tensor_view t = detail::expected_matrix(find, slot);
    t.shape       = {slot.rows, slot.cols};
    if (has_doubles(t)) t.type = "F32";
    return t;
}
// It must be there and of that shape (CF02). What is stored in the other order, or in 64 bits, is copied; the view
// keeps the copy. What qeval has quantized is stored as it is multiplied.
[[nodiscard]] inline tensor_view slot_tensor(tensor_finder const& find, tensor_slot const& slot) {
    tensor_view t = without_doubles(detail::expected_matrix(find, slot));
    if (!slot.transposed || t.maker) return t;
    if (t.turned) {
        t.shape  = {slot.rows, slot.cols};
        t.turned = false;
        return t;
    }
    auto const rows = std::size_t(slot.rows), cols = std::size_t(slot.cols), size = t.bytes.size() / (rows * cols);
    auto const made = std::make_shared<std::vector<std::byte>>(t.bytes.size());
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < cols; ++c)
            std::memcpy(made->data() + (r * cols + c) * size, t.bytes.data() + (c * rows + r) * size, size);
    }
    t.shape  = {slot.rows, slot.cols};
    t.bytes  = *made;
    t.memory = made;
    return t;
}

} // namespace qeval
