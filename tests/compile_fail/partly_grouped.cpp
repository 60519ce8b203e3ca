// code, level and group belong together: with one or two of them the message names a missing one.
#include <cstdint>
#include <span>

#include <qeval/format.hpp>
#include <qeval/pack/encode.hpp>

#if QEVAL_FAIL == 1
// expected-error-1: \[QF05\] .* needs 'static constexpr unsigned code\(block_type const&, int i\)' too
#    define LEVEL
#    define GROUP
#elif QEVAL_FAIL == 2
// expected-error-2: \[QF05\] .* needs 'static constexpr float level\(unsigned code\)' too
#    define CODE
#    define GROUP
#elif QEVAL_FAIL == 3
// expected-error-3: \[QF05\] .* needs 'static constexpr qeval::affine group\(block_type const&, int g\)' too
#    define CODE
#    define LEVEL
#elif QEVAL_FAIL == 4
// expected-error-4: \[QF05\] .* needs 'static constexpr float level\(unsigned code\)' too
#    define CODE
#elif QEVAL_FAIL == 5
// expected-error-5: \[QF05\] .* needs 'static constexpr unsigned code\(block_type const&, int i\)' too
#    define LEVEL
#elif QEVAL_FAIL == 6
// expected-error-6: \[QF05\] .* needs 'static constexpr unsigned code\(block_type const&, int i\)' too
#    define GROUP
#else
#    define CODE
#    define LEVEL
#    define GROUP
#endif

namespace mine {

namespace q = qeval;

struct nibbles {
    static constexpr auto name       = "nibbles";
    static constexpr int  block_size = 16;
    struct block_type {
        q::f16       scale;
        std::uint8_t codes[8];
    };
#ifdef CODE
    QEVAL_HD static constexpr unsigned code(block_type const& b, int i) {
        return b.codes[i / 2] >> (4 * (i % 2)) & 15u;
    }
#endif
#ifdef LEVEL
    QEVAL_HD static constexpr float level(unsigned c) { return float(int(c) - 8); }
#endif
#ifdef GROUP
    QEVAL_HD static constexpr q::affine group(block_type const& b, int) { return {b.scale.to_float()}; }
#endif
#if QEVAL_FAIL == 3
    // decode() beside two of the three does not help: kernels would take the wrong path
    QEVAL_HD static constexpr float decode(block_type const& b, int i) {
        return b.scale.to_float() * float(code(b, i));
    }
#endif
    static constexpr void encode(std::span<float const, 16>, block_type& b) { b = {}; }
};

} // namespace mine

int main() {
    float const weights[32] = {};
    auto const  packed      = qeval::pack<mine::nibbles>(qeval::matrix_view<float const>(weights, 2, 16));
    return packed.rows() == 2 ? 0 : 1;
}
