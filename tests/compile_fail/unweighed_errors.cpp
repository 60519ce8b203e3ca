// Importance for an encoder that has no use for it is refused, not ignored.
#include <qeval/format/catalog/q4_0.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/pack/encode.hpp>

int main() {
    float const                           weights[64] = {}, importance[32] = {};
    qeval::thread_pool                    pool(1);
    qeval::matrix_view<float const> const w(weights, 2, 32);
#if QEVAL_FAIL == 1
    // expected-error-1: \[QF40\] this format's encoder weighs no errors
    auto const packed = qeval::pack<qeval::q8_0>(w, importance, pool);
#else
    auto const packed = qeval::pack<qeval::q4_0>(w, importance, pool);
#endif
    return packed.rows() == 2 ? 0 : 1;
}
