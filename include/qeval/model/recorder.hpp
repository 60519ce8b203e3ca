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
#include <qeval/model/slot_tensor.hpp>
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
    [[nodiscard]] tensor multiply_gated(input& x, matrix const& gate, matrix const& up, gate_fn) const {
        auto const g = multiply(x, gate), u = multiply(x, up);
        return fit(g.width, u.width, up.name), u;
    }
    void add_bias(tensor& x, vector const& bias) const { fit(x.width, bias.size, bias.name); }
    void add(tensor& x, tensor const& y) const { fit(x.width, y.width, "a sum of hidden states"); }
    void scale(tensor&, float) const {}
    void soft_cap(tensor&, float cap) const { to_->logit_cap = cap; }
    void multiply_rows(tensor&, tensor const& by) const { fit(by.width, 1, "a factor for each row"); }
    void gate(tensor& x, tensor const& up, gate_fn) const { fit(x.width, up.width, "a gate"); }
    void activate(tensor&, activation_fn) const {}
    void add_positions(tensor& x, vector const& table, step const&) const {
        if (x.width == 0 || table.size % x.width != 0) fit(table.size, x.width, table.name);
        to_->positions = true;
    }
    void rms_norm_groups(tensor& x, index size, vector const& weight, float) const {
        if (size < 1 || x.width % size != 0) fit(x.width, size, "groups of " + weight.name);
        if (weight.size != x.width) fit(weight.size, size, weight.name);
    }
    void layer_norm_groups(tensor& x, index size, vector const& weight, float e) const {
        rms_norm_groups(x, size, weight, e);
    }
    [[nodiscard]] tensor columns(tensor const& x, column_pieces const& p) const {
        index const end = p.first + (p.count - 1) * p.stride + p.size;
        if (end > x.width) fit(x.width, end, "columns");
        return {p.size * p.count};
    }
    [[nodiscard]] tensor join_heads(tensor const& a, index a_size, tensor const& b, index b_size) const {
        index const heads = a.width / a_size;
        if (b.width != b_size) fit(b.width, heads * b_size, "heads to join");
        return {heads * (a_size + b_size)};
    }
    [[nodiscard]] tensor join(std::span<tensor const> all) const {
        tensor sum;
        for (auto const& t : all) sum.width += t.width;
        return sum;
    }
    void rotate(tensor& x, index head_size, rotary const& rope, step const&) const {
        if (head_size < 2 * rope.pairs() || x.width % head_size != 0) fit(x.width, head_size, "heads to rotate");
        if (to_->layers.empty()) return;
        to_->layers.back().rotation = rope;
        to_->layers.back().rotated  = 2 * rope.pairs();
    }
    void append(index, tensor const& k, tensor const& v, step const&) const {
        auto const& c = to_->cache;
        fit(k.width, c.kv_heads * c.head_size, "keys");
        fit(v.width, c.kv_heads * c.value_width(), "values");
    }
    [[nodiscard]] tensor attend(index, tensor const& q, attention_shape const& shape, step const&,
                                vector const* sinks) const {
        fit(q.width, shape.heads * shape.head_size, "queries");
        if (sinks) fit(sinks->size, shape.heads, sinks->name);
        to_->sharing = shape.heads / shape.kv_heads;
        if (!to_->layers.empty()) to_->layers.back().attention = shape, to_->layers.back().sinks = sinks != nullptr;
        return {shape.heads * shape.value_width()};
    }
    [[nodiscard]] std::vector<expert_share> route(tensor const& logits, routing_rule const& rule,
                                                  vector const* bias) const { // every expert is asked
        fit(logits.width, rule.experts, "a router's logits");
        if (bias) fit(bias->size, rule.experts, bias->name);
        if (!to_->layers.empty()) to_->layers.back().routing = rule, to_->layers.back().choice_bias = bias != nullptr;
        return std::vector<expert_share>(std::size_t(rule.experts), {{0}, {1}});
    }
    [[nodiscard]] tensor zeros(index, index cols) const { return {cols}; }
    void                 add_rows(tensor& x, tensor const& y, expert_share const&) const { add(x, y); }
    [[nodiscard]] input  select(input& x, std::span<index const>) const { return x; }
    [[nodiscard]] tensor select(tensor const& x, std::span<index const>) const { return x; }
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
        to_->tensors.push_back({slot.name, stored_shape(slot)});
        return {slot.name, slot.rows, slot.cols};
    }
    using weights<recorder>::vector;
    [[nodiscard]] recorder::vector vector(vector_slot const& slot) const override {
        if (slot.part <= 0) { // of parts the first one stands for all
            for (auto const& [name, shape] : slot.tensors()) to_->tensors.push_back({name, shape});
        }
        index size = slot.times;
        for (index const n : slot.shape) size *= n;
        return {slot.name, slot.part < 0 ? size : size / slot.shape[0]};
    }
    [[nodiscard]] recorder::vector constant(index size, float) const override { return {"", size}; }
    void                           unused(std::string const& name) const override { to_->unused.push_back(name); }
    void                           latent(latent_ranks const& ranks) const override {
        if (!to_->layers.empty()) to_->layers.back().latent = ranks;
    }

private:
    model_description* to_;
};

} // namespace qeval
