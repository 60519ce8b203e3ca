// Where the bytes of a matrix in a format lie, and how many there are.
// Also tests encode.hpp, encode_planes.hpp, decode.hpp, packed_view.hpp, number_matrix.hpp.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <examples/tern5/tern5.hpp>
#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/pack/decode.hpp>
#include <qeval/pack/encode.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace {

using qeval::index;
using qeval::matrix_view;

std::vector<float> noise(index n) {
    qeval::random_stream const draw(9);
    std::vector<float>         x(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(draw.uniform(i) - 0.5);
    return x;
}

TEST_CASE("planes are aligned, do not overlap and add up to the stored bytes") {
    qeval::for_each_format(qeval::catalog{}, [](auto tag) {
        using F = typename decltype(tag)::type;
        if constexpr (qeval::in_planes<F>) {
            for (index rows : {1, 3, 17}) {
                for (index cols : {1, 40, 129, 256}) {
                    INFO(qeval::name_of<F>() << ' ' << rows << " x " << cols);
                    qeval::packed_matrix<F> m(rows, cols);
                    index                   sum = 0;
                    std::byte const*        end = nullptr;
                    for (std::size_t p = 0; p < std::size_t(qeval::packed_view<F>::plane_count); ++p) {
                        auto const plane = m.plane(p);
                        CHECK(reinterpret_cast<std::uintptr_t>(plane.data()) % qeval::aligned_bytes::alignment == 0);
                        CHECK((end == nullptr || end <= plane.data()));
                        end = plane.data() + plane.size();
                        sum += static_cast<index>(plane.size());
                    }
                    CHECK(sum == m.bytes());
                }
            }
        }
    });
}

TEST_CASE("the planes of double-quantized NF4 have the sizes bitsandbytes stores") {
    auto const planes = qeval::packed_view<qeval::nf4_dq>::planes(64, 1024); // 65536 weights, 1024 blocks, 4 nested
    REQUIRE(planes.size() == 4);
    CHECK((planes[0].name == "codes" && planes[0].element_bytes * planes[0].count == 32768));
    CHECK((planes[1].name == "absmax" && planes[1].element_bytes * planes[1].count == 1024));
    CHECK((planes[2].name == "nested_absmax" && planes[2].element_bytes * planes[2].count == 16));
    CHECK((planes[3].name == "nested_offset" && planes[3].element_bytes * planes[3].count == 4));
}

TEST_CASE("forty weights a block, any number of columns") {
    qeval::thread_pool pool(2);
    for (index cols : {1, 39, 40, 41, 100, 256}) {
        INFO(cols << " columns");
        auto const w      = noise(3 * cols);
        auto const packed = qeval::pack<tern5>(matrix_view<float const>(w.data(), 3, cols), pool);
        CHECK(packed.bytes() == 3 * ((cols + 39) / 40) * 10);
        std::vector<float> out(w.size());
        qeval::unpack(packed.view(), matrix_view<float>(out.data(), 3, cols), pool);
        for (index i = 0; i < 3 * cols; ++i) {
            auto const at = static_cast<std::size_t>(i);
            CHECK(out[at] == packed(i / cols, i % cols));
            CHECK(std::abs(out[at]) <= 0.502f); // 0, or the largest magnitude of the block
            CHECK((out[at] == 0 || (out[at] > 0) == (w[at] > 0)));
        }
    }
}

TEST_CASE("an empty matrix has no bytes") {
    qeval::for_each_format(qeval::catalog{}, [](auto tag) {
        using F           = typename decltype(tag)::type;
        float const w     = 0;
        auto const  empty = qeval::pack<F>(matrix_view<float const>(&w, 0, 64));
        INFO(qeval::name_of<F>());
        CHECK(empty.rows() == 0);
        CHECK(qeval::packed_bytes<F>(0, 64) <= 4); // the offset of double quantization belongs to the tensor
    });
}

TEST_CASE("weights that are NaN or infinite are encoded without harm to other blocks") {
    constexpr index cols = 512;
    for (float bad : {NAN, INFINITY, -INFINITY, 3e38f}) {
        auto w        = noise(2 * cols);
        w[cols + 300] = bad; // row 1
        qeval::for_each_format(qeval::join_t<qeval::catalog, tern5>{}, [&](auto tag) {
            using F           = typename decltype(tag)::type;
            auto const packed = qeval::pack<F>(matrix_view<float const>(w.data(), 2, cols));
            auto const clean  = qeval::pack<F>(matrix_view<float const>(w.data(), 1, cols));
            INFO(qeval::name_of<F>() << " with " << bad);
            if constexpr (!requires {
                              requires F::scale_type::plane_count >
                              1;
                          }) { // one mean absmax for the tensor
                for (index c = 0; c < cols; ++c) {
                    float const a = packed(0, c), b = clean(0, c);
                    CHECK(std::memcmp(&a, &b, 4) == 0);
                }
            }
        });
    }
}

} // namespace
