// not for nvcc: the CPU kernels include xsimd
// Weights that nobody has packed: matmul names what is missing.
#include <vector>

#include <qeval/format/catalog/q4_0.hpp>
#include <qeval/matmul.hpp>

int main() {
    xt::xtensor<float, 2> const w({2, 32}, 1.0f);
    xt::xtensor<float, 1> const x({32}, 1.0f);
#if QEVAL_FAIL == 1
    // expected-error-1: pack_the_weights_first
    auto const y = qeval::cpu::matmul(w, x);
#elif QEVAL_FAIL == 2
    // expected-error-2: pack_the_weights_first
    auto const y = qeval::cpu::matmul(qeval::as_view(w), x);
#else
    auto const y = qeval::cpu::matmul(qeval::pack<qeval::q4_0>(w), x);
#endif
    return y(0) > 0 ? 0 : 1;
}
