// Rows of stored numbers, f32, f16 or bf16, of a type known when the program runs: what encoders read, so that a
// format's encoder is compiled once for all of them.
#pragma once

#include <cstddef>
#include <type_traits>

#include <qeval/core/half.hpp>
#include <qeval/core/view.hpp>
#include <qeval/pack/transpose.hpp>

namespace qeval {

class number_matrix {
    enum class number_type { f32, f16, bf16 };
    template <class T>
    static constexpr int stored_as() {
        using number = std::remove_const_t<T>;
        return std::is_same_v<number, float>  ? 0
               : std::is_same_v<number, f16>  ? 1
               : std::is_same_v<number, bf16> ? 2
                                              : -1;
    }

public:
    template <class T>
    requires(stored_as<T>() >= 0) number_matrix(matrix_view<T> w)
        : data_(reinterpret_cast<std::byte const*>(w.data)),
          rows_(w.rows),
          cols_(w.cols),
          stride_(w.stride),
          type_(number_type(stored_as<T>())) {}
    number_matrix(float const* data, index rows, index cols)
        : number_matrix(matrix_view<float const>(data, rows, cols)) {}

    [[nodiscard]] index            rows() const { return rows_; }
    [[nodiscard]] index            cols() const { return cols_; }
    [[nodiscard]] index            number_bytes() const { return type_ == number_type::f32 ? 4 : 2; }
    [[nodiscard]] std::byte const* at(index r, index c) const { return data_ + (r * stride_ + c) * number_bytes(); }

    // Calls f with a pointer to the numbers that begin at p.
    template <class F>
    auto visit(std::byte const* p, F&& f) const {
        switch (type_) {
        case number_type::f16:
            return f(reinterpret_cast<f16 const*>(p));
        case number_type::bf16:
            return f(reinterpret_cast<bf16 const*>(p));
        case number_type::f32:
            break;
        }
        return f(reinterpret_cast<float const*>(p));
    }
    // x[i] lane k = the number i places behind from[k], i = 0 .. n-1
    template <class V>
    void gather(std::byte const* const* from, int n, V* x) const {
        visit(from[0], [&]<class T>(T const*) {
            T const* typed[lane_count<V>];
            for (int k = 0; k < lane_count<V>; ++k) typed[k] = reinterpret_cast<T const*>(from[k]);
            gather_lanes(typed, n, x);
        });
    }

private:
    std::byte const* data_;
    index            rows_, cols_, stride_;
    number_type      type_;
};

} // namespace qeval
