// Every stock fit in blocks that no catalog has: wider than any with one scale in a file format, and of a size that is
// no power of two. What a fit keeps of a group has to grow with the group.
#pragma once

#include <bit>

#include <qeval/format.hpp>
#include <qeval/format/list.hpp>
#include <qeval/format/policy/code_book_search.hpp>
#include <qeval/format/policy/integer_fit.hpp>
#include <qeval/format/policy/nearest_product.hpp>
#include <qeval/format/policy/ternary.hpp>

namespace qeval_test {

template <class Geometry, class Levels, class Fit, class Offset = qeval::no_offset>
struct wide
    : qeval::format<"wide", Geometry, Levels, qeval::packing::neighbours<std::bit_width(unsigned(Levels::codes - 1))>,
                    qeval::scale<qeval::f16>, Offset, Fit> {};

namespace detail {

namespace fit = qeval::fit;
using qeval::format_list, qeval::join_t, qeval::minifloats, qeval::e4m3;

inline constexpr qeval::level_table wide_levels({-127, -96, -74, -57, -42, -29, -17, -6, 6, 17, 29, 42, 57, 74, 96,
                                                 127});
using uneven  = qeval::levels<wide_levels>;
using counts  = qeval::integers<4>;
using signed4 = qeval::integers<4, 8>;
using signed8 = qeval::twos_complement<8>;
using trits   = qeval::integers<2, 1>;

template <class Geometry>
using scaled =
    format_list<wide<Geometry, uneven, fit::absmax>, wide<Geometry, uneven, fit::absmax_reciprocal>,
                wide<Geometry, uneven, fit::least_squares_scale<7>>, wide<Geometry, uneven, fit::nearest_product>,
                wide<Geometry, signed4, fit::absmax_round_even>, wide<Geometry, signed8, fit::absmax_round_away>,
                wide<Geometry, signed4, fit::extreme_on_lowest>, wide<Geometry, signed4, fit::symmetric_range>,
                wide<Geometry, signed8, fit::f16_absmax_over_127>, wide<Geometry, trits, fit::absmean>,
                wide<Geometry, trits, fit::ternary>, wide<Geometry, minifloats<e4m3>, fit::absmax_element<e4m3>>,
                wide<Geometry, minifloats<e4m3>, fit::shared_exponent<e4m3>>>;
template <class Block>
using blocks = join_t<scaled<Block>, wide<Block, counts, fit::min_max, qeval::minimum<qeval::f16>>>;
template <class Geometry>
using planes = join_t<scaled<Geometry>, wide<Geometry, counts, fit::min_max_zero_point, qeval::zero_point<4>>,
                      wide<Geometry, counts, fit::zero_in_range, qeval::zero_point<4>>>;

} // namespace detail

using wide_formats =
    qeval::join_t<detail::blocks<qeval::block<96>>, detail::blocks<qeval::block<128>>,
                  detail::planes<qeval::group<640>>,
                  wide<qeval::block<qeval::most_weights_in_block>, detail::signed4, qeval::fit::extreme_on_lowest>>;

} // namespace qeval_test
