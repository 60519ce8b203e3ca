// A causal_lm from a model on a device: runs embedding, layers and head over a batch, and streams the wanted logits.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/model/any_model.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/causal_lm.hpp>
#include <qeval/model/device_rows.hpp>
#include <qeval/model/pass.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

template <backend B>
class decoder final : public causal_lm {
public:
    using device = B;
    using model  = any_model<B>;

    // read(device&) gives the weights, for the device that this decoder owns; make(weights) the model.
    template <class Read, class Make>
    decoder(B d, Read const& read, Make const& make) : device_(std::move(d)) {
        std::unique_ptr<weights<B> const> const from = read(device_);
        load(*from, make(*from));
    }
    decoder(decoder const&)            = delete;
    decoder& operator=(decoder const&) = delete;

    [[nodiscard]] index                           vocab_size() const override { return model_->vocab_size(); }
    [[nodiscard]] index                           max_tokens() const override { return model_->cache().max_tokens; }
    [[nodiscard]] std::unique_ptr<sequence_state> start() const override {
        return std::make_unique<state>(device_.make_cache(model_->cache()));
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
        auto                          x = model_->embed(p); // [n, width]
        for (auto const& layer : layers_) (*layer)(p, x);
        b.commit();
        auto const bound = std::size_t(std::clamp<index>(head_floats / model_->vocab_size(), 1, 512));
        for (std::size_t first = 0; first < rows.size(); first += bound) {
            auto const m      = std::min(bound, rows.size() - first);
            p.rows            = std::span(at).subspan(first, m);
            auto const picked = device_.select(x, p.rows); // [m, width]
            auto const logits = model_->head(p, picked);   // [m, vocab]
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

    void load(weights<B> const& from, std::unique_ptr<model> made) {
        model_ = std::move(made);
        for (index i = 0; i < model_->cache().layers; ++i) layers_.push_back(model_->load_layer(from, i));
    }
    // Translates what a pass shows for an observer that knows neither device nor batch.
    [[nodiscard]] linear_observer<device> shown(std::span<sequence_step const> steps) {
        std::vector<token_place> all; // of the batch's rows
        for (index s = 0; s < index(steps.size()); ++s) {
            for (index i = 0; i < index(steps[std::size_t(s)].tokens.size()); ++i) all.push_back({s, i});
        }
        return [this, all = std::move(all)](tensor_slot const& slot, typename device::tensor const& x,
                                            std::span<index const> rows) {
            std::vector<token_place> some;
            for (index const r : rows) some.push_back(all[std::size_t(r)]);
            observer_({slot, device_.to_host(x), rows.empty() ? all : some});
        };
    }

    device                                              device_;
    std::unique_ptr<model const>                        model_;
    std::vector<std::unique_ptr<typename model::block>> layers_;
    input_observer                                      observer_;
};

// A model under a scheme, from any tensor source:
//
//   qeval::thread_pool pool(threads);                        // outlives the model; kernels may share it
//   auto make = [&](qeval::tensor_view const& stored, qeval::tensor_slot const& slot)
//                   -> std::shared_ptr<qeval::linear const> { ... };   // slot.role, slot.layer, slot.name, slot.tied
//   auto model = qeval::make_decoder<qeval::llama>(qeval::cpu::host(pool, kv), config, source, make);
//
// kv is nullptr (f32) or &kv_format_for<kv_plain<f16>>(). The factory is called once for each matrix, its shape
// checked; a tied embedding once, as role embedding with slot.tied set. The source may go when the model is there,
// unless the factory's linears refer to its bytes.
template <class A, backend B>
[[nodiscard]] std::unique_ptr<decoder<B>> make_decoder(B device, typename A::config const& config, tensor_finder find,
                                                       typename weights<B>::factory make) {
    return std::make_unique<decoder<B>>(
        std::move(device),
        [&](B& d) { return std::make_unique<stored_weights<B>>(d, std::move(find), std::move(make)); },
        [&](weights<B> const& from) { return std::make_unique<model_as<A, B>>(config, from); });
}
template <class A, backend B, tensor_source Source>
[[nodiscard]] std::unique_ptr<decoder<B>> make_decoder(B device, typename A::config const& config, Source const& source,
                                                       typename weights<B>::factory make) {
    return make_decoder<A>(std::move(device), config, finder_in(source), std::move(make));
}

} // namespace qeval
