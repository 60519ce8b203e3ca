// Laws of y = x W^T: every path of every format gives the bits of the scalar contract in kernel/reference.hpp, whatever the
// shape, the number of threads, and the company a column is in.
#include <cmath>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <qeval/core/random.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/kernel/reference.hpp>

#include <tests/laws/law_support.hpp>
#include <tests/support/catch.hpp>

namespace {

using namespace qeval_test;
using qeval::index; // not the one of <strings.h>

// Activations: roughly Gaussian, with an outlier here and there and every fifth row zero.
matrix activations(index rows, index cols) {
    qeval::random_stream const draw(7);
    matrix                     x{rows, cols};
    for (index i = 0; i < rows * cols; ++i) {
        auto const  bits = draw.bits(static_cast<std::uint64_t>(2 * i));
        float const v    = static_cast<float>(centred_sum(bits)) * 0x1p-16f;
        bool const  out  = draw.bits(static_cast<std::uint64_t>(2 * i + 1)) % 97 == 0;
        x.values[static_cast<std::size_t>(i)] = i / cols % 5 == 4 ? 0.0f : out ? 50 * v : v;
    }
    return x;
}

struct shape {
    index rows, cols;
};
// One weight; tails of 4, 16 and 32 columns; tails of 16 and 48 rows; a chunk of 512 and a part; rows that split a block.
constexpr shape shapes[] = {{1, 1}, {16, 256}, {5, 41}, {19, 520}, {50, 1030}, {33, 1536}};

template <class F>
qeval::packed_matrix<F> sample(shape s) {
    qeval::thread_pool one(1);
    return qeval::pack<F>(weights("heavy", s.rows, s.cols).view(), one);
}

matrix apply(qeval::linear const& w, matrix const& x) {
    matrix     y{x.rows, w.rows()};
    auto const prepared = w.prepare(x.view());
    w.apply(*prepared, y.view());
    return y;
}

// Checks one path of F against `expected(view, x, y)` for all shapes, column counts and thread counts.
template <class F, class Path, class Expected>
void check_path(Path path, Expected expected) {
    for (shape s : shapes) {
        matrix const x = activations(41, s.cols);
        matrix       y{x.rows, s.rows};
        auto const   packed = sample<F>(s);
        expected(packed.view(), x.view(), y.view());
        for (int threads : {1, 2, 3, 5}) {
            qeval::thread_pool pool(threads);
            auto const         w = qeval::cpu::make_linear<F>(sample<F>(s), path, pool);
            INFO(qeval::name_of<F>() << ' ' << w->kernel() << ' ' << s.rows << 'x' << s.cols << ", " << threads << " threads");
            CHECK(same_bits(apply(*w, x).values, y.values));
            if (threads != 2) continue;
            // columns by themselves, and in other company: 40 = 0 .. 39 without the last, 7, 1
            for (auto [first, count] : {std::pair<index, index>{0, 40}, {3, 7}, {17, 1}, {40, 1}}) {
                matrix const part{count, s.cols, {x.values.begin() + first * s.cols, x.values.begin() + (first + count) * s.cols}};
                matrix const z = apply(*w, part);
                CHECK(same_bits(z.values, std::span(y.values).subspan(static_cast<std::size_t>(first * s.rows),
                                                                      static_cast<std::size_t>(count * s.rows))));
            }
        }
    }
}

TEMPLATE_LIST_TEST_CASE("the exact path gives the bits of its scalar definition", "[law][kernel]", every_format) {
    check_path<TestType>(qeval::cpu::exact_path{}, [](auto view, auto x, auto y) {
        qeval::reference::matmul_exact<TestType>(view, x, y, [](float v) { return v; });
    });
}

TEMPLATE_LIST_TEST_CASE("f16 and bf16 arithmetic are emulated as their scalar definitions say", "[law][kernel]", every_format) {
    for (auto type : {qeval::compute_type::f16, qeval::compute_type::bf16}) {
        check_path<TestType>(qeval::cpu::exact_path{type}, [type](auto view, auto x, auto y) {
            qeval::reference::matmul_exact<TestType>(view, x, y, [type](float v) { return qeval::round_to(type, v); });
        });
    }
}

TEMPLATE_LIST_TEST_CASE("the integer path gives the bits of its scalar definition", "[law][kernel]", every_format) {
    if constexpr (qeval::cpu::integer_path_fits<TestType>) {
        using qeval::cpu::activation_group;
        check_path<TestType>(qeval::cpu::integer_path{activation_group::columns_32}, [](auto view, auto x, auto y) {
            qeval::reference::matmul_integer<TestType>(view, x, y, 32);
        });
        check_path<TestType>(qeval::cpu::integer_path{activation_group::token}, [](auto view, auto x, auto y) {
            qeval::reference::matmul_integer<TestType>(view, x, y, x.cols);
        });
    } else {
        CHECK(!qeval::has_integer_levels<TestType>); // nothing with integer levels is left out
    }
}

TEMPLATE_LIST_TEST_CASE("a row looked up has the bits of decode", "[law][kernel]", every_format) {
    for (shape s : shapes) {
        qeval::thread_pool pool(1);
        matrix const       d = decoded(sample<TestType>(s));
        auto const         w = qeval::cpu::make_linear<TestType>(sample<TestType>(s), qeval::cpu::exact_path{}, pool);
        std::vector<float> row(static_cast<std::size_t>(s.cols));
        for (index r = 0; r < s.rows; ++r) {
            w->row(r, row);
            INFO(qeval::name_of<TestType>() << ' ' << s.rows << 'x' << s.cols << " row " << r);
            CHECK(same_bits(row, std::span(d.values).subspan(static_cast<std::size_t>(r * s.cols), row.size())));
        }
        CHECK(static_cast<index>(w->bytes()) == qeval::packed_bytes<TestType>(s.rows, s.cols));
    }
}

// The contract itself against exact arithmetic: the order of additions may cost a few units of the last place, no more.
TEMPLATE_LIST_TEST_CASE("the exact path is close to sums in double", "[law][kernel]", every_format) {
    shape const  s{50, 1030};
    matrix const x = activations(3, s.cols), d = decoded(sample<TestType>(s));
    qeval::thread_pool pool(1);
    auto const         w = qeval::cpu::make_linear<TestType>(sample<TestType>(s), qeval::cpu::exact_path{}, pool);
    matrix const       y = apply(*w, x);
    for (index i = 0; i < x.rows; ++i) {
        for (index r = 0; r < s.rows; ++r) {
            double sum = 0, magnitude = 0;
            for (index k = 0; k < s.cols; ++k) {
                double const term = double{d(r, k)} * double{x(i, k)};
                sum += term;
                magnitude += std::fabs(term);
            }
            INFO(qeval::name_of<TestType>());
            REQUIRE(std::fabs(y(i, r) - sum) <= 140 * 0x1p-24 * magnitude); // at most 128 + a few roundings in a chain
        }
    }
}

// The integer path against the exact one: int8 activations are off by at most half a step of 1/127 of their largest
// magnitude, so a sum is off by at most that times the sum of the weights' magnitudes.
TEMPLATE_LIST_TEST_CASE("the integer path is within the error of int8 activations", "[law][kernel]", every_format) {
    if constexpr (qeval::cpu::integer_path_fits<TestType>) {
        shape const  s{50, 1024};
        matrix const x = activations(3, s.cols), d = decoded(sample<TestType>(s));
        qeval::thread_pool pool(1);
        auto const w = qeval::cpu::make_linear<TestType>(sample<TestType>(s), qeval::cpu::integer_path{}, pool);
        matrix const y = apply(*w, x);
        for (index i = 0; i < x.rows; ++i) {
            for (index r = 0; r < s.rows; ++r) {
                double sum = 0, allowed = 0;
                for (index b = 0; b < s.cols; b += 32) {
                    double top = 0, weight = 0;
                    for (index k = b; k < b + 32; ++k) {
                        sum += double{d(r, k)} * double{x(i, k)};
                        top    = std::max(top, std::fabs(double{x(i, k)}));
                        weight += std::fabs(double{d(r, k)});
                    }
                    allowed += weight * top * (0.5 / 127 + 1e-5);
                }
                INFO(qeval::name_of<TestType>());
                REQUIRE(std::fabs(y(i, r) - sum) <= allowed);
            }
        }
    }
}

} // namespace
