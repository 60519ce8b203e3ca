// How a model gets its weights: by name and shape, matrices in whatever format, vectors as floats. Architectures ask;
// what answers reads a checkpoint, notes what was asked for, or hands out a part of each matrix.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/half.hpp>
#include <qeval/io/tensor/double_numbers.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/backend.hpp>
#include <qeval/model/expected_tensor.hpp>
#include <qeval/model/layer_facts.hpp>
#include <qeval/model/role.hpp>
#include <qeval/model/slot_tensor.hpp>

namespace qeval {

// A tensor that is no matrix: norm weights, biases, tables of positions.
struct vector_slot {
    std::string        name;
    std::vector<index> shape;         // of the tensor
    float              plus  = 0;     // added to each number: norms that are stored minus one
    index              part  = -1;    // which of shape[0] equal parts of one tensor; -1: all of it
    index              times = 1;     // so many times, one behind the other
    bool               each  = false; // shape[0] tensors, [shape[1]], whose numbers stand at the "*" of the name

    // Tensors and their shapes.
    [[nodiscard]] std::vector<std::pair<std::string, std::vector<index>>> tensors() const {
        if (!each) return {{name, shape}};
        auto const                                              star = name.find('*');
        std::vector<std::pair<std::string, std::vector<index>>> all;
        for (index i = 0; i < shape[0]; ++i)
            all.push_back({std::string(name).replace(star, 1, std::to_string(i)), {shape[1]}});
        return all;
    }
};

template <backend B>
class weights {
public:
    // Turns a stored matrix into one in the wanted format.
    using factory = std::function<typename B::matrix(tensor_view const&, tensor_slot const&)>;

    weights()                          = default;
    weights(weights const&)            = delete;
    weights& operator=(weights const&) = delete;
    virtual ~weights()                 = default;

    [[nodiscard]] virtual typename B::matrix matrix(tensor_slot const& slot) const = 0; // [rows, cols]
    [[nodiscard]] virtual typename B::vector vector(vector_slot const& slot) const = 0;
    // `size` equal numbers, of no tensor.
    [[nodiscard]] virtual typename B::vector constant(index size, float value) const = 0;
    [[nodiscard]] typename B::vector         vector(std::string const& name, index size) const {
                return vector(vector_slot{name, {size}});
    }
    // What is added to the outputs of a matrix: "x.weight" has "x.bias".
    [[nodiscard]] virtual typename B::vector bias(tensor_slot const& slot) const {
        if (!slot.bias.empty()) return vector({slot.bias, {slot.members, slot.rows}, 0, slot.member});
        return vector(slot.name.substr(0, slot.name.rfind('.')) + ".bias", slot.rows);
    }
    // A tensor that a checkpoint may have, and that computes nothing: the head beside a tied embedding. What ends in a
    // dot stands for all whose names begin so.
    virtual void unused(std::string const& /*name*/) const {}
    // What the matrices of a layer's attention are made for, which their shapes do not tell.
    virtual void latent(latent_ranks const& /*of queries, of keys and values*/) const {}
};

// The values of an F32, F16, BF16 or F64 tensor.
[[nodiscard]] inline std::vector<float> read_floats(tensor_view const& stored) {
    tensor_view const  t = without_doubles(stored);
    std::vector<float> values(std::size_t(t.count()));
    auto const         read = [&]<class T>(T v) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            std::memcpy(&v, t.bytes.data() + i * sizeof(T), sizeof(T));
            values[i] = value_of(v);
        }
    };
    if (t.type == "F32")
        read(float{});
    else if (t.type == "F16")
        read(f16{});
    else if (t.type == "BF16")
        read(bf16{});
    else
        throw file_error{
            {"MO03", t.place(), "type " + qeval::quoted(t.type), "F32, F16, BF16 or F64 for a vector",
             "a checkpoint whose norms or biases are quantized; convert it again with them in 16 or 32 bits"}};
    return values;
}

// From a checkpoint: matrices through a factory that picks the format (a scheme).
template <backend B>
class stored_weights final : public weights<B> {
public:
    using factory = typename weights<B>::factory;

    // What `find` and `make` refer to must outlive this object.
    stored_weights(B& device, tensor_finder find, factory make)
        : device_(&device), find_(std::move(find)), make_(std::move(make)) {}

    using weights<B>::vector;

    [[nodiscard]] typename B::matrix matrix(tensor_slot const& slot) const override {
        return make_(slot_tensor(find_, slot), slot);
    }
    [[nodiscard]] typename B::vector vector(vector_slot const& slot) const override {
        std::vector<float> values;
        for (auto const& [name, shape] : slot.tensors()) {
            tensor_view stored = expected_tensor(find_, name, shape);
            if (slot.part >= 0) {
                auto const size = stored.bytes.size() / std::size_t(shape[0]);
                stored.bytes    = stored.bytes.subspan(std::size_t(slot.part) * size, size);
                stored.shape.erase(stored.shape.begin());
            }
            auto const some = read_floats(stored);
            for (std::size_t i = 0; i < some.size(); ++i) {
                if (!std::isfinite(some[i])) {
                    throw file_error{{"ST32", stored.place() + "[" + std::to_string(i) + "]", std::to_string(some[i]),
                                      "a finite number", "a damaged or diverged checkpoint"}};
                }
                values.push_back(some[i] + slot.plus);
            }
        }
        auto const once = std::ptrdiff_t(values.size());
        values.reserve(values.size() * std::size_t(slot.times));
        for (index i = 1; i < slot.times; ++i) values.insert(values.end(), values.begin(), values.begin() + once);
        return device_->upload(values);
    }
    [[nodiscard]] typename B::vector constant(index size, float value) const override {
        return device_->upload(std::vector<float>(std::size_t(size), value));
    }

private:
    B*            device_;
    tensor_finder find_;
    factory       make_;
};

} // namespace qeval
