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
#include <qeval/model/routing.hpp>
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
        for (index r = 0; r < in.rows; ++r) {
            floats const row(x.row(r).begin(), x.row(r).end());
            auto const   out = std::span(values).subspan(std::size_t(r * in.cols), row.size());
            if (how_.input != nullptr) how_.input->round(row, out);
            if (how_.prescribed != nullptr) how_.prescribed->round(row, out, how_.numbers);
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
            auto const rows = std::size_t((tokens + more) * shape.kv_heads);
            for (auto& k : keys) k.resize(rows * std::size_t(shape.head_size));
            for (auto& v : values) v.resize(rows * std::size_t(shape.value_width()));
        }
        void                           advance(index n) { tokens += n; }
        [[nodiscard]] std::span<float> key(index layer, index position, index head) {
            return part_of(std::span(keys[std::size_t(layer)]), position * shape.kv_heads + head, shape.head_size);
        }
        [[nodiscard]] std::span<float> value(index layer, index position, index head) {
            auto const at = position * shape.kv_heads + head;
            return part_of(std::span(values[std::size_t(layer)]), at, shape.value_width());
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
        return std::uint64_t(s.layers * s.kv_heads * tokens) *
               (format_->row_bytes(s.head_size) + format_->row_bytes(s.value_width()));
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
    [[nodiscard]] tensor multiply_gated(input& x, matrix const& g, matrix const& up, qeval::gate_fn f) const {
        auto y = multiply(x, g);
        return gate(y, multiply(x, up), f), y;
    }
    void add_bias(tensor& x, vector const& bias) const {
        for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] += bias[i % bias.size()];
    }
    void add(tensor& x, tensor const& y) const {
        for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] += y.values[i];
    }
    void scale(tensor& x, float by) const {
        for (float& v : x.values) v *= by;
    }
    void soft_cap(tensor& x, float cap) const {
        for (float& v : x.values) v = ref::soft_cap(v, cap);
    }
    void multiply_rows(tensor& x, tensor const& by) const {
        for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] *= by.values[i / std::size_t(x.cols)];
    }
    void gate(tensor& x, tensor const& up, qeval::gate_fn f) const {
        for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] = ref::gate(f, x.values[i], up.values[i]);
    }
    void activate(tensor& x, qeval::activation_fn f) const {
        for (float& v : x.values) v = ref::activate(f, v);
    }
    void add_positions(tensor& x, vector const& table, step const& s) const {
        for (index r = 0; r < x.rows; ++r) {
            auto const from = part_of(std::span(table), s.positions[std::size_t(r)], x.cols);
            for (std::size_t i = 0; i < from.size(); ++i) x.row(r)[i] += from[i];
        }
    }
    void rms_norm_groups(tensor& x, index size, vector const& weight, float epsilon) const {
        each_group(x, size, weight, [&](auto in, auto own, auto out) { ref::rms_norm(in, own, epsilon, out); });
    }
    void layer_norm_groups(tensor& x, index size, vector const& weight, float epsilon) const {
        floats const none(std::size_t(size), 0.0f);
        each_group(x, size, weight, [&](auto in, auto own, auto out) { ref::layer_norm(in, own, none, epsilon, out); });
    }
    [[nodiscard]] tensor columns(tensor const& x, qeval::column_pieces const& p) const {
        tensor y(x.rows, p.size * p.count);
        for (index r = 0; r < y.rows; ++r) {
            for (index i = 0; i < y.cols; ++i)
                y.row(r)[std::size_t(i)] = x.row(r)[std::size_t(p.first + i / p.size * p.stride + i % p.size)];
        }
        return y;
    }
    [[nodiscard]] tensor join(std::span<tensor const> all) const {
        index width = 0;
        for (auto const& t : all) width += t.cols;
        tensor y(all[0].rows, width);
        for (index r = 0, at = 0; r < y.rows; ++r, at = 0) {
            for (auto const& t : all) {
                for (index i = 0; i < t.cols; ++i) y.row(r)[std::size_t(at + i)] = t.row(r)[std::size_t(i)];
                at += t.cols;
            }
        }
        return y;
    }
    [[nodiscard]] tensor join_heads(tensor const& a, index a_size, tensor const& b, index b_size) const {
        index const size = a_size + b_size;
        tensor      y(a.rows, a.cols / a_size * size);
        for (index r = 0; r < y.rows; ++r) {
            for (index i = 0; i < y.cols; ++i) {
                index const h = i / size, at = i % size, other = h * b_size % b.cols + at - a_size;
                y.row(r)[std::size_t(i)] =
                    at < a_size ? a.row(r)[std::size_t(h * a_size + at)] : b.row(r)[std::size_t(other)];
            }
        }
        return y;
    }
    void rotate(tensor& x, index head_size, qeval::rotary const& rope, step const& s) const {
        bool const  near  = rope.order == qeval::rope_order::adjacent_pairs;
        index const first = near ? 2 : 1, second = near ? 1 : rope.pairs();
        for (index r = 0; r < x.rows; ++r) {
            for (index i = 0; i < rope.pairs(); ++i) {
                double const angle = double(float(s.positions[std::size_t(r)]) * rope.frequencies[std::size_t(i)]);
                for (index h = 0; h < x.cols; h += head_size) {
                    float& a = x.row(r)[std::size_t(h + i * first)];
                    float& b = x.row(r)[std::size_t(h + i * first + second)];
                    ref::turn(a, b, float(std::cos(angle)) * rope.magnitude, float(std::sin(angle)) * rope.magnitude);
                }
            }
        }
    }
    void append(index layer, tensor const& k, tensor const& v, step const& s) const {
        auto const store = [this](std::span<float const> row, std::span<float> out) {
            std::vector<std::byte> stored(format_->row_bytes(index(row.size())));
            format_->encode(row, stored.data());
            format_->decode(stored.data(), 1, {out.data(), 1, index(out.size())});
        };
        for (auto const& part : s.parts) {
            auto& c = *part.cache;
            for (index i = 0; i < part.count * c.shape.kv_heads; ++i) {
                index const row = part.row + i / c.shape.kv_heads, h = i % c.shape.kv_heads;
                index const at = part.start + i / c.shape.kv_heads;
                store(part_of(k.row(row), h, c.shape.head_size), c.key(layer, at, h));
                store(part_of(v.row(row), h, c.shape.value_width()), c.value(layer, at, h));
            }
        }
    }
    [[nodiscard]] tensor attend(index layer, tensor const& q, qeval::attention_shape const& a, step const& s,
                                vector const* sinks) const {
        tensor      out(q.rows, a.heads * a.value_width());
        float const scale = a.scale > 0 ? a.scale : 1.0f / std::sqrt(float(a.head_size));
        for (auto const& part : s.parts) {
            auto& c = *part.cache;
            for (index i = 0; i < part.count * a.heads; ++i) {
                index const r = i / a.heads, h = i % a.heads, kv = h / (a.heads / a.kv_heads);
                index const last = part.start + r + 1, first = a.window > 0 ? std::max<index>(0, last - a.window) : 0;
                ref::attend(
                    part_of(q.row(part.row + r), h, a.head_size), scale, a.soft_cap,
                    sinks ? (*sinks)[std::size_t(h)] : -INFINITY, first, last,
                    [&](index t) { return c.key(layer, t, kv); }, [&](index t) { return c.value(layer, t, kv); },
                    part_of(out.row(part.row + r), h, a.value_width()));
            }
        }
        return out;
    }
    [[nodiscard]] std::vector<qeval::expert_share> route(tensor const& logits, qeval::routing_rule const& rule,
                                                         vector const* bias) const {
        return qeval::route_tokens(logits.view(), rule,
                                   bias ? std::span<float const>(*bias) : std::span<float const>());
    }
    [[nodiscard]] tensor zeros(index rows, index cols) const { return {rows, cols}; }
    void                 add_rows(tensor& x, tensor const& y, qeval::expert_share const& to) const {
                        for (std::size_t i = 0; i < to.rows.size(); ++i) {
                            for (index k = 0; k < x.cols; ++k)
                x.row(to.rows[i])[std::size_t(k)] += y.row(index(i))[std::size_t(k)] * to.weights[i];
        }
    }
    [[nodiscard]] input  select(input& x, std::span<index const> rows) const { return {select(x.x, rows)}; }
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
    template <class F>
    static void each_group(tensor& x, index size, vector const& weight, F const& f) {
        for (index g = 0; g < x.rows * x.cols / size; ++g) {
            auto const   group = part_of(std::span(x.values), g, size);
            floats const in(group.begin(), group.end());
            bool const   own = index(weight.size()) == x.cols; // of each group of a row
            f(std::span(in), part_of(std::span(weight), own ? g % (x.cols / size) : 0, size), group);
        }
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
