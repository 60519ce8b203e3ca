// Where a model's arithmetic happens. Architectures are written once against these operations; tensors stay opaque, so
// that they may live on a device.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/kernel/any_packed.hpp>
#include <qeval/kernel/multiply_how.hpp>
#include <qeval/model/batch.hpp>
#include <qeval/model/kv_format.hpp>
#include <qeval/model/logit_rows.hpp>
#include <qeval/model/shape.hpp>

namespace qeval {

template <class B>
concept backend = std::copyable<B> &&
    requires(B& b, typename B::tensor& x, typename B::tensor const& cx, typename B::input& in,
             typename B::matrix const& w, typename B::vector const& v, typename B::cache& cache,
             batch<typename B::cache> const& step, std::span<float const> floats, std::span<token const> ids,
             std::span<index const> rows, attention_shape const& shape, std::span<logit_target const> targets,
             std::span<kept_row const> kept, std::unique_ptr<any_packed> packed, multiply_how const& how,
             kv_format const* kv, index size, float number, std::span<typename B::tensor const> tensors) {
    // Weights. place() takes the matrix over; where the device does not follow what is asked, inputs are rounded and
    // then multiplied as numbers.
    { b.place(std::move(packed), how) } -> std::same_as<typename B::matrix>;
    { b.follows(*packed, how) } -> std::same_as<bool>;
    { b.kernel(w) } -> std::convertible_to<std::string_view>; // what reports call it
    { b.upload(floats) } -> std::same_as<typename B::vector>;
    // Caches. A backend is a handle: copies are the same device.
    { b.keeping(kv) } -> std::same_as<B>; // whose new caches store rows in that format; nullptr: as they are computed
    { b.make_cache(cache_shape{}) } -> std::same_as<typename B::cache>;
    { b.cache_bytes(cache_shape{}, index{}) } -> std::same_as<std::uint64_t>; // of one sequence of so many tokens
    { cache.fork(index{}) } -> std::same_as<typename B::cache>; // the first n tokens, shared until one side writes
    // Activations, [n, width] each.
    { b.embed(w, ids) } -> std::same_as<typename B::tensor>;
    {
        b.rms_norm(cx, v, float{})
        } -> std::same_as<typename B::input>; // refers to the tensor, which must stay as it is meanwhile
    { b.layer_norm(cx, v, v, float{}) } -> std::same_as<typename B::input>; // weight, bias; likewise
    { b.prepare(std::move(x)) } -> std::same_as<typename B::input>; // of several matrices, quantized once for each kind
    { b.multiply(in, w) } -> std::same_as<typename B::tensor>;      // x W^T
    { b.multiply_gated(in, w, w, gate_fn{}) } -> std::same_as<typename B::tensor>; // gate(x W^T, x U^T)
    b.add_bias(x, v);
    b.add(x, cx);
    b.scale(x, number);
    b.soft_cap(x, number);          // x <- number * tanh(x / number)
    b.multiply_rows(x, cx);         // every row of x by the one number of that row of cx [n, 1]
    b.gate(x, cx, gate_fn{});       // x <- gate(x, cx)
    b.activate(x, activation_fn{}); // every number
    b.add_positions(x, v, step);    // x <- x + the row of v, [positions, width], of each token's position
    // Normalises groups of `size` columns; the weight is that of a group, or [width], each group having its own.
    b.rms_norm_groups(x, size, v, number);
    b.layer_norm_groups(x, size, v, number);
    { b.columns(cx, column_pieces{}) } -> std::same_as<typename B::tensor>; // one piece behind the other
    // Heads of size + other columns: those of cx, behind each the head of the other, or its only one.
    { b.join_heads(cx, size, cx, size) } -> std::same_as<typename B::tensor>;
    { b.join(tensors) } -> std::same_as<typename B::tensor>; // the columns of all, one behind the other
    b.rotate(x, size, rotary{}, step);
    b.append(size, cx, cx, step); // keys and values of a layer
    {
        b.attend(size, cx, shape, step, &v)
        } -> std::same_as<typename B::tensor>; // v: [heads] or nullptr, a score of nothing
    { b.select(cx, rows) } -> std::same_as<typename B::tensor>;
    { b.select(in, rows) } -> std::same_as<typename B::input>;
    // Mixtures of experts. Logits are [n, experts]; a bias takes part in the choice and not in the weights.
    { b.route(cx, routing_rule{}, &v) } -> std::same_as<std::vector<expert_share>>; // of each expert
    { b.zeros(size, size) } -> std::same_as<typename B::tensor>;
    b.add_rows(x, cx, expert_share{}); // rows of x += weight * rows of cx
    // What is asked of logits, [n, vocabulary]: see logit_rows.
    { b.summarize(cx, targets, exponentials{}) } -> std::same_as<std::vector<logit_summary>>;
    { b.diverge(cx, targets, kept) } -> std::same_as<std::vector<logit_divergence>>;
    { b.to_host(cx) } -> std::convertible_to<matrix_view<float const>>;
};

} // namespace qeval
