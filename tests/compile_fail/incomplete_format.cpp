// A hand-written format that leaves something out: the message says what to write.
#include <cstdint>
#include <span>

#include <qeval/format.hpp>
#include <qeval/pack/encode.hpp>

namespace mine {

namespace q = qeval;

struct tern5 {
#if QEVAL_FAIL == 1
    // expected-error-1: \[QF01\] a quant format needs 'struct block_type'
    struct blocktype {
#else
    struct block_type {
#endif
        q::bf16      scale;
        std::uint8_t digits[8];
    };
#if QEVAL_FAIL == 1
    using bytes = blocktype;
#else
    using bytes                                = block_type;
#endif

#if QEVAL_FAIL == 2
    // expected-error-2: \[QF02\] a quant format needs 'static constexpr auto name'
#else
    static constexpr auto           name       = "tern5";
#endif

#if QEVAL_FAIL == 3
    // expected-error-3: \[QF03\] a quant format needs 'static constexpr int block_size'
#else
    static constexpr int            block_size = 40;
#endif

#if QEVAL_FAIL == 4
    // expected-error-4: \[QF06\] a quant format needs 'static constexpr float decode\(block_type const&, int i\)'
#else
    QEVAL_HD static constexpr float decode(bytes const& b, int i) {
        int d = b.digits[i / 5];
        for (int k = i % 5; k > 0; --k) d /= 3;
        return b.scale.to_float() * float(d % 3 - 1);
    }
#endif

#if QEVAL_FAIL == 5
    // expected-error-5: \[QF07\] a quant format needs 'static void encode\(std::span<float const, block_size>,
    // block_type&\)'
#else
    static constexpr void encode(std::span<float const, 40> w, bytes& b) {
        b             = {q::bf16::from(q::max_abs(w)), {}};
        float const h = 0.5f * b.scale.to_float();
        for (int i = 39; i >= 0; --i) {
            float const x   = w[std::size_t(i)];
            b.digits[i / 5] = std::uint8_t(3 * b.digits[i / 5] + (x > h ? 2 : x < -h ? 0 : 1));
        }
    }
#endif
};

} // namespace mine

int main() {
    float const weights[80] = {};
    auto const  packed      = qeval::pack<mine::tern5>(qeval::matrix_view<float const>(weights, 2, 40));
    return packed.rows() == 2 ? 0 : 1;
}
