// A dense matrix multiplied in double: what other linears are compared with.
#pragma once

#include <memory>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/model/role.hpp>
#include <qeval/model/weights.hpp>

namespace qeval_test {

class dense_linear final : public qeval::linear {
public:
    explicit dense_linear(qeval::tensor_view const& t)
        : rows_(t.shape[0]), cols_(t.shape[1]), values_(qeval::read_floats(t)) {}

    [[nodiscard]] qeval::index     rows() const override { return rows_; }
    [[nodiscard]] qeval::index     cols() const override { return cols_; }
    [[nodiscard]] std::size_t      bytes() const override { return values_.size() * sizeof(float); }
    [[nodiscard]] std::string_view format() const override { return "dense"; }
    [[nodiscard]] std::string_view kernel() const override { return "double"; }
    [[nodiscard]] std::string_view input() const override { return "dense"; }

    [[nodiscard]] std::unique_ptr<qeval::activation> prepare(qeval::input_rows const& x) const override {
        return std::make_unique<rows_of>(x);
    }
    void apply(qeval::activation const& x, qeval::matrix_view<float> y) const override {
        auto const in = static_cast<rows_of const&>(x).values;
        for (qeval::index t = 0; t < in.rows; ++t) {
            for (qeval::index r = 0; r < rows_; ++r) {
                double sum = 0;
                for (qeval::index c = 0; c < cols_; ++c)
                    sum += double(in(t, c)) * double(values_[std::size_t(r * cols_ + c)]);
                y(t, r) = float(sum);
            }
        }
    }
    void row(qeval::index i, std::span<float> out) const override {
        for (qeval::index c = 0; c < cols_; ++c) out[std::size_t(c)] = values_[std::size_t(i * cols_ + c)];
    }

private:
    struct rows_of : qeval::activation {
        explicit rows_of(qeval::input_rows const& x)

            : activation("dense"), values(x.slice(0, x.rows, [this](qeval::index n) {
                  made.resize(std::size_t(n));
                  return made.data();
              })) {
            rows = x.rows, cols = x.cols;
        }
        std::vector<float>              made;
        qeval::matrix_view<float const> values;
    };
    qeval::index       rows_, cols_;
    std::vector<float> values_;
};

inline std::shared_ptr<qeval::linear const> make_dense(qeval::tensor_view const& t, qeval::tensor_slot const&) {
    return std::make_shared<dense_linear>(t);
}

} // namespace qeval_test
