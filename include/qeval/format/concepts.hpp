// What a quantization format must offer, one named requirement at a time.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include <qeval/core/fixed_string.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/affine.hpp>
#include <qeval/format/block_lanes.hpp>

namespace qeval {

// A format keeps its data either as one struct per block of a row (`block_type`) or as planes per tensor (`cell_type`
// is the set of pointers into them). Both are called a cell: what decode() needs to know a weight.
template <class F>
concept in_blocks = requires {
    typename F::block_type;
};
template <class F>
concept in_planes = requires {
    typename F::cell_type;
};

namespace detail {
template <class F>
struct cell_of {
    using type = void;
};
template <in_blocks F>
struct cell_of<F> {
    using type = typename F::block_type;
};
template <in_planes F>
struct cell_of<F> {
    using type = typename F::cell_type;
};
} // namespace detail
template <class F>
using cell_of = typename detail::cell_of<F>::type;

template <class F>
concept named = requires {
    { F::name.view() } -> std::same_as<std::string_view>;
}
|| requires { {std::string_view{F::name}}; };
template <class F>
concept sized = in_planes<F> || requires {
    requires std::integral<std::remove_cvref_t<decltype(F::block_size)>>;
};

// Encoders keep a few arrays of a block's weights, each in as many copies as a vector has lanes, on the stack of a
// thread: 0.6 KiB a weight with AVX-512. Of a plane's group they keep nothing there.
inline constexpr int most_weights_in_block = 1024;

template <class F>
concept short_blocks = in_planes<F> || F::block_size <= most_weights_in_block;

// The bytes of a block go to disk as they are: trivially copyable, no padding.
template <class F>
concept plain_cell = in_planes<F> ||
    (in_blocks<F>&& std::is_trivially_copyable_v<cell_of<F>>&& std::has_unique_object_representations_v<cell_of<F>>);

// The three questions about a cell. Weight i has value group(cell, g)(level(code(cell, i))).
template <class F>
concept has_code = requires(cell_of<F> const& c, int i) {
    { F::code(c, i) } -> std::convertible_to<unsigned>;
};
template <class F>
concept has_level = requires(unsigned c) {
    { F::level(c) } -> std::same_as<float>;
};
template <class F>
concept has_group = requires(cell_of<F> const& c, int g) {
    { F::group(c, g) } -> std::same_as<affine>;
};
template <class F>
concept has_decode = requires(cell_of<F> const& c, int i) {
    { F::decode(c, i) } -> std::same_as<float>;
};
template <class F>
concept grouped = has_code<F> && has_level<F> && has_group<F>;
template <class F>
concept partly_grouped = (has_code<F> || has_level<F> || has_group<F>)&&!grouped<F>;
template <class F>
concept decodes = grouped<F> || has_decode<F>;

// An encoder is written over lanes, each with a block of its own, or for one block.
template <class F, class V>
concept encodes_lanes = in_blocks<F> && requires(block_lanes<cell_of<F>, V> const& b) {
    F::encode(b);
};
template <class F>
concept encodes_block = in_blocks<F> && requires(std::span<float const, std::size_t(F::block_size)> w, cell_of<F>& b) {
    F::encode(w, b);
};
template <class F>
concept encodes = in_planes<F> || encodes_lanes<F, float> || encodes_block<F>;
// Its encoder can weigh the error of each weight.
template <class F>
concept takes_importance = in_blocks<F> &&
    requires(block_lanes<cell_of<F>, float> const& b, importance_lanes<float> const& i) {
    F::encode(b, i);
};

template <class F>
concept quant_format = (in_blocks<F> || in_planes<F>)&&named<F>&& sized<F>&& short_blocks<F>&& plain_cell<F> &&
                       !partly_grouped<F> && decodes<F> && encodes<F>;

} // namespace qeval
