// How a model gets its weights: by name and expected shape from a source, matrices through a factory that picks the
// format (a scheme), vectors as floats.
#pragma once

#include <cmath>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/half.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/backend.hpp>
#include <qeval/model/role.hpp>

namespace qeval {

// The values of an F32, F16 or BF16 tensor.
[[nodiscard]] inline std::vector<float> read_floats(tensor_view const& t) {
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
        throw file_error{{"MO03", "tensor " + qeval::quoted(t.name), "type " + qeval::quoted(t.type),
                          "F32, F16 or BF16 for a vector", ""}};
    return values;
}

template <backend B>
class weights {
public:
    using factory = std::function<typename B::matrix(tensor_view const&, tensor_slot const&)>;

    // `source` must outlive this object; `make` turns a stored matrix into one in the wanted format.
    template <tensor_source Source>
    weights(B& device, Source const& source, factory make)
        : device_(device),
          find_([&source](std::string_view name) { return source.find(name); }),
          make_(std::move(make)) {}

    [[nodiscard]] typename B::matrix matrix(tensor_slot const& slot, index rows, index cols) const {
        return make_(expect(slot.name, {rows, cols}), slot);
    }
    [[nodiscard]] typename B::vector vector(std::string const& name, index size) const {
        auto const values = read_floats(expect(name, {size}));
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!std::isfinite(values[i])) {
                throw file_error{{"ST32", "tensor " + qeval::quoted(name) + "[" + std::to_string(i) + "]",
                                  std::to_string(values[i]), "a finite number", "a damaged or diverged checkpoint"}};
            }
        }
        return device_.upload(values);
    }
    // A tensor that would change the result must not be left out in silence.
    void expect_none(std::string const& name) const {
        if (!find_(name)) return;
        throw file_error{{"CF02", "tensor " + qeval::quoted(name), "a bias", "none by the configuration",
                          "a config.json of another checkpoint"}};
    }

private:
    static std::string text(std::vector<index> const& shape) {
        std::string s = "[";
        for (std::size_t i = 0; i < shape.size(); ++i) s += (i ? ", " : "") + std::to_string(shape[i]);
        return s + "]";
    }
    tensor_view const& expect(std::string const& name, std::vector<index> const& shape) const {
        tensor_view const* t = find_(name);
        if (!t)
            throw file_error{{"CF02", "tensor " + qeval::quoted(name), "no such tensor", "shape " + text(shape),
                              "another architecture, or a missing shard"}};
        if (t->shape != shape) {
            throw file_error{{"CF02", "tensor " + qeval::quoted(name), "shape " + text(t->shape),
                              text(shape) + " by the configuration", "a config.json of another checkpoint"}};
        }
        return *t;
    }

    B&                                                  device_;
    std::function<tensor_view const*(std::string_view)> find_;
    factory                                             make_;
};

} // namespace qeval
