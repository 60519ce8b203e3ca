// A model before its weights are read: an architecture with the sizes that a configuration gives it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <qeval/io/checkpoint/config_facts.hpp>
#include <qeval/model/any_model.hpp>
#include <qeval/model/causal_lm.hpp>
#include <qeval/model/decoder.hpp>
#include <qeval/model/describe.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

// Whatever its architecture: what the model is, and how to build it on a device.
template <backend B>
class model_blueprint {
public:
    using factory = typename weights<B>::factory;

    explicit model_blueprint(model_description d) : description_(std::move(d)) {}
    model_blueprint(model_blueprint const&)            = delete;
    model_blueprint& operator=(model_blueprint const&) = delete;
    virtual ~model_blueprint()                         = default;

    [[nodiscard]] model_description const& description() const { return description_; }
    // Who has quantized the checkpoint's weights.
    void quantized_by(std::string who) { description_.facts.quantized_by = std::move(who); }
    // Adds to what the checkpoint says that is left aside.
    void note(std::string what) { description_.facts.notes.push_back(std::move(what)); }

    [[nodiscard]] std::unique_ptr<causal_lm> build(B device, tensor_finder find, factory make) const {
        return std::make_unique<decoder<B>>(
            std::move(device),
            [&](B& d) { return std::make_unique<stored_weights<B>>(d, std::move(find), std::move(make)); },
            [&](weights<B> const& from) { return model(from); });
    }
    template <tensor_source Source>
    [[nodiscard]] std::unique_ptr<causal_lm> build(B device, Source const& source, factory make) const {
        return build(std::move(device), finder_in(source), std::move(make));
    }

private:
    [[nodiscard]] virtual std::unique_ptr<any_model<B>> model(weights<B> const& from) const = 0;

    model_description description_;
};

template <architecture A, backend B>
class blueprint_of final : public model_blueprint<B> {
public:
    explicit blueprint_of(typename A::config config, config_facts facts = {})
        : model_blueprint<B>(with(describe<A>(config), std::move(facts))), config_(std::move(config)) {}

private:
    [[nodiscard]] std::unique_ptr<any_model<B>> model(weights<B> const& from) const override {
        return std::make_unique<model_as<A, B>>(config_, from);
    }
    static model_description with(model_description d, config_facts facts) {
        d.facts = std::move(facts);
        return d;
    }

    typename A::config config_;
};

} // namespace qeval
