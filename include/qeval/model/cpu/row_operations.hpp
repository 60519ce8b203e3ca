// What the CPU backend does to the rows of activations beside matrix products and attention.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/model/backend.hpp>
#include <qeval/model/cpu/kv_cache.hpp>
#include <qeval/model/cpu/math.hpp>
#include <qeval/model/cpu/normed_rows.hpp>
#include <qeval/model/cpu/tensor.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// A part of the class host; model/backend.hpp says what each operation does.
class row_operations {
public:
    using tensor = cpu::tensor;
    using vector = std::vector<float>;
    using step   = batch<kv_cache>;

    explicit row_operations(thread_pool& pool) : pool_(&pool) {}

    [[nodiscard]] thread_pool& pool() const { return *pool_; }

    void add_bias(tensor& x, vector const& bias) const {
        for_rows(x, [&](index, std::span<float> row) {
            map_values(
                row.data(), index(row.size()), [](f32x16 const& y, f32x16 const& b) { return y + b; }, row.data(),
                bias.data());
        });
    }
    void add(tensor& x, tensor const& y) const { xt::noalias(x) += y; }
    void scale(tensor& x, float by) const { xt::noalias(x) *= by; }
    void soft_cap(tensor& x, float cap) const {
        for_rows(x, [cap](index, std::span<float> row) { soft_cap_values(row.data(), index(row.size()), cap); });
    }
    void multiply_rows(tensor& x, tensor const& by) const { // by: [n, 1]
        for_rows(x, [&](index r, std::span<float> row) {
            for (float& v : row) v *= by.data()[r];
        });
    }

    void gate(tensor& x, tensor const& up, gate_fn f) const {
        for_rows(x, [&, join = gate_values_of(f)](index r, std::span<float> row) {
            join(row.data(), view_of(up).row(r).data(), index(row.size()));
        });
    }
    void activate(tensor& x, activation_fn f) const {
        for_rows(x, [f](index, std::span<float> row) { activate_values(f, row.data(), index(row.size())); });
    }
    void add_positions(tensor& x, vector const& table, step const& s) const { // [positions, width]
        for_rows(x, [&](index r, std::span<float> row) {
            float const* const from = table.data() + s.positions[std::size_t(r)] * index(row.size());
            for (std::size_t i = 0; i < row.size(); ++i) row[i] += from[i];
        });
    }
    void rms_norm_groups(tensor& x, index size, vector const& weight, float epsilon) const {
        norm_groups(x, size, weight, epsilon, false);
    }
    void layer_norm_groups(tensor& x, index size, vector const& weight, float epsilon) const {
        norm_groups(x, size, weight, epsilon, true);
    }
    [[nodiscard]] tensor columns(tensor const& x, column_pieces const& pieces) const {
        auto y = make_tensor(index(x.shape(0)), pieces.size * pieces.count);
        for_rows(y, [&](index r, std::span<float> row) {
            auto const from = view_of(x).row(r);
            for (index i = 0; i < pieces.count; ++i) {
                std::ranges::copy(from.subspan(std::size_t(pieces.first + i * pieces.stride), std::size_t(pieces.size)),
                                  row.data() + i * pieces.size);
            }
        });
        return y;
    }
    [[nodiscard]] tensor join(std::span<tensor const> all) const {
        index width = 0;
        for (auto const& t : all) width += index(t.shape(1));
        auto y = make_tensor(index(all[0].shape(0)), width);
        for_rows(y, [&](index r, std::span<float> row) {
            float* to = row.data();
            for (auto const& t : all) to = std::ranges::copy(view_of(t).row(r), to).out;
        });
        return y;
    }
    // b has as many heads as a, or one that all share.
    [[nodiscard]] tensor join_heads(tensor const& a, index a_size, tensor const& b, index b_size) const {
        index const heads = index(a.shape(1)) / a_size, size = a_size + b_size;
        index const stride = index(b.shape(1)) == b_size ? 0 : b_size;
        auto        y      = make_tensor(index(a.shape(0)), heads * size);
        for_rows(y, [&](index r, std::span<float> row) {
            for (index h = 0; h < heads; ++h) {
                float* const to = row.data() + h * size;
                std::copy_n(view_of(a).row(r).data() + h * a_size, a_size, to);
                std::copy_n(view_of(b).row(r).data() + h * stride, b_size, to + a_size);
            }
        });
        return y;
    }
    [[nodiscard]] tensor select(tensor const& x, std::span<index const> rows) const {
        auto y = make_tensor(index(rows.size()), index(x.shape(1)));
        for (std::size_t i = 0; i < rows.size(); ++i)
            std::ranges::copy(view_of(x).row(rows[i]), view_of(y).row(index(i)).data());
        return y;
    }
    [[nodiscard]] tensor zeros(index rows, index cols) const {
        auto x = make_tensor(rows, cols);
        x.fill(0);
        return x;
    }
    void add_rows(tensor& x, tensor const& y, expert_share const& to) const {
        for (std::size_t i = 0; i < to.rows.size(); ++i) {
            map_values(
                view_of(x).row(to.rows[i]).data(), index(x.shape(1)),
                [w = to.weights[i]](f32x16 const& sum, f32x16 const& v) { return sum + v * f32x16::all(w); },
                static_cast<float const*>(view_of(x).row(to.rows[i]).data()), view_of(y).row(index(i)).data());
        }
    }

protected:
    // Rows for one turn at the counter: some turns for each thread, no turn of a microsecond.
    [[nodiscard]] index chunk_of(index rows) const { return std::max<index>(8, rows / (4 * pool_->size())); }

    template <class F>
    void for_rows(tensor& x, F const& f) const {
        auto const v = view_of(x);
        pool_->for_chunks(v.rows, chunk_of(v.rows), [&](index begin, index end) {
            for (index r = begin; r < end; ++r) f(r, v.row(r));
        });
    }
    // bias: [size] zeros for LayerNorm, empty for RMSNorm. weight: [size], or one for each column.
    void norm_groups(tensor& x, index size, vector const& weight, float epsilon, bool layer) const {
        for_rows(x, [&](index, std::span<float> row) {
            for (std::size_t at = 0; at < row.size(); at += std::size_t(size)) {
                auto const        group = row.subspan(at, std::size_t(size));
                auto const        own   = std::span(weight).subspan(weight.size() == row.size() ? at : 0, group.size());
                normed_rows const norm{{group.data(), 1, size}, own, epsilon, {}, layer};
                norm(0, group);
            }
        });
    }

    thread_pool* pool_;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
