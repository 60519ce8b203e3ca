// How two stored tensors differ: in format, in bytes, in values.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/stored_matrix.hpp>

namespace qeval {

// A tensor as it is compared. Two containers may keep one matrix with its rows in another order, or a norm with one
// added; what is compared is row `rows[r]` of the tensor, or the number there of a vector, plus `plus`.
struct compared_tensor {
    tensor_view        tensor; // a matrix as [rows, cols]
    std::vector<index> rows = {};
    float              plus = 0;
};

struct tensor_difference {
    std::string                       name;
    std::array<std::string, 2>        formats; // as each checkpoint states them; empty: it has no such tensor
    std::array<std::vector<index>, 2> shapes;
    bool                              equal_bytes = false;
    bool   compared = false; // value by value: both are there, with one shape, in formats that this program knows
    index  values = 0, different = 0;
    double largest      = 0; // max |b - a|; NaN where one of both is
    double relative_rms = 0; // sqrt(sum (b - a)^2 / sum a^2); infinite where a is zero and b is not

    [[nodiscard]] bool equal() const { return compared ? different == 0 : equal_bytes && formats[0] == formats[1]; }
};

namespace detail {

// Any part of a tensor's values as they are compared.
class compared_values {
public:
    compared_values(compared_tensor const& of, any_format const& format) : of_(&of) {
        tensor_view flat = of.tensor;
        index const all = flat.count(), cols = flat.shape.empty() ? 1 : flat.shape.back();
        flat.shape = {cols == 0 ? 0 : all / cols, cols};
        width_     = of.tensor.shape.size() < 2 ? 1 : cols; // of what `rows` puts in order
        if (all > 0) matrix_ = stored_matrix(format, flat);
    }
    void read(index first, std::span<float> out) const {
        if (of_->rows.empty()) {
            matrix_->decode(first, out);
        } else { // a part of a row, as far as it goes
            for (index at = first, end = first + static_cast<index>(out.size()); at < end;) {
                index const in_row = at % width_, size = std::min(width_ - in_row, end - at);
                index const from = of_->rows[static_cast<std::size_t>(at / width_)] * width_ + in_row;
                matrix_->decode(from,
                                out.subspan(static_cast<std::size_t>(at - first), static_cast<std::size_t>(size)));
                at += size;
            }
        }
        if (of_->plus == 0) return;
        for (float& x : out) x += of_->plus;
    }

private:
    compared_tensor const*      of_;
    std::unique_ptr<any_packed> matrix_;
    index                       width_ = 1;
};

inline bool equal_bytes(compared_tensor const& a, compared_tensor const& b) {
    auto const &t = a.tensor, &u = b.tensor;
    if (t.type != u.type || t.byte_count() != u.byte_count() || a.rows != b.rows || a.plus != b.plus) return false;
    auto const made = [](tensor_view const& v) { return v.maker ? v.maker->make() : made_tensor{v.bytes, v.memory}; };
    auto const x = made(t), y = made(u);
    bool const alike = x.order && y.order ? *x.order == *y.order : x.order == y.order;
    return alike && std::ranges::equal(x.bytes, y.bytes);
}

// Of a part: its sums are added up in order, so that the number of threads changes no bit.
struct difference_sums {
    index  different = 0;
    double largest = 0, squares = 0, all = 0;

    void add(double u, double v) {
        all += u * u;
        if (u == v || (std::isnan(u) && std::isnan(v))) return;
        double const d = v - u;
        ++different;
        squares += d * d;
        join(std::abs(d));
    }
    void add(difference_sums const& s) {
        different += s.different, squares += s.squares, all += s.all;
        join(s.largest);
    }

private:
    void join(double d) { largest = std::isnan(d) || std::isnan(largest) ? std::nan("") : std::max(largest, d); }
};

} // namespace detail

// Nothing: a tensor that is missing. NaN equals NaN, and -0 equals 0. Values are made a part at a time.
[[nodiscard]] inline tensor_difference difference_of(std::optional<compared_tensor> const& a,
                                                     std::optional<compared_tensor> const& b,
                                                     format_table const& formats, thread_pool& pool) {
    tensor_difference out;
    out.name = (a ? a : b)->tensor.name;
    if (a) out.formats[0] = a->tensor.type, out.shapes[0] = a->tensor.shape;
    if (b) out.formats[1] = b->tensor.type, out.shapes[1] = b->tensor.shape;
    if (!a || !b || out.shapes[0] != out.shapes[1]) return out;
    out.equal_bytes = detail::equal_bytes(*a, *b);
    out.values      = a->tensor.count();
    auto const of_a = formats.find(a->tensor.type), of_b = formats.find(b->tensor.type);
    out.compared = of_a != nullptr && of_b != nullptr;
    if (!out.compared || out.equal_bytes) return out;
    detail::compared_values const        x(*a, *of_a), y(*b, *of_b);
    constexpr index                      part = 65536;
    std::vector<detail::difference_sums> sums(static_cast<std::size_t>((out.values + part - 1) / part));
    pool.for_chunks(out.values, part, [&](index begin, index end) {
        std::vector<float> u(static_cast<std::size_t>(end - begin)), v(u.size());
        x.read(begin, u), y.read(begin, v);
        auto& here = sums[static_cast<std::size_t>(begin / part)];
        for (std::size_t i = 0; i < u.size(); ++i) here.add(static_cast<double>(u[i]), static_cast<double>(v[i]));
    });
    detail::difference_sums whole;
    for (auto const& s : sums) whole.add(s);
    out.different = whole.different;
    if (out.different == 0) return out;
    out.largest = whole.largest, out.relative_rms = std::sqrt(whole.squares / whole.all);
    return out;
}

} // namespace qeval
