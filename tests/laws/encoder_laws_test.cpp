// Encoders of every format: many blocks or groups side by side or one at a time, the bytes are the same.
// Also tests ../pack/encode_blocks.hpp, ../pack/lanes.hpp, ../format/lane.hpp, ../format/block_lanes.hpp.
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tests/laws/law_support.hpp>
#include <tests/laws/wide_formats.hpp>
#include <tests/support/catch.hpp>

#include <qeval/core/thread_pool.hpp>

namespace {

using namespace qeval_test;
using qeval::index; // not the one of <strings.h>

using every_encoder = qeval::join_t<every_format, wide_formats>;

constexpr std::string_view streams[] = {"gaussian",  "heavy",     "sparse",   "constant", "zeros",
                                        "zero_runs", "uneven",    "negative", "positive", "ties",
                                        "large",     "subnormal", "vanishing"};

// Importance of columns: uneven, some of them zero.
std::vector<float> importance(index cols) {
    auto w = weight_stream("heavy").take(cols);
    for (float& x : w) x = x < 0 ? 0.0f : x;
    return w;
}

template <class F, class V>
qeval::packed_matrix<F> encoded(matrix const& w, std::span<float const> weights, int threads) {
    qeval::thread_pool         pool(threads);
    qeval::number_matrix const numbers(w.view());
    qeval::packed_matrix<F>    out(w.rows, w.cols);
    if constexpr (qeval::in_blocks<F>) {
        qeval::detail::encode_blocks<F, V>(numbers, weights, out.blocks(), pool);
    } else {
        qeval::detail::plane_encoder<F, V>(numbers, out)(pool);
    }
    return out;
}

template <class F>
constexpr auto many_lanes() {
    if constexpr (qeval::in_blocks<F>) {
        return std::type_identity<qeval::lanes_for<F>>{};
    } else {
        return std::type_identity<qeval::fit_lanes_for<F>>{};
    }
}

TEMPLATE_LIST_TEST_CASE("blocks and groups side by side get the bytes of single ones", "[law]", every_encoder) {
    using F     = TestType;
    using lanes = typename decltype(many_lanes<F>())::type;
    for (std::string_view stream : streams) {
        for (index cols : {768, 301}) { // whole blocks and groups, and rows that end inside one and inside a byte
            INFO(qeval::name_of<F>() << ' ' << stream << ' ' << cols << " columns");
            matrix const w    = weights(stream, 23, cols);
            auto         one  = encoded<F, float>(w, {}, 1);
            auto         many = encoded<F, lanes>(w, {}, 2);
            CHECK((bytes_of(one) == bytes_of(many)));
        }
    }
}

TEMPLATE_LIST_TEST_CASE("weights stored as halves are encoded as the floats they are", "[law]", every_format) {
    using F              = TestType;
    auto const from_type = []<class T>(T) {
        matrix const   w = weights("heavy", 5, 301);
        std::vector<T> halves;
        matrix         floats{w.rows, w.cols};
        for (std::size_t i = 0; i < w.values.size(); ++i) {
            halves.push_back(T::from(w.values[i]));
            floats.values[i] = halves.back().to_float();
        }
        qeval::thread_pool pool(2);
        auto               a = qeval::pack<F>(qeval::matrix_view<T const>(halves.data(), w.rows, w.cols), pool);
        auto               b = qeval::pack<F>(floats.view(), pool);
        CHECK((bytes_of(a) == bytes_of(b)));
    };
    INFO(qeval::name_of<F>());
    from_type(qeval::f16{});
    from_type(qeval::bf16{});
}

TEMPLATE_LIST_TEST_CASE("with importance, too, and it matters", "[law]", every_encoder) {
    using F = TestType;
    if constexpr (qeval::takes_importance<F>) {
        bool matters = false;
        for (std::string_view stream : streams) {
            for (index cols : {768, 301}) {
                INFO(qeval::name_of<F>() << ' ' << stream << ' ' << cols << " columns");
                matrix const w       = weights(stream, 7, cols);
                auto const   columns = importance(cols);
                auto         one     = encoded<F, float>(w, columns, 1);
                auto         many    = encoded<F, qeval::lanes_for<F>>(w, columns, 3);
                auto         alike   = encoded<F, qeval::lanes_for<F>>(w, {}, 1);
                CHECK((bytes_of(one) == bytes_of(many)));
                matters = matters || bytes_of(many) != bytes_of(alike);
            }
        }
        CHECK(matters);
    }
}

} // namespace
