// A named tensor inside a file, before anyone interprets its bytes.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/tensor/input_rule.hpp>

namespace qeval {

// A matrix whose bytes a file has in another order than its format: they are put in order when the matrix is used, and
// are gone with it.
struct made_tensor {
    std::span<std::byte const>                bytes;
    std::shared_ptr<void const>               memory; // keeps them valid
    std::shared_ptr<std::vector<index> const> order =
        {}; // the column that stands at each place of a row; nothing: its own
};
struct tensor_maker {
    std::size_t                  bytes = 0; // how many it makes
    std::function<made_tensor()> make;
};

// `type` is the name of a storage format as the file states it: "F32", "BF16", "I8", ... A reader knows how many
// bytes such a tensor has and has checked it; what the bytes mean is the business of `format/`.
struct tensor_view {
    std::string                 name;
    std::string                 type;
    std::vector<index>          shape; // outermost first: a linear layer is [rows (out), cols (in)]
    std::span<std::byte const>  bytes;
    std::shared_ptr<void const> memory =
        {}; // what keeps the bytes valid; nothing: whoever wants to keep them copies them

    std::shared_ptr<std::string const> file = {}; // its name, for errors, which the tensors of a file share; or nothing
    bool turned = false; // the bytes are those of the transposed matrix; shape is what the model's class stores

    std::shared_ptr<input_rule const> input =
        {}; // what a checkpoint prescribes for what is multiplied with it; nothing: as it is computed

    std::shared_ptr<tensor_maker const> maker = {}; // of bytes that are not there yet; nothing: they are

    // Where it stands, as errors say it.
    [[nodiscard]] std::string place() const {
        return (file ? *file + ", " : std::string()) + "tensor " + qeval::quoted(name);
    }
    [[nodiscard]] std::size_t byte_count() const { return maker ? maker->bytes : bytes.size(); }
    [[nodiscard]] index       count() const { // number of elements; cannot overflow, readers have checked it
        index n = 1;
        for (index d : shape) n *= d;
        return n;
    }
};

// Where model code gets its weights from: a file, a directory of shards, or a test.
template <class S>
concept tensor_source = requires(S const& s, std::string_view name) {
    { s.find(name) } -> std::same_as<tensor_view const*>; // nullptr where there is none
    { s.tensors() } -> std::convertible_to<std::span<tensor_view const>>;
};

// Looks a name up in some tensor_source; nullptr where there is none.
using tensor_finder = std::function<tensor_view const*(std::string_view)>;

template <tensor_source Source>
[[nodiscard]] tensor_finder finder_in(Source const& source) { // the source must outlive it
    return [&source](std::string_view name) { return source.find(name); };
}

} // namespace qeval
