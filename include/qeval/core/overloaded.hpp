// Functions for the alternatives of a variant as one visitor: std::visit(overloaded{[](a const&) {}, ...}, variant).
#pragma once

namespace qeval {

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

} // namespace qeval
