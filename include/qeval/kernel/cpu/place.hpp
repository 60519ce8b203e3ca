// From a packed matrix to the linear that multiplies with it as it was asked for: the path is chosen here.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/any_packed.hpp>
#include <qeval/kernel/cpu/matrix_kernels.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/kernel/multiply_how.hpp>
#include <qeval/kernel/outlier_linear.hpp>
#include <qeval/kernel/reordered_linear.hpp>
#include <qeval/kernel/rounded_linear.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// The matrix as a linear on a path; it gives its bytes away. The integer path: integer_fits() says whether.
template <class Path>
[[nodiscard]] std::unique_ptr<linear> take(any_packed& w, Path path, thread_pool& pool) {
    std::string name(w.format());
    return std::make_unique<path_linear<Path>>(w.on_cpu().take(), std::move(name), path, pool);
}
// The same in the kernel layout, from a copy; nullptr where the format has none.
template <class Path>
[[nodiscard]] std::unique_ptr<linear> interleaved(any_packed const& w, Path path, thread_pool& pool) {
    auto weights = w.on_cpu().interleaved(pool);
    if (weights == nullptr) return nullptr;
    return std::make_unique<path_linear<Path>>(std::move(weights), std::string(w.format()), path, pool);
}

static_assert(
    [] {
        bool all = true;
        for_each_activation(activation_formats{}, [&](auto tag) {
            auto const g = any_activation_of<typename decltype(tag)::type>.integer_group;
            all          = all && (!g || static_cast<int>(group_of(*g)) == *g);
        });
        return all;
    }(),
    "qeval: an activation format has codes in groups that the integer path does not know: add them to "
    "activation_group");

// Whether the integer path takes the matrix, if it was asked for.
[[nodiscard]] inline bool follows(any_packed const& w, multiply_how const& how) {
    return !how.asks_for_integers() || w.on_cpu().integer_fits();
}

namespace detail {

// Inputs that the matrix has no integer path for are rounded and then multiplied exactly. The kernel layout is
// taken where it is wished for and the format has one: it is as large, as quick for many tokens, and quicker for one.
[[nodiscard]] inline std::unique_ptr<linear> place_as_stored(any_packed& w, multiply_how const& how,
                                                             thread_pool& pool) {
    auto const on = [&](auto path) {
        auto made = how.for_one_token ? interleaved(w, path, pool) : nullptr;
        return made ? std::move(made) : take(w, path, pool);
    };
    if (auto const threshold = w.outlier_threshold(); threshold && how.outliers) {
        std::string name(w.format());
        auto        weights = w.on_cpu().take();
        auto const* values  = weights.get();
        auto        base    = std::make_unique<path_linear<integer_path>>(std::move(weights), std::move(name),
                                                                integer_path{activation_group::token}, pool);
        return std::make_unique<outlier_linear>(
            std::move(base), [values](index r, index k) { return values->weight(r, k); }, *threshold, *how.outliers,
            pool);
    }
    if (how.asks_for_integers() && follows(w, how)) return on(integer_path{group_of(*how.input->integer_group)});
    if (how.input != nullptr) return std::make_unique<rounded_linear>(on(exact_path{}), *how.input, pool);
    if (how.prescribed != nullptr)
        return std::make_unique<rounded_linear>(on(exact_path{}), *how.prescribed, how.numbers, pool);
    // Without the instruction its arithmetic is slower than the exact path's on rounded operands; the kernel's name
    // tells.
    if (has_bf16_dot && how.compute == compute_type::bf16) return on(bf16_path{how.compute});
    return on(exact_path{how.compute});
}

} // namespace detail

// The matrix as the linear that was asked for; it gives its bytes away.
[[nodiscard]] inline std::unique_ptr<linear> place(any_packed& w, multiply_how const& how, thread_pool& pool) {
    auto const order = w.order();
    auto       made  = detail::place_as_stored(w, how, pool);
    if (order) return std::make_unique<reordered_linear>(std::move(made), order, pool);
    return made;
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
