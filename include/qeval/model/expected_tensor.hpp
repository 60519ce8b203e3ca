// A tensor of a checkpoint as an architecture expects it: there, and of that shape (CF02).
#pragma once

#include <string>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/io/tensor/tensor.hpp>

namespace qeval {

// `place` names what said so: "config.json, ", or nothing.
[[nodiscard]] inline tensor_view const& expected_tensor(tensor_finder const& find, std::string const& name,
                                                        std::vector<index> const& shape,
                                                        std::string const&        place = {}) {
    std::string const  where = place + "tensor " + qeval::quoted(name);
    tensor_view const* found = find(name);
    if (found == nullptr) {
        throw file_error{{"CF02", where, "no such tensor", "shape " + shape_text(shape),
                          "another architecture, config and weights of two models, or a missing shard"}};
    }
    if (found->shape != shape) {
        throw file_error{{"CF02", where, "shape " + shape_text(found->shape), shape_text(shape) + " by the config",
                          "config and weights of two models"}};
    }
    return *found;
}

} // namespace qeval
