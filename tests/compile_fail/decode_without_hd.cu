// A decode() that the device may not call: without the mandatory flag -Werror all-warnings the kernel would lose its
// body.
#include <cstdint>
#include <span>

#include <qeval/cuda.cuh>
#include <qeval/format.hpp>

#if QEVAL_FAIL == 1
// expected-error-1: calling a constexpr __host__ function.*decode.* from a __host__ __device__ function
#    define DEVICE constexpr
#elif QEVAL_FAIL == 2
// expected-error-2: calling a __host__ function.*decode.* from a __host__ __device__ function
#    define DEVICE
#else
#    define DEVICE QEVAL_HD constexpr
#endif

struct tern5 {
    static constexpr auto name       = "tern5";
    static constexpr int  block_size = 40;
    struct block_type {
        qeval::bf16  scale;
        std::uint8_t digits[8];
    };
    DEVICE static float decode(block_type const& b, int i) {
        int d = b.digits[i / 5];
        for (int k = i % 5; k > 0; --k) d /= 3;
        return b.scale.to_float() * float(d % 3 - 1);
    }
    static constexpr void encode(std::span<float const, 40>, block_type& b) { b = {}; }
};

void decode_all(qeval::packed_view<tern5> w, float* out) { qeval::cuda::decode(w, out); }
