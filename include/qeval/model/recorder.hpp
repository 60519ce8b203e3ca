// A backend that computes nothing: it notes what an architecture asks for, and refuses widths that do not fit together.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/model/backend.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

class recorder {
public:
    struct tensor {
        index width = 0;
    };
    struct vector {
        std::string name;
        index       size = 0;
    };
    struct matrix {
        std::string name;
        index       rows = 0, cols = 0;
    };
    class input { // remembers which norm made it
    public:
        input(recorder::tensor x, std::string norm) : x_(x), norm_(std::move(norm)) {}
        [[nodiscard]] recorder::tensor const& tensor() const { return x_; }
        [[nodiscard]] std::string const&      norm() const { return norm_; }

    private:
        recorder::tensor x_;
        std::string      norm_;
    };
    struct cache {
        [[nodiscard]] cache fork(index) const { return {}; }
        [[nodiscard]] index length() const { return 0; }
        void                reserve(index) {}
        void                advance(index) {}
    };
    using step = batch<cache>;

    explicit recorder(model_description& to) : to_(&to) {}

    [[nodiscard]] matrix           place(std::unique_ptr<any_packed>, multiply_how const&) const { return {}; }
    [[nodiscard]] bool             follows(any_packed const&, multiply_how const&) const { return true; }
    [[nodiscard]] std::string_view kernel(matrix const&) const { return ""; }
    [[nodiscard]] recorder         keeping(kv_format const*) const { return *this; }
    [[nodiscard]] std::uint64_t    cache_bytes(cache_shape const&, index) const { return 0; }

    [[nodiscard]] vector upload(std::span<float const> values) const { return {"", index(values.size())}; }
    [[nodiscard]] cache  make_cache(cache_shape const&) const { return {}; }

    [[nodiscard]] tensor embed(matrix const& table, std::span<token const>) const { return {table.cols}; }
    [[nodiscard]] input  rms_norm(tensor const& x, vector const& weight, float) const {
         return fit(x.width, weight.size, weight.name), input(x, weight.name);
    }
    [[nodiscard]] input layer_norm(tensor const& x, vector const& weight, vector const& bias, float e) const {
        return fit(x.width, bias.size, bias.name), rms_norm(x, weight, e);
    }
    [[nodiscard]] input  prepare(tensor&& x) const { return {x, ""}; }
    [[nodiscard]] tensor multiply(input& x, matrix const& w) const {
        fit(x.tensor().width, w.cols, w.name);
        if (!x.norm().empty()) link(x.norm(), w.name);
        return {w.rows};
    }
    [[nodiscard]] tensor multiply_gated(input& x, matrix const& gate, matrix const& up) const {
        auto const g = multiply(x, gate), u = multiply(x, up);
        return fit(g.width, u.width, up.name), u;
    }
    void add_bias(tensor& x, vector const& bias) const { fit(x.width, bias.size, bias.name); }
    void add(tensor& x, tensor const& y) const { fit(x.width, y.width, "a sum of hidden states"); }
    void silu_gate(tensor& x, tensor const& up) const { fit(x.width, up.width, "a gate"); }
    void activate(tensor&, activation_fn) const {}
    void rotate(tensor& x, index head_size, rotary const&, step const&) const {
        if (head_size < 2 || head_size % 2 != 0 || x.width % head_size != 0) fit(x.width, head_size, "heads to rotate");
    }
    void append(index, tensor const& k, tensor const& v, step const&) const {
        fit(k.width, to_->cache.kv_heads * to_->cache.head_size, "keys");
        fit(v.width, k.width, "values");
    }
    [[nodiscard]] tensor attend(index, tensor const& q, attention_shape const& shape, step const&) const {
        fit(q.width, shape.heads * shape.head_size, "queries");
        to_->sharing = shape.heads / shape.kv_heads;
        return q;
    }
    [[nodiscard]] tensor                   select(tensor const& x, std::span<index const>) const { return x; }
    [[nodiscard]] matrix_view<float const> to_host(tensor const&) const { return {}; }

    [[nodiscard]] std::vector<logit_summary> summarize(tensor const&, std::span<logit_target const>,
                                                       exponentials) const {
        return {};
    }
    [[nodiscard]] std::vector<logit_divergence> diverge(tensor const&, std::span<logit_target const>,
                                                        std::span<kept_row const>) const {
        return {};
    }

private:
    static void fit(index found, index expected, std::string const& where) {
        if (found == expected) return;
        throw internal_error{{"MO04", where, "a width of " + std::to_string(found), std::to_string(expected),
                              "an architecture that declares its shapes wrongly"}};
    }
    void link(std::string const& norm, std::string const& linear) const {
        for (auto& l : to_->links) {
            if (l.norm == norm) return l.linears.push_back(linear);
        }
        to_->links.push_back({norm, {linear}});
    }

    model_description* to_;
};
static_assert(backend<recorder>);

// Notes every weight that is asked for.
class recorded_weights final : public weights<recorder> {
public:
    explicit recorded_weights(model_description& to) : to_(&to) {}

    [[nodiscard]] recorder::matrix matrix(tensor_slot const& slot) const override {
        to_->matrices.push_back(slot);
        to_->tensors.push_back({slot.name, {slot.rows, slot.cols}});
        return {slot.name, slot.rows, slot.cols};
    }
    [[nodiscard]] recorder::vector vector(std::string const& name, index size) const override {
        to_->tensors.push_back({name, {size}});
        return {name, size};
    }
    void unused(std::string const& name) const override { to_->unused.push_back(name); }

private:
    model_description* to_;
};

} // namespace qeval
