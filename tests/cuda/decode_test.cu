// Decoding on the device gives the bits of the oracle on the host, for every format of the catalog and both odd ones.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <examples/bell4/bell4.hpp>
#include <examples/tern5/tern5.hpp>

#include <qeval/core/random.hpp>
#include <qeval/cuda.cuh>
#include <qeval/format/catalog.hpp>
#include <qeval/pack/packed_matrix.hpp>

static_assert(__cplusplus >= 202002L, "CMake 3.25 ignores CUDA_STANDARD 20: -std=c++20 must be said explicitly");

namespace {

using qeval::index;
using every_format = qeval::join_t<qeval::catalog, bell4, tern5>;

// Any bytes at all: every code, and scales that are zero, infinite, NaN and subnormal.
template <class F>
qeval::packed_matrix<F> random_bytes(index rows, index cols) {
    qeval::packed_matrix<F>    m(rows, cols);
    qeval::random_stream const draw(11);
    std::uint64_t              n    = 0;
    auto const                 fill = [&](std::byte* p, index count) {
        for (index i = 0; i < count; ++i) p[i] = static_cast<std::byte>(draw.bits(n++) & 255);
    };
    if constexpr (qeval::in_blocks<F>) {
        fill(reinterpret_cast<std::byte*>(m.blocks()), m.bytes());
    } else {
        for (std::size_t p = 0; p < std::size_t(qeval::packed_view<F>::plane_count); ++p) {
            auto const plane = m.plane(p);
            fill(plane.data(), static_cast<index>(plane.size()));
        }
    }
    return m;
}

bool same_value(float a, float b) { // NaNs need not carry the same bits
    return (a != a && b != b) || qeval::bit_cast<std::uint32_t>(a) == qeval::bit_cast<std::uint32_t>(b);
}

template <class F>
int differences(index rows, index cols) {
    auto const                 host   = random_bytes<F>(rows, cols);
    auto const                 device = qeval::cuda::upload(host);
    qeval::cuda::buffer<float> out(static_cast<std::size_t>(rows * cols));
    std::vector<float>         values(out.size(), -12345.0f);
    qeval::cuda::decode(device.view(), out.data());
    out.download(values);
    int wrong = 0;
    for (index i = 0; i < rows * cols; ++i) {
        float const expected = host(i / cols, i % cols), found = values[static_cast<std::size_t>(i)];
        if (same_value(expected, found)) continue;
        if (++wrong == 1) {
            std::printf("%.*s %lld x %lld, weight %lld: device %a, oracle %a\n",
                        static_cast<int>(qeval::name_of<F>().size()), qeval::name_of<F>().data(),
                        static_cast<long long>(rows), static_cast<long long>(cols), static_cast<long long>(i),
                        static_cast<double>(found), static_cast<double>(expected));
        }
    }
    return wrong;
}

} // namespace

int main() {
    if (auto const reason = qeval::cuda::why_no_device(); !reason.empty()) {
        std::printf("SKIPPED: %s\n", reason.c_str());
        return std::getenv("QEVAL_REQUIRE_GPU") != nullptr ? 1 : 77;
    }
    int wrong = 0, formats = 0;
    qeval::for_each_format(every_format{}, [&](auto tag) {
        using F = typename decltype(tag)::type;
        for (qeval::index cols : {1, 40, 172, 256, 1000}) wrong += differences<F>(17, cols);
        ++formats;
    });
    std::printf("%d formats, %d weights differ\n", formats, wrong);
    return wrong == 0 ? 0 : 1;
}
