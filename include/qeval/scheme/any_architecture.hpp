// An architecture behind a plain interface, so that what learns its name from a file is compiled once for a device. The
// counterpart of any_format.
#pragma once

#include <memory>
#include <utility>

#include <qeval/io/checkpoint/config_facts.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/model/blueprint.hpp>
#include <qeval/model/explain_architecture.hpp>

namespace qeval {

template <backend B>
class any_architecture {
public:
    virtual ~any_architecture() = default;

    [[nodiscard]] virtual architecture_name const& names() const      = 0;
    [[nodiscard]] virtual tensor_names             gguf_names() const = 0;
    // Whether a file with its name holds it, where several have that name.
    [[nodiscard]] virtual bool accepts(config_reader const& r) const = 0;
    // From the configuration of a file that holds this architecture.
    [[nodiscard]] virtual std::unique_ptr<model_blueprint<B>> read(config_reader const& r) const = 0;
};

template <architecture A, backend B>
class architecture_as final : public any_architecture<B> {
public:
    [[nodiscard]] architecture_name const& names() const override { return A::names; }
    [[nodiscard]] tensor_names             gguf_names() const override { return A::gguf_names; }
    [[nodiscard]] bool                     accepts(config_reader const& r) const override {
        if constexpr (requires { A::accepts(r); }) {
                                return A::accepts(r);
        } else {
                                return true;
        }
    }
    [[nodiscard]] std::unique_ptr<model_blueprint<B>> read(config_reader const& r) const override {
        auto       config = A::read(r);
        auto const d      = describe<A>(config);
        return std::make_unique<blueprint_of<A, B>>(std::move(config), read_facts(r, d.vocab_size));
    }
};

// nullptr, with an explanation from the compiler, where A is no architecture.
template <class A, backend B>
[[nodiscard]] any_architecture<B> const* any_architecture_of() {
    static_assert(explain_architecture<A>());
    if constexpr (architecture<A>) {
        static architecture_as<A, B> const one;
        return &one;
    } else {
        return nullptr;
    }
}

} // namespace qeval
