// A model on a device behind a plain interface, so that what runs it is compiled once for a device and not once for
// each architecture.
#pragma once

#include <memory>

#include <qeval/model/architecture.hpp>
#include <qeval/model/pass.hpp>
#include <qeval/model/shape.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

template <backend B>
class any_model {
public:
    using tensor = typename B::tensor;

    // The weights of one layer.
    struct block {
        virtual ~block() = default;
        // x <- layer(x), [n, width]
        virtual void operator()(pass<B>& p, tensor& x) const = 0;
    };

    virtual ~any_model() = default;

    [[nodiscard]] virtual index                  vocab_size() const                                       = 0;
    [[nodiscard]] virtual cache_shape            cache() const                                            = 0;
    [[nodiscard]] virtual std::unique_ptr<block> load_layer(weights<B> const& from, index i) const        = 0;
    [[nodiscard]] virtual tensor                 embed(pass<B>& p) const                                  = 0;
    [[nodiscard]] virtual tensor                 head(pass<B>& p, tensor const& x /* [m, width] */) const = 0;
};

// That of an architecture.
template <architecture A, backend B>
class model_as final : public any_model<B> {
public:
    using typename any_model<B>::tensor;
    using typename any_model<B>::block;

    model_as(typename A::config const& c, weights<B> const& from) : model_(c, from) {}

    [[nodiscard]] index                  vocab_size() const override { return model_.vocab_size(); }
    [[nodiscard]] cache_shape            cache() const override { return model_.cache(); }
    [[nodiscard]] std::unique_ptr<block> load_layer(weights<B> const& from, index i) const override {
        return std::make_unique<loaded>(model_, from, i);
    }
    [[nodiscard]] tensor embed(pass<B>& p) const override { return model_.embed(p); }
    [[nodiscard]] tensor head(pass<B>& p, tensor const& x) const override { return model_.head(p, x); }

private:
    using model = typename A::template model<B>;

    struct loaded final : block {
        loaded(model const& of, weights<B> const& from, index i) : of_(&of), weights_(of.load_layer(from, i)) {}
        void operator()(pass<B>& p, tensor& x) const override { of_->layer(weights_, p, x); }

        model const*          of_;
        typename model::block weights_;
    };

    model model_;
};

} // namespace qeval
