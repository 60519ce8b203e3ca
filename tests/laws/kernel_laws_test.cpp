// Laws of y = x W^T: every path of every format gives the bits of the scalar contract in kernel/reference.hpp, whatever
// the shape, the number of threads, and the company a column is in.
// Also tests ../kernel/compute.hpp and ../kernel/cpu/panel/finite_panels.hpp.
#include <algorithm>
#include <cmath>
#include <cstddef>
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
#include <qeval/kernel/cpu/place.hpp>
#include <qeval/kernel/reference.hpp>
#include <qeval/pack/stored.hpp>

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

// What the laws ask of a format. The linears come from the formats' table, as those of a program do, so the laws are
// compiled once and share the driver's kernels; what is compiled for each format is the scalar definition.
struct format_under_test {
    std::shared_ptr<qeval::any_format const>                  format;
    bool                                                      integer_levels = false;
    std::map<std::pair<index, index>, std::vector<std::byte>> stored =
        {}; // of every shape: some searches take a microsecond a weight

    using bytes                                                                  = std::span<std::byte const>;
    matrix (*exact_reference)(bytes, shape, int, compute_type, matrix const& x)  = nullptr;
    matrix (*bf16_reference)(bytes, shape, int, matrix const& x)                 = nullptr;
    matrix (*integer_reference)(bytes, shape, int, index group, matrix const& x) = nullptr;
    matrix (*decode)(bytes, shape, int)                                          = nullptr;
    int geometry                                                                 = 0; // which of geometries<F>()

    [[nodiscard]] std::string name() const { return std::string(format->name()); }

    [[nodiscard]] bytes sample(shape s) {
        auto& all = stored[{s.rows, s.cols}];
        if (all.empty()) {
            qeval::thread_pool one(1);
            format->pack(weights("heavy", s.rows, s.cols).view(), one)->write([&](bytes piece) {
                all.insert(all.end(), piece.begin(), piece.end());
            });
        }
        return all;
    }
    [[nodiscard]] std::unique_ptr<qeval::any_packed> packed(shape s) {
        return format->read(sample(s), s.rows, s.cols, name());
    }
    [[nodiscard]] matrix decoded(shape s) { return decode(sample(s), s, geometry); }
};

template <class F>
qeval::packed_matrix<F> matrix_of(std::span<std::byte const> stored, shape s, int geometry) {
    return qeval::read_stored<F>(stored, s.rows, s.cols, "sample", geometries<F>()[static_cast<std::size_t>(geometry)]);
}

template <class F>
format_under_test under_test(int geometry) {
    using bytes = format_under_test::bytes;
    format_under_test f{
        every_format_table().find(qeval::name_in<F>(geometries<F>()[static_cast<std::size_t>(geometry)])),
        qeval::has_integer_levels<F>};
    f.geometry        = geometry;
    f.decode          = [](bytes stored, shape s, int g) { return qeval_test::decoded(matrix_of<F>(stored, s, g)); };
    f.exact_reference = [](bytes stored, shape s, int g, compute_type type, matrix const& x) {
        matrix     y{x.rows, s.rows};
        auto const w = matrix_of<F>(stored, s, g);
        qeval::reference::matmul_exact<F>(w.view(), x.view(), y.view(), rounding{type});
        return y;
    };
    f.bf16_reference = [](bytes stored, shape s, int g, matrix const& x) {
        matrix     y{x.rows, s.rows};
        auto const w = matrix_of<F>(stored, s, g);
        qeval::reference::matmul_bf16<F>(w.view(), x.view(), y.view());
        return y;
    };
    if constexpr (qeval::cpu::integer_path_fits<F>) {
        f.integer_reference = [](bytes stored, shape s, int g, index group, matrix const& x) {
            matrix     y{x.rows, s.rows};
            auto const w = matrix_of<F>(stored, s, g);
            qeval::reference::matmul_integer<F>(w.view(), x.view(), y.view(), group);
            return y;
        };
    }
    return f;
}

std::vector<format_under_test>& formats() {
    static std::vector<format_under_test> all = [] {
        std::vector<format_under_test> list;
        qeval::for_each_format(every_format{}, [&](auto tag) {
            using F         = typename decltype(tag)::type;
            auto const last = static_cast<int>(geometries<F>().size()) - 1;
            list.push_back(under_test<F>(0));
            if (last > 0) list.push_back(under_test<F>(last)); // the least regular
        });
        for (auto const& f : list) REQUIRE(f.format != nullptr); // found by the name that its geometry gives it
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

std::vector<int> const thread_counts = sanitized ? std::vector<int>{2, 5} : std::vector<int>{1, 2, 3, 5};

// make(pool) against y for several numbers of threads, and columns by themselves and in other company.
template <class Make>
void check_path(shape s, matrix const& x, matrix const& y, Make make) {
    for (int threads : thread_counts) {
        qeval::thread_pool pool(threads);
        auto const         w = make(pool);
        if (w == nullptr) return; // a format without the kernel layout
        INFO(w->format() << ' ' << w->kernel() << ' ' << s.rows << 'x' << s.cols << ", " << threads << " threads");
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

// On a path, from both layouts.
template <class Path>
void check_layouts(format_under_test& f, shape s, matrix const& x, matrix const& y, Path path) {
    check_path(s, x, y, [&](auto& pool) { return qeval::cpu::take(*f.packed(s), path, pool); });
    check_path(s, x, y, [&](auto& pool) { return qeval::cpu::interleaved(*f.packed(s), path, pool); });
}

void check_exact(compute_type type) {
    for (shape s : shapes) {
        matrix const x = activations(41, s.cols);
        for (auto& f : formats())
            check_layouts(f, s, x, f.exact_reference(f.sample(s), s, f.geometry, type, x),
                          qeval::cpu::exact_path{type});
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
        for (auto& f : formats()) {
            matrix const y = f.bf16_reference(f.sample(s), s, f.geometry, x);
            check_path(s, x, y,
                       [&](auto& pool) { return qeval::cpu::take(*f.packed(s), qeval::cpu::bf16_path{}, pool); });
        }
    }
}

TEST_CASE("the integer path gives the bits of its scalar definition", "[law][kernel]") {
    for (auto& f : formats()) {
        INFO(f.name());
        CHECK(f.format->has_integer_path() == f.integer_levels); // nothing with integer levels is left out
        if (!f.format->has_integer_path()) continue;
        for (shape s : shapes) {
            if (!f.packed(s)->on_cpu().integer_fits()) continue;
            matrix const x = activations(41, s.cols);
            for (auto group : {activation_group::depths_32, activation_group::depths_256, activation_group::token}) {
                check_layouts(f, s, x,
                              f.integer_reference(f.sample(s), s, f.geometry, qeval::cpu::size_of(group, s.cols), x),
                              qeval::cpu::integer_path{group});
            }
        }
    }
}

TEST_CASE("a row looked up has the bits of decode", "[law][kernel]") {
    qeval::thread_pool pool(1);
    for (auto& f : formats()) {
        for (shape s : shapes) {
            matrix const       d = f.decoded(s);
            auto const         w = qeval::cpu::take(*f.packed(s), qeval::cpu::exact_path{}, pool);
            std::vector<float> row(static_cast<std::size_t>(s.cols));
            for (index r = 0; r < s.rows; ++r) {
                w->row(r, row);
                INFO(f.name() << ' ' << s.rows << 'x' << s.cols << " row " << r);
                CHECK(same_bits(row, std::span(d.values).subspan(static_cast<std::size_t>(r * s.cols), row.size())));
            }
        }
    }
}

// Two bytes at a time become an infinity or a NaN of some type, or codes: wherever they are scales, the answer is no.
TEST_CASE("finite() finds NaN and infinity in every matrix where decode() does, and in no other", "[law][kernel]") {
    qeval::random_stream const draw(11);
    std::size_t                found = 0, free = 0;
    for (auto& f : formats()) {
        for (shape s : {shape{19, 520}, shape{5, 41}}) {
            auto const stored = f.sample(s);
            for (std::uint64_t i = 0; i < 40; ++i) {
                std::vector<std::byte> bytes(stored.begin(), stored.end());
                constexpr unsigned     patterns[] = {0x7c00, 0x7f80, 0xffff, 0x007f};
                std::uint64_t const    size = bytes.size() / 2, at = draw.bits(2 * i) % (i % 2 == 0 ? size : size / 16);
                unsigned const         pattern = patterns[draw.bits(2 * i + 1) % 4];
                std::size_t const      place   = 2 * (i % 4 == 1 ? at : size - 1 - at); // parameters may stand behind
                bytes[place]                   = static_cast<std::byte>(pattern & 0xff);
                bytes[place + 1]               = static_cast<std::byte>(pattern >> 8);
                auto const decoded             = f.decode(bytes, s, f.geometry).values;
                bool const finite =
                    std::all_of(decoded.begin(), decoded.end(), [](float w) { return std::isfinite(w); });
                (finite ? free : found) += 1;
                for (int threads : {1, 3}) {
                    qeval::thread_pool pool(threads);
                    INFO(f.name() << ' ' << s.rows << 'x' << s.cols << ", byte " << place << ", " << pattern);
                    CHECK(f.format->read(bytes, s.rows, s.cols, f.name())->finite(pool) == finite);
                }
            }
        }
    }
    CHECK(found > 2 * formats().size()); // of 80 each
    CHECK(free > 2 * formats().size());
}

// The contract itself against exact arithmetic: the order of additions may cost a few units of the last place, no more.
TEST_CASE("the exact path is close to sums in double", "[law][kernel]") {
    constexpr shape    s{50, 1030};
    matrix const       x = activations(3, s.cols);
    qeval::thread_pool pool(1);
    for (auto& f : formats()) {
        INFO(f.name());
        matrix const d = f.decoded(s), y = apply(*qeval::cpu::take(*f.packed(s), qeval::cpu::exact_path{}, pool), x);
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
    for (auto& f : formats()) {
        if (!f.format->has_integer_path() || !f.packed(s)->on_cpu().integer_fits()) continue;
        INFO(f.name());
        matrix const d = f.decoded(s), y = apply(*qeval::cpu::take(*f.packed(s), qeval::cpu::integer_path{}, pool), x);
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
