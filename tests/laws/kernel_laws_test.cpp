// Laws of y = x W^T: every path of every format gives the bits of the scalar contract in kernel/reference.hpp, whatever
// the shape, the number of threads, and the company a column is in.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tests/laws/law_support.hpp>
#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/kernel/reference.hpp>

namespace {

using namespace qeval_test;
using qeval::compute_type;
using qeval::index; // not the one of <strings.h>
using qeval::cpu::activation_group;

struct shape {
    index rows, cols;
};
// One weight; tails of 4, 16 and 32 columns; tails of 16 and 48 rows; a chunk of 512 and a part; rows that split
// blocks.
constexpr shape shapes[] = {{1, 1}, {16, 256}, {5, 41}, {19, 520}, {50, 1030}, {33, 1536}};

struct rounding {
    compute_type type;
    float        operator()(float x) const { return qeval::round_to(type, x); }
};

template <class F>
qeval::packed_matrix<F> sample(shape s, int geometry) {
    qeval::thread_pool one(1);
    auto const         fresh = [&] {
        return qeval::pack<F>(weights("heavy", s.rows, s.cols).view(), one,
                              geometries<F>()[static_cast<std::size_t>(geometry)]);
    };
    if constexpr (qeval::in_blocks<F>) { // once a shape: some searches take a microsecond a weight
        static std::map<std::pair<index, index>, qeval::packed_matrix<F>> encoded;
        auto&                                                             first = encoded[{s.rows, s.cols}];
        if (first.rows() == 0) first = fresh();
        qeval::packed_matrix<F> copy(s.rows, s.cols);
        std::copy_n(first.blocks(), s.rows * qeval::packed_view<F>::blocks_in(s.cols), copy.blocks());
        return copy;
    } else {
        return fresh();
    }
}

// What the laws ask of a format, with the format erased: the laws themselves are compiled once.
struct format_under_test {
    std::string name;
    bool        integer_levels = false, integer_path = false;
    int         geometry = 0; // which of geometries<F>()
    std::unique_ptr<qeval::linear> (*exact)(shape, int, compute_type, qeval::thread_pool&)       = nullptr;
    std::unique_ptr<qeval::linear> (*integer)(shape, int, activation_group, qeval::thread_pool&) = nullptr;
    std::unique_ptr<qeval::linear> (*bf16)(shape, int, qeval::thread_pool&)                      = nullptr;
    // in the kernel layout, where the format has one
    std::unique_ptr<qeval::linear> (*exact_interleaved)(shape, int, compute_type, qeval::thread_pool&)       = nullptr;
    std::unique_ptr<qeval::linear> (*integer_interleaved)(shape, int, activation_group, qeval::thread_pool&) = nullptr;
    matrix (*exact_reference)(shape, int, compute_type, matrix const& x)                         = nullptr;
    matrix (*bf16_reference)(shape, int, matrix const& x)                                        = nullptr;
    matrix (*integer_reference)(shape, int, index group, matrix const& x)                        = nullptr;
    matrix (*decode)(shape, int)                                                                 = nullptr;
    bool (*integer_fits)(shape, int)                                                             = nullptr;
};

template <class F>
format_under_test under_test(int geometry) {
    format_under_test f;
    f.geometry       = geometry;
    f.name           = qeval::name_in<F>(geometries<F>()[static_cast<std::size_t>(geometry)]);
    f.integer_levels = qeval::has_integer_levels<F>;
    f.integer_path   = qeval::cpu::integer_path_fits<F>;
    f.decode         = [](shape s, int g) { return decoded(sample<F>(s, g)); };
    f.integer_fits   = [](shape s, int g) { return qeval::cpu::integer_groups_in(sample<F>(s, g).view()) != 0; };
    f.exact          = [](shape s, int g, compute_type type, qeval::thread_pool& pool) {
        return qeval::cpu::make_linear<F>(sample<F>(s, g), qeval::cpu::exact_path{type}, pool);
    };
    f.exact_reference = [](shape s, int g, compute_type type, matrix const& x) {
        matrix     y{x.rows, s.rows};
        auto const w = sample<F>(s, g);
        qeval::reference::matmul_exact<F>(w.view(), x.view(), y.view(), rounding{type});
        return y;
    };
    f.bf16 = [](shape s, int g, qeval::thread_pool& pool) {
        return qeval::cpu::make_linear<F>(sample<F>(s, g), qeval::cpu::bf16_path{}, pool);
    };
    f.bf16_reference = [](shape s, int g, matrix const& x) {
        matrix     y{x.rows, s.rows};
        auto const w = sample<F>(s, g);
        qeval::reference::matmul_bf16<F>(w.view(), x.view(), y.view());
        return y;
    };
    if constexpr (qeval::cpu::has_kernel_layout<F>) {
        f.exact_interleaved = [](shape s, int g, compute_type type, qeval::thread_pool& pool) {
            return qeval::cpu::make_interleaved_linear<F>(sample<F>(s, g), qeval::cpu::exact_path{type}, pool);
        };
        if constexpr (qeval::cpu::integer_path_fits<F>) {
            f.integer_interleaved = [](shape s, int g, activation_group group, qeval::thread_pool& pool) {
                return qeval::cpu::make_interleaved_linear<F>(sample<F>(s, g), qeval::cpu::integer_path{group}, pool);
            };
        }
    }
    if constexpr (qeval::cpu::integer_path_fits<F>) {
        f.integer = [](shape s, int g, activation_group group, qeval::thread_pool& pool) {
            return qeval::cpu::make_linear<F>(sample<F>(s, g), qeval::cpu::integer_path{group}, pool);
        };
        f.integer_reference = [](shape s, int g, index group, matrix const& x) {
            matrix     y{x.rows, s.rows};
            auto const w = sample<F>(s, g);
            qeval::reference::matmul_integer<F>(w.view(), x.view(), y.view(), group);
            return y;
        };
    }
    return f;
}

std::vector<format_under_test> const& formats() {
    static std::vector<format_under_test> const all = [] {
        std::vector<format_under_test> list;
        qeval::for_each_format(every_format{},
                               [&](auto tag) {
                                   using F = typename decltype(tag)::type;
                                   auto const last = static_cast<int>(geometries<F>().size()) - 1;
                                   list.push_back(under_test<F>(0));
                                   if (last > 0) list.push_back(under_test<F>(last)); // the least regular
                               });
        return list;
    }();
    return all;
}

// Activations: roughly Gaussian, with an outlier here and there and every fifth row zero.
matrix activations(index rows, index cols) {
    qeval::random_stream const draw(7);
    matrix                     x{rows, cols};
    for (index i = 0; i < rows * cols; ++i) {
        auto const  bits    = draw.bits(static_cast<std::uint64_t>(2 * i));
        float const v       = static_cast<float>(centred_sum(bits)) * 0x1p-16f;
        bool const  outlier = draw.bits(static_cast<std::uint64_t>(2 * i + 1)) % 97 == 0;

        x.values[static_cast<std::size_t>(i)] = i / cols % 5 == 4 ? 0.0f : outlier ? 50 * v : v;
    }
    return x;
}

matrix apply(qeval::linear const& w, matrix const& x) {
    matrix     y{x.rows, w.rows()};
    auto const prepared = w.prepare(x.view());
    w.apply(*prepared, y.view());
    return y;
}

// make(pool) against y for several numbers of threads, and columns by themselves and in other company.
template <class Make>
void check_path(format_under_test const& f, shape s, matrix const& x, matrix const& y, Make make) {
    for (int threads : {1, 2, 3, 5}) {
        qeval::thread_pool pool(threads);
        auto const         w = make(pool);
        INFO(f.name << ' ' << w->kernel() << ' ' << s.rows << 'x' << s.cols << ", " << threads << " threads");
        CHECK(same_bits(apply(*w, x).values, y.values));
        if (threads != 2) continue;
        for (auto [first, count] : {std::pair<index, index>{0, 40}, {3, 7}, {17, 1}, {40, 1}}) {
            auto const   begin = x.values.begin() + first * s.cols;
            matrix const part{count, s.cols, {begin, begin + count * s.cols}};
            auto const   expected = std::span(y.values).subspan(static_cast<std::size_t>(first * s.rows),
                                                                static_cast<std::size_t>(count * s.rows));
            CHECK(same_bits(apply(*w, part).values, expected));
        }
    }
}

void check_exact(compute_type type) {
    for (shape s : shapes) {
        matrix const x = activations(41, s.cols);
        for (auto const& f : formats()) {
            matrix const y = f.exact_reference(s, f.geometry, type, x);
            check_path(f, s, x, y, [&](auto& pool) { return f.exact(s, f.geometry, type, pool); });
            if (f.exact_interleaved == nullptr) continue;
            check_path(f, s, x, y, [&](auto& pool) { return f.exact_interleaved(s, f.geometry, type, pool); });
        }
    }
}

TEST_CASE("the exact path gives the bits of its scalar definition", "[law][kernel]") { check_exact(compute_type::f32); }
TEST_CASE("f16 arithmetic is emulated as its scalar definition says", "[law][kernel]") {
    check_exact(compute_type::f16);
}
TEST_CASE("bf16 arithmetic is emulated as its scalar definition says", "[law][kernel]") {
    check_exact(compute_type::bf16);
}

TEST_CASE("the bf16 path gives the bits of its scalar definition", "[law][kernel]") {
    for (shape s : shapes) {
        matrix const x = activations(41, s.cols);
        for (auto const& f : formats()) {
            check_path(f, s, x, f.bf16_reference(s, f.geometry, x), [&](auto& pool) { return f.bf16(s, f.geometry, pool); });
        }
    }
}

TEST_CASE("the integer path gives the bits of its scalar definition", "[law][kernel]") {
    for (auto const& f : formats()) {
        INFO(f.name);
        CHECK(f.integer_path == f.integer_levels); // nothing with integer levels is left out
        if (!f.integer_path) continue;
        for (shape s : shapes) {
            if (!f.integer_fits(s, f.geometry)) continue;
            matrix const x = activations(41, s.cols);
            for (auto group : {activation_group::columns_32, activation_group::columns_256, activation_group::token}) {
                matrix const y = f.integer_reference(s, f.geometry, qeval::cpu::size_of(group, s.cols), x);
                check_path(f, s, x, y, [&](auto& pool) { return f.integer(s, f.geometry, group, pool); });
                if (f.integer_interleaved == nullptr) continue;
                check_path(f, s, x, y, [&](auto& pool) { return f.integer_interleaved(s, f.geometry, group, pool); });
            }
        }
    }
}

TEST_CASE("a row looked up has the bits of decode", "[law][kernel]") {
    qeval::thread_pool pool(1);
    for (auto const& f : formats()) {
        for (shape s : shapes) {
            matrix const       d = f.decode(s, f.geometry);
            auto const         w = f.exact(s, f.geometry, compute_type::f32, pool);
            std::vector<float> row(static_cast<std::size_t>(s.cols));
            for (index r = 0; r < s.rows; ++r) {
                w->row(r, row);
                INFO(f.name << ' ' << s.rows << 'x' << s.cols << " row " << r);
                CHECK(same_bits(row, std::span(d.values).subspan(static_cast<std::size_t>(r * s.cols), row.size())));
            }
        }
    }
}

// The contract itself against exact arithmetic: the order of additions may cost a few units of the last place, no more.
TEST_CASE("the exact path is close to sums in double", "[law][kernel]") {
    constexpr shape    s{50, 1030};
    matrix const       x = activations(3, s.cols);
    qeval::thread_pool pool(1);
    for (auto const& f : formats()) {
        INFO(f.name);
        matrix const d = f.decode(s, f.geometry), y = apply(*f.exact(s, f.geometry, compute_type::f32, pool), x);
        for (index i = 0; i < x.rows; ++i) {
            for (index r = 0; r < s.rows; ++r) {
                double sum = 0, magnitude = 0;
                for (index k = 0; k < s.cols; ++k) {
                    double const term = double{d(r, k)} * double{x(i, k)};
                    sum += term;
                    magnitude += std::fabs(term);
                }
                REQUIRE(std::fabs(y(i, r) - sum) <= 140 * 0x1p-24 * magnitude); // 128 roundings in a chain, and a few
            }
        }
    }
}

// The integer path against the exact one: int8 activations are off by at most half a step of 1/127 of their largest
// magnitude, so a sum is off by at most that times the sum of the weights' magnitudes.
TEST_CASE("the integer path is within the error of int8 activations", "[law][kernel]") {
    constexpr shape    s{50, 1024};
    matrix const       x = activations(3, s.cols);
    qeval::thread_pool pool(1);
    for (auto const& f : formats()) {
        if (!f.integer_path || !f.integer_fits(s, f.geometry)) continue;
        INFO(f.name);
        matrix const d = f.decode(s, f.geometry), y = apply(*f.integer(s, f.geometry, activation_group::columns_32, pool), x);
        for (index i = 0; i < x.rows; ++i) {
            for (index r = 0; r < s.rows; ++r) {
                double sum = 0, allowed = 0;
                for (index b = 0; b < s.cols; b += 32) {
                    double top = 0, weight = 0;
                    for (index k = b; k < b + 32; ++k) {
                        sum += double{d(r, k)} * double{x(i, k)};
                        top = std::max(top, std::fabs(double{x(i, k)}));
                        weight += std::fabs(double{d(r, k)});
                    }
                    allowed += weight * top * (0.5 / 127 + 1e-5);
                }
                REQUIRE(std::fabs(y(i, r) - sum) <= allowed);
            }
        }
    }
}

} // namespace
