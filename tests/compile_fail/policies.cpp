// Policies that do not fit: a table that leaves codes without a level, and axes in the wrong order.
#include <qeval/format.hpp>
#include <qeval/pack/encode.hpp>

namespace mine {

namespace q = qeval;

inline constexpr q::level_table bell({-127, -96, -74, -57, -42, -29, -17, -6, 6, 17, 29, 42, 57, 74, 96, 127});

#if QEVAL_FAIL == 1
// expected-error-1: \[QF08\] the level table must fill every code of its packing
inline constexpr q::level_table fifteen({-127, -96, -74, -57, -42, -29, -17, 0, 17, 29, 42, 57, 74, 96, 127});
struct bell4 : q::format<"bell4", q::block<64>, q::levels<fifteen>, q::packing::split_nibbles, q::scale<q::bf16>> {};
#elif QEVAL_FAIL == 2
// expected-error-2: \[QF10\] .* second argument of 'format' .* 'block<64>'
struct bell4 : q::format<"bell4", q::levels<bell>, q::block<64>, q::packing::split_nibbles, q::scale<q::bf16>> {};
#elif QEVAL_FAIL == 3
// expected-error-3: \[QF11\] .* third argument of 'format' .* 'levels<table>'
struct bell4 : q::format<"bell4", q::block<64>, q::packing::split_nibbles, q::levels<bell>, q::scale<q::bf16>> {};
#elif QEVAL_FAIL == 4
// expected-error-4: \[QF12\] .* fourth argument of 'format' .* 'packing::split_nibbles'
struct bell4 : q::format<"bell4", q::block<64>, q::levels<bell>, q::scale<q::bf16>, q::packing::split_nibbles> {};
#elif QEVAL_FAIL == 5
// expected-error-5: \[QF13\] .* fifth argument of 'format' .* 'scale<bf16>'
struct bell4
    : q::format<"bell4", q::block<64>, q::levels<bell>, q::packing::split_nibbles, q::no_offset, q::scale<q::bf16>> {};
#elif QEVAL_FAIL == 6
// expected-error-6: \[QF14\] .* sixth argument of 'format' .* 'no_offset'
struct bell4
    : q::format<"bell4", q::block<64>, q::levels<bell>, q::packing::split_nibbles, q::scale<q::bf16>, q::fit::absmax> {
};
#elif QEVAL_FAIL == 7
// expected-error-7: \[QF15\] .* seventh argument of 'format' .* 'fit::absmax'
struct bell4 : q::format<"bell4", q::block<64>, q::levels<bell>, q::packing::split_nibbles, q::scale<q::bf16>,
                         q::no_offset, q::minimum<q::f16>> {};
#elif QEVAL_FAIL == 8
// expected-error-8: \[QF09\] zero points are stored in planes
struct bell4 : q::format<"bell4", q::block<64>, q::levels<bell>, q::packing::split_nibbles, q::scale<q::bf16>,
                         q::zero_point<4>> {};
#elif QEVAL_FAIL == 9
// expected-error-9: \[QF22\] a block holds a whole number of groups
struct bell4 : q::format<"bell4", q::block<64, 24>, q::levels<bell>, q::packing::split_nibbles, q::scale<q::bf16>> {};
#elif QEVAL_FAIL == 10
// expected-error-10: \[QF21\] a packing field has 1, 2, 4 or 8 bits
using three_bits = q::packing::planes<q::packing::field<3, 1>>;
struct bell4 : q::format<"bell4", q::block<64>, q::integers<3>, three_bits, q::scale<q::bf16>> {};
#elif QEVAL_FAIL == 11
// expected-error-11: \[QF23\] a block holds at most 1024 weights
struct bell4 : q::format<"bell4", q::block<2048>, q::levels<bell>, q::packing::split_nibbles, q::scale<q::bf16>> {};
#else
struct bell4 : q::format<"bell4", q::block<64>, q::levels<bell>, q::packing::split_nibbles, q::scale<q::bf16>> {};
static_assert(q::bits_per_weight<bell4> == 4.25);
#endif

} // namespace mine

int main() {
    float const weights[128] = {};
    auto const  packed       = qeval::pack<mine::bell4>(qeval::matrix_view<float const>(weights, 2, 64));
    return packed.rows() == 2 ? 0 : 1;
}
