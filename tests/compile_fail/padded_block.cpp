// Blocks go to disk byte for byte, so they have no padding.
#include <cstdint>
#include <span>

#include <qeval/format.hpp>
#include <qeval/pack/encode.hpp>

namespace mine {

namespace q = qeval;

struct pairs {
    static constexpr auto name       = "pairs";
    static constexpr int  block_size = 2;
    struct block_type {
#if QEVAL_FAIL == 1
        // expected-error-1: \[QF04\] block_type must be trivially copyable and free of padding
        std::uint8_t code;
        q::f32       scale;
#elif QEVAL_FAIL == 2
        // expected-error-2: \[QF04\] block_type must be trivially copyable and free of padding .* use q::f32 in place
        // of float
        float        scale;
        std::uint8_t code, unused[3];
#else
        q::f32       scale;
        std::uint8_t code, unused[3];
#endif
    };
    QEVAL_HD static constexpr float decode(block_type const& b, int i) {
        return q::value_of(b.scale) * float(b.code >> (4 * i) & 15);
    }
    static constexpr void encode(std::span<float const, 2>, block_type& b) { b = {}; }
};

} // namespace mine

int main() {
    float const weights[4] = {};
    auto const  packed     = qeval::pack<mine::pairs>(qeval::matrix_view<float const>(weights, 2, 2));
    return packed.rows() == 2 ? 0 : 1;
}
