// A layer of experts of DeepSeek-V2-Lite's widths (64 experts of 2048 x 1408, 8 for each token) for 64 tokens, with
// generated weights, beside what the machine and a dense layer can do at the same moment:
//   experts  routing, gathering, the products of each expert, the weighted sum
//   even     the 64 blocks alone, each with the 8 tokens that it has on average: what the sizes of groups leave to gain
//   dense    one block that is 8 times as wide, for all 64 tokens: the same operations, an eighth of the weights
//   bench_experts [THREADS [TOKENS]]
// The limit is the slower of two: all operations at the peak of the path's instruction, and all weights that are
// touched from memory at the speed of one stream. Medians of 9, each repetition beside limits of its own; spread =
// (largest - smallest) / median.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/freed_memory.hpp>
#include <qeval/core/samples.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/kernel/cpu/kernel_speed.hpp>
#include <qeval/model/cpu/host.hpp>
#include <qeval/model/part/mixture.hpp>
#include <qeval/scheme/table_of.hpp>

namespace q = qeval;

namespace {

constexpr q::index width = 2048, inner = 1408, experts = 64, used = 8;
constexpr int      repetitions = 9;

// Matrices in one format: few rows, over and over, since no kernel's speed depends on the values. The router's rows
// differ, so that tokens part.
class generated_weights final : public q::weights<q::cpu::host> {
public:
    generated_weights(q::cpu::host& device, q::any_format const& format, q::multiply_how const& how)
        : device_(&device), format_(&format), how_(how) {}

    [[nodiscard]] q::cpu::host::matrix matrix(q::tensor_slot const& slot) const override {
        bool const     router = slot.role == q::tensor_role::router;
        q::index const rows   = router ? slot.rows : 16;
        auto const     values = q::gaussian_sample(rows * slot.cols);
        auto const     f32    = q::format_as<q::dense_f32>();
        auto           few    = (router ? static_cast<q::any_format const&>(f32) : *format_)
                       .pack(q::matrix_view<float const>(values.data(), rows, slot.cols), device_->pool());
        auto made =
            device_->place(router ? std::move(few) : few->repeat_rows(slot.rows), router ? q::multiply_how{} : how_);
        if (!router) bytes += double(made->bytes());
        return made;
    }
    [[nodiscard]] std::vector<float> vector(q::vector_slot const& slot) const override {
        return std::vector<float>(std::size_t(slot.shape[0]));
    }
    [[nodiscard]] std::vector<float> constant(q::index size, float value) const override {
        return std::vector<float>(std::size_t(size), value);
    }

    mutable double bytes = 0; // of all experts

private:
    q::cpu::host*        device_;
    q::any_format const* format_;
    q::multiply_how      how_;
};

struct sampled {
    std::vector<double> values;

    void                 add(double v) { values.push_back(v); }
    [[nodiscard]] double median() const { return q::cpu::median(values); }
    [[nodiscard]] double spread() const {
        auto const [low, high] = std::minmax_element(values.begin(), values.end());
        return 100 * (*high - *low) / median();
    }
};

q::cpu::tensor some_rows(q::index n) {
    auto       x = q::cpu::make_tensor(n, width);
    auto const v = q::cpu::sample_activations(n, width);
    std::copy(v.begin(), v.end(), x.data());
    return x;
}

void measure(q::any_format const& format, bool integers, q::index tokens, q::thread_pool& pool,
             q::cpu::roofline const& machine) {
    q::cpu::host    device(pool);
    q::multiply_how how;
    if (integers) how.input = &q::any_activation_of<q::int8_groups_32>;
    q::layer_place const           place = q::hf_layer(0, 1);
    generated_weights const        from(device, format, how), wide(device, format, how);
    q::mixture<q::cpu::host> const layer(
        from, place, width, {.rule = {.experts = experts, .used = used, .normalised = true}, .inner = inner});
    double const                            bytes = from.bytes;
    std::vector<q::gated_mlp<q::cpu::host>> blocks;
    for (q::index e = 0; e < experts; ++e) blocks.emplace_back(from, place.of_member(e, experts), width, inner);
    q::gated_mlp<q::cpu::host> const dense(wide, place, width, used * inner);

    q::batch<q::cpu::kv_cache> step;
    step.tokens.resize(std::size_t(tokens));
    q::pass<q::cpu::host> pass{device, step};
    auto const            all = some_rows(tokens), share = some_rows(tokens * used / experts);
    auto const            seconds = [&](auto const& run) { return q::cpu::seconds_of(run); };
    auto const            once    = [&](auto const& block, q::cpu::tensor const& x) {
        return [&] { (void)block(pass, device.prepare(q::cpu::tensor(x))); };
    };
    auto const even = [&] {
        for (auto const& b : blocks) (void)b(pass, device.prepare(q::cpu::tensor(share)));
    };
    double const operations = 2.0 * 3 * double(width * inner) * double(tokens * used);
    auto const   least      = [&](double weights) { // seconds
        double const peak = integers ? machine.int8_dot() : machine.fma();
        return std::max(operations / peak, weights / machine.read());
    };
    sampled layer_rate, layer_share, even_share, dense_share, to_even, to_dense;
    for (int r = 0; r <= repetitions; ++r) { // the first warms up
        double const all_weights = least(bytes), s = seconds(once(layer, all)), e = seconds(even),
                     d = seconds(once(dense, all)), few_weights = least(wide.bytes);
        if (r == 0) continue;
        layer_rate.add(operations / s), layer_share.add(all_weights / s), even_share.add(all_weights / e);
        dense_share.add(few_weights / d), to_even.add(e / s), to_dense.add(d / s);
    }
    auto const percent = [](sampled const& x) { std::printf("  %5.1f %% (%3.0f %%)", 100 * x.median(), x.spread()); };
    std::printf("%-9s %-8s %7.0f %9.1f", std::string(format.name()).c_str(), integers ? "integer" : "exact",
                bytes / (1 << 20), layer_rate.median() / 1e9);
    for (auto const* x : {&layer_share, &even_share, &dense_share, &to_even, &to_dense}) percent(*x);
    std::printf("\n");
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    q::keep_freed_memory(); // as the driver does
    try {
        q::thread_pool         pool(argc > 1 ? std::atoi(argv[1]) : 0);
        q::index const         tokens = argc > 2 ? std::max(8, std::atoi(argv[2]) / 8 * 8) : 64;
        q::cpu::roofline const machine(pool, std::size_t{1} << 28);
        std::printf("%d threads, %lld tokens, %lld of %lld experts; medians of %d (spread)\n", pool.size(),
                    static_cast<long long>(tokens), static_cast<long long>(used), static_cast<long long>(experts),
                    repetitions);
        std::printf(
            "                                      share of the limit                              speed of experts "
            "to\n"
            "format    path         MiB   GFLOP/s          experts             even            dense             "
            "even            dense\n");
        for (auto const* f : q::table_of<q::dense_bf16, q::q8_0, q::q4_k>()) {
            measure(*f, false, tokens, pool, machine);
            if (f->has_integer_path()) measure(*f, true, tokens, pool, machine);
        }
    } catch (q::error const& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return static_cast<int>(e.status());
    }
}
