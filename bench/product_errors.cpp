// What each kernel path adds to a format's own error: the relative root mean square of its product against the one of
// the same decoded weights with the same f32 inputs in double, the larger one of one input and of several. Weights and
// inputs are Gaussian, then Laplace, whose tails cost an int8 of 32 columns more.
//   bench_product_errors [--samples FOLDER] [FORMAT ...]              (no format: the catalog)
// --samples also writes the operands, so that others can multiply the same: FOLDER/gaussian.weights, .inputs,
// laplace.weights, .inputs, each f32 row after row.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/samples.hpp>
#include <qeval/core/version.hpp>
#include <qeval/kernel/cpu/place.hpp>
#include <qeval/scheme/build.hpp>
#include <qeval/scheme/compiled_catalog.hpp>
#include <qeval/scheme/product_error.hpp>

namespace {

constexpr qeval::index rows = 1024, cols = 2048, inputs = 7;

struct sample {
    char const*        name;
    std::vector<float> weights, x;
};

bool write(std::string const& path, std::vector<float> const& numbers) {
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<char const*>(numbers.data()),
              static_cast<std::streamsize>(numbers.size() * sizeof(float)));
    out.close();
    if (!out) std::fprintf(stderr, "%s: cannot be written\n", path.c_str());
    return bool(out);
}

// The largest error of a path that make(packed weights) builds; 0 where it builds none.
template <class Make>
double largest_error(qeval::any_format const& format, sample const& s, qeval::thread_pool& pool, Make const& make) {
    std::vector<float> const alike(cols, 1.0f); // importance, for formats that insist on it
    auto const         packed = format.pack(qeval::matrix_view<float const>(s.weights.data(), rows, cols), pool, alike);
    std::vector<float> decoded(s.weights.size());
    packed->unpack({decoded.data(), rows, cols}, pool);
    auto const kernel = make(*packed);
    if (kernel == nullptr) return 0;
    double most = 0;
    for (qeval::index const n : {qeval::index{1}, inputs}) {
        std::span<float const> const x(s.x.data(), static_cast<std::size_t>(n * cols));
        std::vector<float>           y(static_cast<std::size_t>(n * rows));
        kernel->apply(*kernel->prepare(qeval::matrix_view<float const>(x.data(), n, cols)), {y.data(), n, rows});
        auto const exact = qeval::detail::product(decoded, rows, x, n, cols, pool);
        most             = std::max(most, qeval::detail::distance(y, exact) /
                                              qeval::detail::distance(exact, std::vector<double>(exact.size())));
    }
    return most;
}

} // namespace

int main(int argc, char** argv) {
    qeval::thread_pool           pool;
    std::span<char const* const> wanted(argv + 1, argv + argc);
    sample const                 samples[] = {
                        {"gaussian", qeval::gaussian_sample(rows * cols, 1), qeval::gaussian_sample(inputs * cols, 2)},
                        {"laplace", qeval::laplace_sample(rows * cols, 3), qeval::laplace_sample(inputs * cols, 4)}};
    if (wanted.size() >= 2 && std::strcmp(wanted[0], "--samples") == 0) {
        for (sample const& s : samples) {
            std::string const start = std::string(wanted[1]) + "/" + s.name;
            if (!write(start + ".weights", s.weights) || !write(start + ".inputs", s.x)) return 1;
        }
        wanted = wanted.subspan(2);
    }
    std::printf("%s; %ld x %ld weights, 1 and %ld inputs\n", std::string(qeval::built_for).c_str(),
                static_cast<long>(rows), static_cast<long>(cols), static_cast<long>(inputs));
    std::printf("%-16s %32s   %32s\n%-16s", "", "Gaussian", "Laplace", "format");
    for (int i = 0; i < 2; ++i) std::printf("%10s %10s %10s   ", "exact", "bf16", "int8:32");
    std::printf("\n");
    double most[6] = {};
    for (auto const* format : qeval::table_of_list<qeval::catalog>()) {
        if (!wanted.empty() && std::none_of(wanted.begin(), wanted.end(),
                                            [&](char const* n) { return qeval::same_name(n, format->name()); }))
            continue;
        std::printf("%-16s", std::string(format->name()).c_str());
        for (int s = 0; s < 2; ++s) {
            double const errors[] = {
                largest_error(
                    *format, samples[s], pool,
                    [&](qeval::any_packed& p) { return qeval::cpu::take(p, qeval::cpu::exact_path{}, pool); }),
                largest_error(*format, samples[s], pool,
                              [&](qeval::any_packed& p) { return qeval::cpu::take(p, qeval::cpu::bf16_path{}, pool); }),
                largest_error(*format, samples[s], pool, [&](qeval::any_packed& p) -> std::unique_ptr<qeval::linear> {
                    if (!p.on_cpu().integer_fits()) return nullptr;
                    return qeval::cpu::take(p, qeval::cpu::integer_path{}, pool);
                })};
            for (int i = 0; i < 3; ++i) {
                most[3 * s + i] = std::max(most[3 * s + i], errors[i]);
                errors[i] > 0 ? std::printf("%10.2e ", errors[i]) : std::printf("%10s ", "-");
            }
            std::printf("  ");
        }
        std::printf("\n");
    }
    std::printf("%-16s%10.2e %10.2e %10.2e   %10.2e %10.2e %10.2e\n", "largest", most[0], most[1], most[2], most[3],
                most[4], most[5]);
}
