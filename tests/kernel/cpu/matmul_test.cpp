// The public entry: y = x W^T for vectors and matrices, on both paths, in odd shapes.
// Also tests packed_linear.hpp, panel/panel.hpp, panel/panel_writer.hpp, panel/unpack_panel.hpp,
// panel/block_unpack.hpp, panel/interleaved_panel.hpp, product/exact.hpp, product/integer.hpp, token/token_kernels.hpp,
// token/token_tiles.hpp, token/dense_gemv.hpp, token/exact_gemv.hpp, token/plane_gemv.hpp, token/integer_gemv.hpp,
// token/plane_integer_gemv.hpp, token/integer_activation.hpp, weight/code_lanes.hpp, weight/plane_codes.hpp,
// weight/row_groups.hpp, weight/vector_levels.hpp, weight/lane_weight.hpp, weight/stored_numbers.hpp,
// simd/scratch.hpp.
#include <array>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <vector>

#include <examples/bell4/bell4.hpp>
#include <examples/tern5/tern5.hpp>
#include <tests/laws/wide_formats.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/sanitized.hpp>

#include <qeval/core/random.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/kernel/reference.hpp>
#include <qeval/matmul.hpp>

namespace {

using qeval::dense_matrix;
using qeval::index;

dense_matrix noise(index rows, index cols, std::uint64_t seed) {
    qeval::random_stream const draw(seed);
    dense_matrix               m({static_cast<std::size_t>(rows), static_cast<std::size_t>(cols)});
    for (std::size_t i = 0; i < m.size(); ++i) m.data()[i] = static_cast<float>(draw.uniform(i) * 2 - 1);
    return m;
}
bool same_bits(dense_matrix const& a, dense_matrix const& b) {
    return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * 4) == 0;
}

// The law suite takes every format over a few shapes; here a few formats over many: one of each way to decode, or,
// under a sanitizer, of each storage.
// Two have blocks of sizes that no catalog has, one of them no multiple of 32.
using block_of_96 =
    qeval_test::wide<qeval::block<96>, qeval::integers<4>, qeval::fit::min_max, qeval::minimum<qeval::f16>>;
using block_of_72 = qeval_test::wide<qeval::block<72>, qeval::integers<4, 8>, qeval::fit::extreme_on_lowest>;
using decoders    = std::conditional_t<
    qeval_test::sanitized,
    qeval::format_list<qeval::dense_f16, qeval::q4_0, qeval::nf4, tern5, block_of_72, block_of_96>,
    qeval::format_list<qeval::dense_f32, qeval::dense_f16, qeval::dense_bf16, qeval::q4_0, qeval::q4_k, qeval::nf4,
                       qeval::int4, bell4, tern5, block_of_72, block_of_96>>;

struct product {
    index rows, cols, n;
};
constexpr product products[] = {{1, 4, 1},    {15, 40, 3},   {17, 172, 8}, {33, 255, 33}, {16, 777, 2},
                                {5, 1000, 7}, {33, 1536, 9}, {1, 1536, 1}, {20, 864, 1}};

TEST_CASE("odd shapes give the bits of the scalar definition on every path and any number of threads") {
    qeval::for_each_format(decoders{}, [](auto tag) {
        using F = typename decltype(tag)::type;
        for (auto const [rows, cols, n] : products) {
            INFO(qeval::name_of<F>() << ' ' << rows << 'x' << cols << ", " << n << " tokens");
            auto const   packed = qeval::pack<F>(noise(rows, cols, 1));
            auto const   x      = noise(n, cols, 2);
            dense_matrix exact({x.shape(0), static_cast<std::size_t>(rows)}), integer(exact.shape());
            qeval::reference::matmul_exact<F>(packed.view(), qeval::as_view(x), qeval::as_view(exact),
                                              [](float v) { return v; });
            for (int threads : {1, 2, 3, 5}) {
                qeval::thread_pool pool(threads);
                CHECK(same_bits(qeval::cpu::matmul(packed, x, pool), exact));
                if constexpr (qeval::cpu::integer_path_fits<F>) {
                    if (threads == 1) {
                        qeval::reference::matmul_integer<F>(packed.view(), qeval::as_view(x), qeval::as_view(integer),
                                                            32);
                    }
                    CHECK(same_bits(qeval::cpu::matmul(packed, x, pool, qeval::cpu::integer_path{}), integer));
                }
            }
        }
    });
}

TEST_CASE("a vector gives the first row of a matrix product, a view the same as an array") {
    auto const          w = qeval::pack<qeval::q4_0>(noise(20, 300, 3));
    auto const          x = noise(4, 300, 4);
    auto const          y = qeval::cpu::matmul(w, x);
    qeval::dense_vector first(std::array<std::size_t, 1>{300}); // ({300}) would be one value
    std::copy_n(x.data(), 300, first.data());
    auto const one = qeval::cpu::matmul(w, first);
    REQUIRE(one.size() == 20);
    CHECK(std::memcmp(one.data(), y.data(), 20 * 4) == 0);
    CHECK(same_bits(qeval::cpu::matmul(w, qeval::as_view(x)), y));
    CHECK(same_bits(qeval::cpu::matmul(w.view(), 1.0f * x), y)); // an expression
}

TEST_CASE("shapes that do not fit are refused with both shapes named") {
    auto const w = qeval::pack<qeval::q4_0>(noise(8, 64, 5));
    CHECK_THROWS_WITH(qeval::cpu::matmul(w, noise(2, 32, 6)),
                      Catch::Contains("[MM01]") && Catch::Contains("x [2, 32]") && Catch::Contains("w [8, 64]"));
}

struct straddling : qeval::format<"straddling", qeval::flat<64>, qeval::integers<4, 8>, qeval::packing::nibbles,
                                  qeval::scale<qeval::f16>> {};

TEST_CASE("groups that straddle rows: exact sums, and a refusal on the integer path") {
    auto const   w = qeval::pack<straddling>(noise(5, 40, 7));
    auto const   x = noise(3, 40, 8);
    dense_matrix expected({3, 5});
    qeval::reference::matmul_exact<straddling>(w.view(), qeval::as_view(x), qeval::as_view(expected),
                                               [](float v) { return v; });
    CHECK(same_bits(qeval::cpu::matmul(w, x), expected));
    CHECK_THROWS_WITH(qeval::cpu::matmul(w, x, qeval::cpu::integer_path{}), Catch::Contains("[MM02]"));
}

TEST_CASE("NaN and infinite activations stay in their own column") {
    auto const w     = qeval::pack<qeval::q4_0>(noise(19, 96, 9));
    auto       x     = noise(3, 96, 10);
    auto const clean = qeval::cpu::matmul(w, x);
    for (float bad : {NAN, INFINITY}) {
        x(1, 50)     = bad;
        auto const y = qeval::cpu::matmul(w, x);
        for (std::size_t r = 0; r < 19; ++r) {
            CHECK(y(0, r) == clean(0, r));
            CHECK(y(2, r) == clean(2, r));
            CHECK(!std::isfinite(y(1, r)));
        }
        auto const quantized = qeval::cpu::matmul(w, x, qeval::cpu::integer_path{}); // whatever it says of column 1
        for (std::size_t r = 0; r < 19; ++r) CHECK(std::isfinite(quantized(0, r)));
    }
}

} // namespace
