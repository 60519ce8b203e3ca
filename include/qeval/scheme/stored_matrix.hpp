// A stored tensor as numbers: in place where the file keeps numbers, else decoded, whatever format of the program it is
// in.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/name.hpp>
#include <qeval/io/tensor/finite_scan.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/kernel/cpu/reordered_packed.hpp>
#include <qeval/pack/number_matrix.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval {

// The bytes of a tensor, which are put in order first where they are not there yet.
[[nodiscard]] inline made_tensor laid_bytes(tensor_view const& t) {
    return t.maker ? t.maker->make() : made_tensor{t.bytes, t.memory};
}
// A matrix of the file, where it lies if that can be.
[[nodiscard]] inline std::unique_ptr<any_packed> stored_matrix(any_format const& format, tensor_view const& t) {
    auto const made   = laid_bytes(t);
    auto       matrix = format.read(made.bytes, t.shape[0], t.shape[1], t.place(), made.memory);
    if (made.order) return std::make_unique<reordered_packed>(std::move(matrix), made.order);
    return matrix;
}
// Refuses NaN and infinity, a piece of the matrix at a time.
inline void check_numbers(tensor_view const& t, any_packed const& w, thread_pool& pool) {
    if (w.finite(pool)) return;
    bool const numbers = t.type.size() > 0 && (t.type[0] == 'F' || t.type[0] == 'B');
    check_finite(
        t, numbers ? "ST32" : "GG24", [&](index first, std::span<float> out) { w.decode(first, out); }, pool);
}

// [rows, cols] of a 2-d tensor; refuses NaN and infinity unless told otherwise.
[[nodiscard]] inline std::vector<float> matrix_floats(format_table const& formats, tensor_view const& t,
                                                      thread_pool& pool, bool allow_nonfinite) {
    index const        rows = t.shape[0], cols = t.shape[1];
    std::vector<float> values(static_cast<std::size_t>(rows * cols));
    auto const         stored = stored_matrix(*formats.stored(t), t);
    if (!allow_nonfinite) check_numbers(t, *stored, pool);
    stored->unpack({values.data(), rows, cols}, pool);
    return values;
}

// [rows, cols] of a 2-d tensor where it lies in the file, or nothing: packed weights, and numbers that are not aligned.
[[nodiscard]] inline std::optional<number_matrix> stored_numbers(tensor_view const& t) {
    auto const as = [&]<class Number>(Number const*) -> std::optional<number_matrix> {
        bool const whole = t.count() * static_cast<index>(sizeof(Number)) == static_cast<index>(t.bytes.size());
        if (!whole || reinterpret_cast<std::uintptr_t>(t.bytes.data()) % alignof(Number) != 0) return std::nullopt;
        return number_matrix(
            matrix_view<Number const>(reinterpret_cast<Number const*>(t.bytes.data()), t.shape[0], t.shape[1]));
    };
    if (same_name(t.type, name_of<dense_f32>())) return as(static_cast<float const*>(nullptr));
    if (same_name(t.type, name_of<dense_f16>())) return as(static_cast<f16 const*>(nullptr));
    if (same_name(t.type, name_of<dense_bf16>())) return as(static_cast<bf16 const*>(nullptr));
    return std::nullopt;
}
// Refuses NaN and infinity.
inline void check_numbers(tensor_view const& t, number_matrix const& w, thread_pool& pool) {
    std::atomic<bool> finite{true};
    pool.for_chunks(w.rows() * w.cols(), 65536, [&](index first, index last) {
        w.visit(w.at(0, first), [&](auto const* x) {
            if (!all_finite(std::span(x, static_cast<std::size_t>(last - first)))) finite = false;
        });
    });
    if (finite) return;
    check_finite(
        t, "ST32",
        [&](index first, std::span<float> out) {
            w.visit(w.at(0, first), [&](auto const* x) {
                for (std::size_t i = 0; i < out.size(); ++i) out[i] = value_of(x[i]);
            });
        },
        pool);
}

} // namespace qeval
