// A scheme as a type: struct w8a8 : scheme<"W8A8", weights_in<int8_sym>, activations<int8_token>, kv<f16>> {};
#pragma once

#include <string>

#include <qeval/core/fixed_string.hpp>
#include <qeval/core/half.hpp>
#include <qeval/format/activation.hpp>
#include <qeval/format/list.hpp>
#include <qeval/kernel/compute.hpp>
#include <qeval/scheme/spec.hpp>

namespace qeval {

// The parts of a scheme, each optional but weights, in any order.
template <class Format>
struct weights_in { // linear layers in Format; embedding and head in 16 bits
    static void apply(scheme_spec& s) { s.weights = detail::lower(name_of<Format>()); }
};
template <activation_format Activation>
struct activations {
    static void apply(scheme_spec& s) { s.activations = &any_activation_of<Activation>; }
};
template <class Number>
struct kv {
    static void apply(scheme_spec& s) {
        if constexpr (__is_same(Number, f16))
            s.kv = "f16";
        else if constexpr (__is_same(Number, bf16))
            s.kv = "bf16";
        else
            s.kv = detail::lower(name_of<Number>());
    }
};
template <compute_type Type>
struct compute {
    static void apply(scheme_spec& s) { s.compute = Type; }
};

template <fixed_string Name, class... Parts>
struct scheme {
    static constexpr fixed_string    name = Name;
    [[nodiscard]] static scheme_spec spec() {
        scheme_spec s;
        s.name = std::string(Name.view());
        (Parts::apply(s), ...);
        return s;
    }
};

} // namespace qeval
