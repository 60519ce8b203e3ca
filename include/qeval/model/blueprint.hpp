// A model before its weights are read: an architecture with the sizes that a configuration gives it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <qeval/io/checkpoint/config_facts.hpp>
#include <qeval/model/causal_lm.hpp>
#include <qeval/model/decoder.hpp>
#include <qeval/model/describe.hpp>
#include <qeval/model/description.hpp>

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
    // Adds to what the checkpoint says that is left aside.
    void note(std::string what) { description_.facts.notes.push_back(std::move(what)); }

    [[nodiscard]] virtual std::unique_ptr<causal_lm> build(B device, tensor_finder find, factory make) const = 0;
    template <tensor_source Source>
    [[nodiscard]] std::unique_ptr<causal_lm> build(B device, Source const& source, factory make) const {
        return build(std::move(device), finder_in(source), std::move(make));
    }

private:
    model_description description_;
};

template <architecture A, backend B>
class blueprint_of final : public model_blueprint<B> {
public:
    using typename model_blueprint<B>::factory;
    using model_blueprint<B>::build;

    explicit blueprint_of(typename A::config config, config_facts facts = {})
        : model_blueprint<B>(with(describe<A>(config), std::move(facts))), config_(std::move(config)) {}

    [[nodiscard]] std::unique_ptr<causal_lm> build(B device, tensor_finder find, factory make) const override {
        return make_decoder<A>(std::move(device), config_, std::move(find), std::move(make));
    }

private:
    static model_description with(model_description d, config_facts facts) {
        d.facts = std::move(facts);
        return d;
    }

    typename A::config config_;
};

} // namespace qeval
