// A quantized checkpoint, written tensor by tensor, and read by its method.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/scheme/method/quantized_source.hpp>
#include <qeval/scheme/stored_matrix.hpp>

#include "tests/support/one_layer_checkpoint.hpp"

namespace qeval_test {

struct stored_tensor {
    std::string               name, dtype;
    std::vector<qeval::index> shape;
    std::string               bytes;
};
// dtype says how the numbers are stored: I32, U8, I8, F16, BF16, F32.
template <class Number>
stored_tensor stored(std::string name, std::string dtype, std::vector<qeval::index> shape,
                     std::vector<Number> const& numbers) {
    stored_tensor t{std::move(name), std::move(dtype), std::move(shape), {}};
    for (auto const n : numbers) t.bytes.append(reinterpret_cast<char const*>(&n), sizeof n);
    return t;
}
inline std::vector<qeval::f16> halves(std::vector<float> const& numbers) {
    std::vector<qeval::f16> all;
    for (float const n : numbers) all.push_back(qeval::f16::from(n));
    return all;
}

// A file of them, the first where data begins; offsets need no alignment.
inline std::string file_of(std::vector<stored_tensor> const& tensors) {
    std::string header, data;
    for (auto const& t : tensors) {
        std::string shape;
        for (auto const d : t.shape) shape += (shape.empty() ? "" : ",") + std::to_string(d);
        header += (header.empty() ? "{" : ",") + tensor_entry(t.name, t.dtype, "[" + shape + "]",
                                                              "[" + std::to_string(data.size()) + "," +
                                                                  std::to_string(data.size() + t.bytes.size()) + "]");
        data += t.bytes;
    }
    return safetensors_bytes(header + "}", data);
}

// A checkpoint whose config.json has this quantization_config, opened and read.
class quantized_checkpoint {
public:
    quantized_checkpoint(qeval::format_table const& formats, std::string const& quantization,
                         std::vector<stored_tensor> const& tensors)
        : formats_(formats),
          file_(open(folder_, config(4, (",\"quantization_config\":" + quantization).c_str()), file_of(tensors))),
          source_(formats_, file_, pool_) {}

    [[nodiscard]] qeval::quantized_source const& source() const { return source_; }
    [[nodiscard]] qeval::tensor_view const&      matrix(std::string const& name) const {
             auto const* found = source_.find(name);
             REQUIRE(found != nullptr);
             return *found;
    }
    [[nodiscard]] std::unique_ptr<qeval::any_packed> packed(std::string const& name) const {
        return qeval::stored_matrix(*formats_.stored(matrix(name)), matrix(name));
    }
    // What it decodes to, row by row.
    [[nodiscard]] std::vector<float> values(std::string const& name) const {
        std::vector<float> out(static_cast<std::size_t>(matrix(name).count()));
        packed(name)->decode(0, out);
        return out;
    }

private:
    scratch                 folder_;
    qeval::format_table     formats_;
    qeval::thread_pool      pool_{2};
    qeval::checkpoint       file_;
    qeval::quantized_source source_;
};

// What is wrong with a checkpoint is said when it is opened, or when one of its matrices is used.
inline void refused_checkpoint(qeval::format_table const& formats, std::string const& quantization,
                               std::vector<stored_tensor> const& tensors, refusal const& wanted) {
    check_refused(
        [&] {
            quantized_checkpoint const c(formats, quantization, tensors);
            for (auto const& t : c.source().tensors()) (void)c.packed(t.name);
        },
        wanted);
}

} // namespace qeval_test
