// The tensors of a quantized checkpoint while its method is read: what makes up a matrix is taken out, and the matrix
// is put in its place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/kv_format.hpp>
#include <qeval/pack/packed_matrix.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval {

// Numbers of a tensor, which may lie on any address.
template <class T>
[[nodiscard]] inline T stored_number(std::span<std::byte const> bytes, index i) {
    T value;
    std::memcpy(&value, bytes.data() + static_cast<std::size_t>(i) * sizeof(T), sizeof(T));
    return value;
}

template <class T>
void store_number(std::span<std::byte> bytes, index i, T value) {
    std::memcpy(bytes.data() + static_cast<std::size_t>(i) * sizeof(T), &value, sizeof(T));
}

// Bytes that a maker has put in order.
[[nodiscard]] inline made_tensor made_of(std::shared_ptr<aligned_bytes>            bytes,
                                         std::shared_ptr<std::vector<index> const> order = {}) {
    return {bytes->span(), bytes, std::move(order)};
}

// Planes one behind the other, as a format has them in a file.
[[nodiscard]] inline made_tensor made_of(std::initializer_list<std::span<std::byte const>> planes) {
    std::size_t size = 0;
    for (auto const p : planes) size += p.size();
    auto const made = std::make_shared<aligned_bytes>(size);
    auto*      to   = made->data();
    for (auto const p : planes) to = std::copy(p.begin(), p.end(), to);
    return made_of(made);
}

// A module is what a linear layer is called: "model.layers.0.mlp.up_proj", of which "….qweight" is a part.
class stored_parts {
public:
    stored_parts(std::span<tensor_view const> tensors, format_table const& formats, thread_pool& pool)
        : formats_(&formats), pool_(&pool) {
        for (auto const& t : tensors) tensors_.emplace(t.name, t);
    }

    [[nodiscard]] thread_pool&        pool() const { return *pool_; } // of the makers
    [[nodiscard]] format_table const& formats() const { return *formats_; }
    [[nodiscard]] tensor_view*        find(std::string_view name) {
               auto const at = tensors_.find(name);
               return at == tensors_.end() ? nullptr : &at->second;
    }
    // In the order of their names.
    [[nodiscard]] std::vector<std::string> modules_with(std::string_view part) const {
        return names_ending("." + std::string(part));
    }
    // Names of tensors, without the end that they share.
    [[nodiscard]] std::vector<std::string> names_ending(std::string_view end) const {
        std::vector<std::string> names;
        for (auto const& [name, t] : tensors_) {
            if (name.ends_with(end)) names.push_back(name.substr(0, name.size() - end.size()));
        }
        return names;
    }
    [[nodiscard]] tensor_view const* find(std::string const& module, std::string_view part) const {
        auto const at = tensors_.find(module + "." + std::string(part));
        return at == tensors_.end() ? nullptr : &at->second;
    }
    // Takes a part out; it must be there and of one of these types. -1 in `shape` stands for any size.
    tensor_view take(std::string const& module, std::string_view part, std::initializer_list<std::string_view> types,
                     std::vector<index> const& shape) {
        return take_named(module + "." + std::string(part), types, shape);
    }
    tensor_view take_named(std::string const& name, std::initializer_list<std::string_view> types,
                           std::vector<index> const& shape) {
        tensor_view t    = take_named(name, types);
        bool        fits = t.shape.size() == shape.size();
        for (std::size_t i = 0; fits && i < shape.size(); ++i) fits = shape[i] < 0 || shape[i] == t.shape[i];
        if (!fits) {
            throw file_error{{"CF02", t.place(), "shape " + shape_text(t.shape), shape_text(shape) + ", -1: any",
                              "parts of two checkpoints, or a configuration of another one"}};
        }
        return t;
    }
    // Of any shape.
    tensor_view take_named(std::string const& name, std::initializer_list<std::string_view> types) {
        auto const at = tensors_.find(name);
        if (at == tensors_.end()) {
            throw file_error{{"CF02", "tensor " + qeval::quoted(name), "no such tensor",
                              "one beside the other parts of its matrix", "a missing shard, or a damaged checkpoint"}};
        }
        tensor_view t = std::move(at->second);
        tensors_.erase(at);
        if (std::ranges::find(types, t.type) == types.end()) {
            std::string wanted;
            for (auto const type : types) wanted += (wanted.empty() ? "" : " or ") + std::string(type);
            throw file_error{{"CF03", t.place(), "type " + qeval::quoted(t.type), wanted, ""}};
        }
        return t;
    }
    // The same of a part that need not be there.
    std::optional<tensor_view> take_if(std::string const& module, std::string_view part,
                                       std::initializer_list<std::string_view> types, std::vector<index> const& shape) {
        if (find(module, part) == nullptr) return std::nullopt;
        return take(module, part, types, shape);
    }

    // A tensor without numbers is no part of a matrix.
    static void refuse_empty(tensor_view const& t) {
        if (t.count() > 0) return;
        throw file_error{{"CF02", t.place(), "shape " + shape_text(t.shape), "codes", "a damaged checkpoint"}};
    }

    // Puts a tensor in, whose name must be free.
    tensor_view& add(tensor_view t) {
        std::string const name = t.name;
        auto const [at, added] = tensors_.try_emplace(name, std::move(t));
        if (added) return at->second;
        throw file_error{{"CF02", at->second.place(), "a tensor", "none: it is made of the quantized parts beside it",
                          "a checkpoint put together of two"}};
    }
    // Puts the matrix "module.weight" in, whose bytes `make` makes in the format's order. `of`: a tensor that it is
    // made of, for errors. The format's group sizes must fit its shape.
    tensor_view& put(std::string const& module, tensor_view const& of, std::string const& format, index rows,
                     index cols, std::function<made_tensor()> make) {
        auto const known = formats_->find(format);
        if (known == nullptr) {
            throw file_error{{"CF03", of.place(), "a matrix in " + format, "a format of this program", ""}};
        }
        tensor_view t;
        t.name  = module + ".weight";
        t.type  = known->name();
        t.shape = {rows, cols};
        t.file  = of.file;
        t.maker = std::make_shared<tensor_maker const>(
            tensor_maker{static_cast<std::size_t>(known->bytes(rows, cols)), std::move(make)});
        return add(std::move(t));
    }
    // What keys and values are to be kept in.
    void prescribe(std::shared_ptr<kv_format const> cache) { cache_ = std::move(cache); }
    [[nodiscard]] std::shared_ptr<kv_format const> const& prescribed_cache() const { return cache_; }

    // What is left and what has been put in, in the order of names.
    [[nodiscard]] std::vector<tensor_view> tensors() && {
        std::vector<tensor_view> all;
        for (auto& [name, t] : tensors_) all.push_back(std::move(t));
        return all;
    }

private:
    format_table const*                             formats_;
    thread_pool*                                    pool_;
    std::shared_ptr<kv_format const>                cache_;
    std::map<std::string, tensor_view, std::less<>> tensors_;
};

} // namespace qeval
