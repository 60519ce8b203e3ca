// A second backend: scalar code on one thread over the two contracts, kernel/reference.hpp and model/reference.hpp. It
// shares neither kernels nor layouts with the CPU backend: a matrix comes to it as planes of bytes and a format's name.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/catalog/q4_k.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/format/list.hpp>
#include <qeval/format/name.hpp>
#include <qeval/kernel/outlier_linear.hpp>
#include <qeval/model/backend.hpp>
#include <qeval/model/host_rows.hpp>
#include <qeval/model/reference.hpp>
#include <qeval/pack/stored.hpp>

namespace qeval_test {

using qeval::index; // not the one of <strings.h>
using floats  = std::vector<float>;
namespace ref = qeval::reference;

template <class T> // the i-th of equal parts
std::span<T> part_of(std::span<T> all, index i, index size) {
    return all.subspan(std::size_t(i * size), std::size_t(size));
}

using scalar_formats = qeval::format_list<qeval::dense_f32, qeval::dense_f16, qeval::dense_bf16, qeval::q8_0,
                                          qeval::q4_k, qeval::nf4, qeval::int8_sym, qeval::llm_int8>;

struct scalar_rows final : qeval::activation {
    explicit scalar_rows(qeval::input_rows const& x) : activation("scalar") {
        rows = x.rows, cols = x.cols;
        values.resize(std::size_t(rows * cols));
        auto const from = x.slice(0, rows, [&](index) { return values.data(); });
        if (from.data != values.data()) std::copy_n(from.data, values.size(), values.begin());
    }
    floats values;
};

// A matrix in the format F, multiplied by the definitions. bf16_words: the device multiplies bf16 in pairs.
template <class F>
class scalar_linear final : public qeval::linear {
public:
    scalar_linear(qeval::packed_matrix<F> w, qeval::multiply_how const& how, bool bf16_words)
        : w_(std::move(w)), how_(how), bf16_words_(bf16_words) {}

    [[nodiscard]] index            rows() const override { return w_.rows(); }
    [[nodiscard]] index            cols() const override { return w_.cols(); }
    [[nodiscard]] std::size_t      bytes() const override { return std::size_t(w_.bytes()); }
    [[nodiscard]] std::string_view format() const override { return qeval::name_of<F>(); }
    [[nodiscard]] std::string_view kernel() const override { return "scalar"; }
    [[nodiscard]] std::string_view input() const override { return "scalar"; }

    [[nodiscard]] std::unique_ptr<qeval::activation> prepare(qeval::input_rows const& x) const override {
        return std::make_unique<scalar_rows>(x);
    }
    void apply(qeval::activation const& in, qeval::matrix_view<float> y) const override {
        auto                                  values = static_cast<scalar_rows const&>(in).values;
        qeval::matrix_view<float const> const x(values.data(), in.rows, in.cols);
        if constexpr (qeval::has_integer_levels<F>) {
            if (how_.asks_for_integers()) {
                index const group = *how_.input->integer_group;
                return ref::matmul_integer(w_.view(), x, y, group == 0 ? in.cols : group);
            }
        }
        for (index r = 0; how_.input != nullptr && r < in.rows; ++r) {
            floats const row(x.row(r).begin(), x.row(r).end());
            how_.input->round(row, std::span(values).subspan(std::size_t(r * in.cols), row.size()));
        }
        auto const rounded = [this](float v) { return qeval::round_to(how_.compute, v); };
        if (how_.compute != qeval::compute_type::bf16 || !bf16_words_)
            return ref::matmul_exact(w_.view(), x, y, rounded);
        ref::matmul_bf16(w_.view(), x, y);
        for (index r = 0; r < y.rows; ++r) std::ranges::transform(y.row(r), y.row(r).begin(), rounded);
    }
    void row(index r, std::span<float> out) const override {
        for (std::size_t k = 0; k < out.size(); ++k) out[k] = w_(r, index(k));
    }

private:
    qeval::packed_matrix<F> w_;
    qeval::multiply_how     how_;
    bool                    bf16_words_;
};

class scalar_backend {
public:
    struct tensor {
        index  rows = 0, cols = 0;
        floats values;
        tensor(index r, index c) : rows(r), cols(c), values(std::size_t(r * c)) {}
        [[nodiscard]] qeval::matrix_view<float>       view() { return {values.data(), rows, cols}; }
        [[nodiscard]] qeval::matrix_view<float const> view() const { return {values.data(), rows, cols}; }
        [[nodiscard]] std::span<float>                row(index r) { return view().row(r); }
        [[nodiscard]] std::span<float const>          row(index r) const { return view().row(r); }
    };
    struct input {
        scalar_backend::tensor                      x;
        [[nodiscard]] scalar_backend::tensor const& tensor() const { return x; }
    };
    using vector = floats;
    using matrix = std::shared_ptr<qeval::linear const>;

    struct cache { // rows as they are read back
        qeval::cache_shape      shape;
        qeval::kv_format const* format;
        index                   tokens = 0;
        std::vector<floats>     keys, values; // [layers], of [positions, kv_heads, head_size]
        [[nodiscard]] index     length() const { return tokens; }
        [[nodiscard]] cache     fork(index n) const {
                cache copy  = *this;
                copy.tokens = n;
                return copy;
        }
        void reserve(index more) {
            for (auto* all : {&keys, &values}) {
                for (auto& rows : *all) rows.resize(std::size_t((tokens + more) * shape.kv_heads * shape.head_size));
            }
        }
        void                           advance(index n) { tokens += n; }
        [[nodiscard]] std::span<float> row(floats& of, index position, index head) const {
            return part_of(std::span(of), position * shape.kv_heads + head, shape.head_size);
        }
    };
    using step = qeval::batch<cache>;

    // pool: of composite linears. bf16_words: whether the device that it is compared with multiplies bf16 in pairs.
    scalar_backend(qeval::thread_pool& pool, bool bf16_words, qeval::kv_format const* format = nullptr)
        : pool_(&pool),
          bf16_words_(bf16_words),
          format_(format ? format : &qeval::kv_format_for<qeval::kv_plain<float>>()) {}

    [[nodiscard]] bool follows(qeval::any_packed const& w, qeval::multiply_how const& how) const {
        bool integers = false;
        with_format(w, [&](auto tag, [[maybe_unused]] auto geometry) {
            using F  = typename decltype(tag)::type;
            integers = qeval::integer_form_of<F>.scale_groups != 0;
            if constexpr (qeval::in_planes<F>) integers = integers && geometry.lines_up(32, w.cols());
        });
        return integers || !how.asks_for_integers();
    }
    [[nodiscard]] matrix place(std::unique_ptr<qeval::any_packed> w, qeval::multiply_how how) const {
        if (!follows(*w, how)) how.exact_sums = true;
        std::vector<std::byte> bytes;
        w->for_each_plane([&](qeval::plane_shape const& shape, std::span<std::byte const> plane) {
            if (shape.element_bytes * shape.count != index(plane.size())) throw std::runtime_error("a plane's size");
            bytes.insert(bytes.end(), plane.begin(), plane.end());
        });
        matrix made;
        with_format(*w, [&](auto tag, auto geometry) {
            using F         = typename decltype(tag)::type;
            auto const load = [&] { return qeval::read_stored<F>(bytes, w->rows(), w->cols(), "planes", geometry); };
            if (auto const threshold = w->outlier_threshold(); threshold && how.outliers) {
                qeval::multiply_how const integers{{}, &qeval::any_activation_of<qeval::int8_token>};
                auto const                values = std::make_shared<qeval::packed_matrix<F>>(load());
                made                             = std::make_shared<qeval::outlier_linear>(
                    std::make_unique<scalar_linear<F>>(load(), integers, false),
                    [values](index r, index k) { return (*values)(r, k); }, *threshold, *how.outliers, *pool_);
            } else {
                made = std::make_shared<scalar_linear<F>>(load(), how, bf16_words_);
            }
        });
        if (made == nullptr) throw std::runtime_error("scalar_backend: no " + std::string(w->format()));
        return made;
    }
    [[nodiscard]] std::string_view kernel(matrix const& w) const { return w->kernel(); }
    [[nodiscard]] vector           upload(std::span<float const> v) const { return {v.begin(), v.end()}; }
    [[nodiscard]] scalar_backend keeping(qeval::kv_format const* format) const { return {*pool_, bf16_words_, format}; }
    [[nodiscard]] cache          make_cache(qeval::cache_shape const& s) const {
                 std::vector<floats> const none(std::size_t(s.layers));
                 return {s, format_, 0, none, none};
    }
    [[nodiscard]] std::uint64_t cache_bytes(qeval::cache_shape const& s, index tokens) const {
        return std::uint64_t(2 * s.layers * s.kv_heads * tokens) * format_->row_bytes(s.head_size);
    }
    [[nodiscard]] tensor embed(matrix const& table, std::span<qeval::token const> ids) const {
        tensor x(index(ids.size()), table->cols());
        for (index r = 0; r < x.rows; ++r) table->row(ids[std::size_t(r)], x.row(r));
        return x;
    }
    [[nodiscard]] input rms_norm(tensor const& x, vector const& weight, float epsilon) const {
        return each_row(x, [&](auto in, auto out) { ref::rms_norm(in, weight, epsilon, out); });
    }
    [[nodiscard]] input layer_norm(tensor const& x, vector const& weight, vector const& bias, float epsilon) const {
        return each_row(x, [&](auto in, auto out) { ref::layer_norm(in, weight, bias, epsilon, out); });
    }
    [[nodiscard]] input  prepare(tensor&& x) const { return {std::move(x)}; }
    [[nodiscard]] tensor multiply(input& x, matrix const& w) const {
        tensor y(x.x.rows, w->rows());
        w->apply(*w->prepare(x.x.view()), y.view());
        return y;
    }
    [[nodiscard]] tensor multiply_gated(input& x, matrix const& gate, matrix const& up) const {
        auto y = multiply(x, gate);
        return silu_gate(y, multiply(x, up)), y;
    }
    void add_bias(tensor& x, vector const& bias) const {
        for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] += bias[i % bias.size()];
    }
    void add(tensor& x, tensor const& y) const {
        for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] += y.values[i];
    }
    void silu_gate(tensor& x, tensor const& up) const {
        for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] = ref::silu(x.values[i]) * up.values[i];
    }
    void activate(tensor& x, qeval::activation_fn f) const {
        for (float& v : x.values) v = f == qeval::activation_fn::silu ? ref::silu(v) : ref::gelu_tanh(v);
    }
    void rotate(tensor& x, index head_size, qeval::rotary const& rope, step const& s) const {
        bool const  near = rope.order == qeval::rope_order::adjacent_pairs;
        index const half = head_size / 2, first = near ? 2 : 1, second = near ? 1 : half;
        for (index r = 0; r < x.rows; ++r) {
            for (index i = 0; i < half; ++i) {
                float const  f     = ref::rotary_frequency(rope.theta, rope.factor, i, half);
                double const angle = double(float(s.positions[std::size_t(r)]) * f);
                for (index h = 0; h < x.cols; h += head_size) {
                    float& a = x.row(r)[std::size_t(h + i * first)];
                    float& b = x.row(r)[std::size_t(h + i * first + second)];
                    ref::turn(a, b, float(std::cos(angle)), float(std::sin(angle)));
                }
            }
        }
    }
    void append(index layer, tensor const& k, tensor const& v, step const& s) const {
        for (auto const& part : s.parts) {
            auto&       c    = *part.cache;
            index const size = c.shape.head_size, n = part.count * c.shape.kv_heads;
            for (index i = 0; i < 2 * n; ++i) {
                index const            at = i % n / c.shape.kv_heads, h = i % c.shape.kv_heads;
                auto const             row = part_of((i < n ? k : v).row(part.row + at), h, size);
                auto const             out = c.row((i < n ? c.keys : c.values)[std::size_t(layer)], part.start + at, h);
                std::vector<std::byte> stored(c.format->row_bytes(size));
                c.format->encode(row, stored.data());
                c.format->decode(stored.data(), 1, {out.data(), 1, size});
            }
        }
    }
    [[nodiscard]] tensor attend(index layer, tensor const& q, qeval::attention_shape const& a, step const& s) const {
        tensor      out(q.rows, q.cols);
        float const scale = 1.0f / std::sqrt(float(a.head_size));
        for (auto const& part : s.parts) {
            auto &keys = part.cache->keys[std::size_t(layer)], &values = part.cache->values[std::size_t(layer)];
            for (index i = 0; i < part.count * a.heads; ++i) {
                index const r = i / a.heads, h = i % a.heads, kv = h / (a.heads / a.kv_heads);
                index const last = part.start + r + 1, first = a.window > 0 ? std::max<index>(0, last - a.window) : 0;
                ref::attend(
                    part_of(q.row(part.row + r), h, a.head_size), scale, first, last,
                    [&](index t) { return part.cache->row(keys, t, kv); },
                    [&](index t) { return part.cache->row(values, t, kv); },
                    part_of(out.row(part.row + r), h, a.head_size));
            }
        }
        return out;
    }
    [[nodiscard]] tensor select(tensor const& x, std::span<index const> rows) const {
        tensor y(index(rows.size()), x.cols);
        for (index r = 0; r < y.rows; ++r) std::ranges::copy(x.row(rows[std::size_t(r)]), y.row(r).begin());
        return y;
    }
    [[nodiscard]] qeval::matrix_view<float const> to_host(tensor const& x) const { return x.view(); }
    using targets = std::span<qeval::logit_target const>;
    [[nodiscard]] auto summarize(tensor const& x, targets at, qeval::exponentials how) const {
        return qeval::host_rows(x.view()).summarize(at, how);
    }
    [[nodiscard]] auto diverge(tensor const& x, targets at, std::span<qeval::kept_row const> kept) const {
        return qeval::host_rows(x.view()).diverge(at, kept);
    }

private:
    template <class F>
    static input each_row(tensor const& x, F const& f) {
        tensor y(x.rows, x.cols);
        for (index r = 0; r < x.rows; ++r) f(x.row(r), y.row(r));
        return {std::move(y)};
    }
    template <class Visit> // f(tag, geometry) for the format that the matrix names
    static void with_format(qeval::any_packed const& w, Visit const& f) {
        qeval::for_each_format(scalar_formats{}, [&](auto tag) {
            if (auto const g = qeval::geometry_named<typename decltype(tag)::type>(w.format())) f(tag, *g);
        });
    }

    qeval::thread_pool*     pool_;
    bool                    bf16_words_;
    qeval::kv_format const* format_;
};

} // namespace qeval_test
