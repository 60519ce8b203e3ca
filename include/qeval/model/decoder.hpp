// A causal_lm from an architecture: runs embedding, layers and head over a batch, and streams the wanted logits.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/model/causal_lm.hpp>
#include <qeval/model/device_rows.hpp>
#include <qeval/model/pass.hpp>

namespace qeval {

// An architecture offers embed, layer(i) and head, so that other walks (layer by layer over a whole data set) can use
// them, too.
template <class A>
concept architecture = requires(A const& a, pass<typename A::device>& p, typename A::device::tensor& x) {
    { a.layers() } -> std::convertible_to<index>;
    { a.vocab_size() } -> std::convertible_to<index>;
    { a.kv_shape() } -> std::same_as<cache_shape>;
    { a.embed(p) } -> std::same_as<typename A::device::tensor>;   // [n, width]
    a.layer(index{}, p, x);                                       // x <- layer(x)
    { a.head(p, x) } -> std::same_as<typename A::device::tensor>; // [m, vocab]
};

template <architecture A>
class decoder final : public causal_lm {
public:
    using device = typename A::device;

    // make(device&) builds the architecture on the device that this decoder owns.
    template <class Make>
    decoder(device d, Make const& make) : device_(std::move(d)), model_(make(device_)) {}
    decoder(decoder const&)            = delete;
    decoder& operator=(decoder const&) = delete;

    [[nodiscard]] index                           vocab_size() const override { return model_.vocab_size(); }
    [[nodiscard]] index                           max_tokens() const override { return model_.kv_shape().max_tokens; }
    [[nodiscard]] A const&                        model() const { return model_; }
    [[nodiscard]] std::unique_ptr<sequence_state> start() const override {
        return std::make_unique<state>(device_.make_cache(model_.kv_shape()));
    }
    void observe(input_observer f) override { observer_ = std::move(f); }

    void forward(std::span<sequence_step const> steps, logit_rows_sink const& sink) override {
        batch<typename device::cache> b;
        std::vector<logit_row>        rows;
        std::vector<index>            at; // rows of the batch
        for (index s = 0; s < index(steps.size()); ++s) {
            auto const& step = steps[std::size_t(s)];
            auto const  n    = index(step.tokens.size());
            for (index i = std::max<index>(0, step.wanted); i < n; ++i) {
                rows.push_back({s, i});
                at.push_back(index(b.tokens.size()) + i);
            }
            if (n > 0) b.add(static_cast<state*>(step.state)->cache, step.tokens);
        }
        if (b.tokens.empty()) return;
        linear_observer<device> const seen = observer_ ? shown(steps) : nullptr;
        pass<device>                  p{device_, b, seen ? &seen : nullptr};
        auto                          x = model_.embed(p); // [n, width]
        for (index l = 0; l < model_.layers(); ++l) model_.layer(l, p, x);
        b.commit();
        auto const bound = std::size_t(std::clamp<index>(head_floats / model_.vocab_size(), 1, 512));
        for (std::size_t first = 0; first < rows.size(); first += bound) {
            auto const m      = std::min(bound, rows.size() - first);
            p.rows            = std::span(at).subspan(first, m);
            auto const picked = device_.select(x, p.rows); // [m, width]
            auto const logits = model_.head(p, picked);    // [m, vocab]
            sink(std::span(rows).subspan(first, m), device_rows<device>(device_, logits));
        }
    }

private:
    static constexpr index head_floats = index(1) << 22; // 16 MiB of logits at a time

    struct state final : sequence_state {
        explicit state(typename device::cache c) : cache(std::move(c)) {}
        [[nodiscard]] index                           length() const override { return cache.length(); }
        [[nodiscard]] std::unique_ptr<sequence_state> fork(index tokens) const override {
            return std::make_unique<state>(cache.fork(tokens));
        }
        typename device::cache cache;
    };

    // Translates what a pass shows for an observer that knows neither device nor batch.
    [[nodiscard]] linear_observer<device> shown(std::span<sequence_step const> steps) {
        std::vector<token_place> all; // of the batch's rows
        for (index s = 0; s < index(steps.size()); ++s) {
            for (index i = 0; i < index(steps[std::size_t(s)].tokens.size()); ++i) all.push_back({s, i});
        }
        return [this, all = std::move(all)](tensor_slot const& slot, typename device::tensor const& x,
                                            std::span<index const> rows, index expert) {
            std::vector<token_place> some;
            for (index const r : rows) some.push_back(all[std::size_t(r)]);
            observer_({slot, device_.to_host(x), rows.empty() ? all : some, expert});
        };
    }

    device         device_;
    A              model_;
    input_observer observer_;
};

} // namespace qeval
