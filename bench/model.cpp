// Speed of a whole model of the shape of TinyLlama-1.1B with generated weights, beside this machine's limits:
//   pp512  one prompt of 512 tokens; tg64  64 tokens, one after the other; ppl512  512 tokens, log-probabilities of 255
//   bench_model [--layers N] [--threads N] [--repetitions N] [--json] [SCHEME...]      default: q4_k_m+a=int8:32
//   q8_0+a=int8:32 q4_k_m
// Speeds do not depend on the weights' values. With --layers 2 the whole takes seconds.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>

#include <qeval/core/freed_memory.hpp>
#include <qeval/core/samples.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/kernel/cpu/kernel_speed.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/cpu/host.hpp>
#include <qeval/model/log_softmax.hpp>
#include <qeval/scheme/build.hpp>
#include <qeval/scheme/table_of.hpp>

namespace q = qeval;

namespace {

// Every matrix of the model is a view of one buffer of bf16 weights: what is measured holds its own copy in its format.
class generated_weights {
public:
    explicit generated_weights(q::index layers) {
        config.sizes     = {2048, 5632, layers, 32000, 2048};
        config.attention = {32, 4, 64, 0};
        auto const few   = q::gaussian_sample(1 << 20);
        matrix_.resize(std::size_t(config.sizes.vocab * config.sizes.width));
        for (std::size_t i = 0; i < matrix_.size(); ++i) matrix_[i] = q::bf16::from(0.02f * few[i % few.size()]);
        ones_.assign(std::size_t(config.sizes.width), 1.0f);

        q::index const d = config.sizes.width, kv = config.attention.kv_heads * config.attention.head_size,
                       f = config.sizes.inner;
        matrix("model.embed_tokens", config.sizes.vocab, d), matrix("lm_head", config.sizes.vocab, d),
            norm("model.norm");
        for (q::index l = 0; l < layers; ++l) {
            std::string const layer = "model.layers." + std::to_string(l) + ".";
            norm(layer + "input_layernorm"), norm(layer + "post_attention_layernorm");
            matrix(layer + "self_attn.q_proj", d, d), matrix(layer + "self_attn.o_proj", d, d);
            matrix(layer + "self_attn.k_proj", kv, d), matrix(layer + "self_attn.v_proj", kv, d);
            matrix(layer + "mlp.gate_proj", f, d), matrix(layer + "mlp.up_proj", f, d),
                matrix(layer + "mlp.down_proj", d, f);
        }
        for (auto const& t : tensors_) by_name_.emplace(t.name, &t);
    }
    [[nodiscard]] q::tensor_view const* find(std::string_view name) const {
        auto const i = by_name_.find(name);
        return i == by_name_.end() ? nullptr : i->second;
    }
    [[nodiscard]] std::span<q::tensor_view const> tensors() const { return tensors_; }
    // Multiplications of weights for one token; the output matrix apart.
    [[nodiscard]] double layer_weights() const {
        double sum = 0;
        for (auto const& t : tensors_)
            sum += t.shape.size() == 2 && t.name.find("layers") != std::string::npos ? double(t.count()) : 0;
        return sum;
    }
    [[nodiscard]] double head_weights() const { return double(config.sizes.vocab * config.sizes.width); }

    q::llama::config config;

private:
    void matrix(std::string const& name, q::index rows, q::index cols) {
        tensors_.push_back({name + ".weight",
                            "BF16",
                            {rows, cols},
                            std::as_bytes(std::span(matrix_).first(std::size_t(rows * cols)))});
    }
    void norm(std::string const& name) {
        tensors_.push_back({name + ".weight", "F32", {config.sizes.width}, std::as_bytes(std::span(ones_))});
    }
    std::vector<q::bf16>                                      matrix_;
    std::vector<float>                                        ones_;
    std::vector<q::tensor_view>                               tensors_;
    std::map<std::string, q::tensor_view const*, std::less<>> by_name_;
};

std::vector<q::token> some_tokens(std::size_t n, q::index vocab) {
    q::random_stream const draw(3);
    std::vector<q::token>  tokens(n);
    for (std::size_t i = 0; i < n; ++i) tokens[i] = q::token(draw.below(std::uint64_t(vocab), i));
    return tokens;
}

// Tokens per second.
double prompt_speed(q::causal_lm& model, q::index wanted) {
    auto const   tokens = some_tokens(512, model.vocab_size());
    double       sum    = 0; // of log-probabilities, so that they are computed
    double const s      = q::cpu::seconds_of([&] {
        auto const             state = model.start();
        q::sequence_step const step{state.get(), tokens, wanted};
        model.forward({&step, 1}, [&](std::span<q::logit_row const> rows, q::matrix_view<float const> logits) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
                auto const row = logits.row(q::index(i));
                sum += q::normalise(row).log_sum_exp;
            }
        });
    });
    return std::isfinite(sum) ? 512 / s : 0;
}
double generation_speed(q::causal_lm& model) {
    auto const   tokens = some_tokens(64, model.vocab_size());
    double const s      = q::cpu::seconds_of([&] {
        auto const state = model.start();
        for (auto const& t : tokens) {
            q::sequence_step const step{state.get(), {&t, 1}, 0};
            model.forward({&step, 1}, [](auto, auto const&) {});
        }
    });
    return 64 / s;
}
double peak_mebibytes() {
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    return double(u.ru_maxrss) / 1024;
}

} // namespace

int main(int argc, char** argv) {
    q::keep_freed_memory(); // as the driver does
    q::index                 layers  = 22;
    int                      threads = 0, repetitions = 3;
    bool                     json = false;
    std::vector<std::string> schemes;
    for (int i = 1; i < argc; ++i) {
        std::string const a     = argv[i];
        auto const        value = [&] { return i + 1 < argc ? std::atoi(argv[++i]) : 0; };
        if (a == "--layers")
            layers = value();
        else if (a == "--threads")
            threads = value();
        else if (a == "--repetitions")
            repetitions = std::max(1, value());
        else if (a == "--json")
            json = true;
        else
            schemes.push_back(a);
    }
    if (schemes.empty()) schemes = {"q4_k_m+a=int8:32", "q8_0+a=int8:32", "q4_k_m"};
    try {
        generated_weights const weights(layers);
        q::thread_pool          pool(threads);
        q::cpu::roofline const  machine(pool, std::size_t{1} << 28);
        auto const              formats = q::table_of<q::catalog>();
        if (!json) {
            std::printf("%lld layers, %d threads; medians of %d; GFLOP/s and %% of the limit measured beside it; "
                        "weights %.0f MiB in bf16, shared\n",
                        static_cast<long long>(layers), pool.size(), repetitions,
                        weights.head_weights() * 2 / (1 << 20));
            std::printf("%-20s %9s %9s %9s %8s %9s %9s %9s %7s %9s  %s\n", "scheme", "MiB", "pp512 t/s", "GFLOP/s",
                        "% limit", "ppl512 t/s", "tg64 t/s", "GB/s", "% read", "peak MiB", "kernels");
        }
        for (auto const& scheme : schemes) {
            q::blueprint_of<q::llama, q::cpu::host> const model(weights.config);
            auto built = q::build_model(q::cpu::host(pool), formats, q::parse_scheme(scheme), model, weights, pool);
            bool const          integer = scheme.find("+a=int8") != std::string::npos;
            std::vector<double> pp, ppl, tg, limit, read;
            for (int r = 0; r <= repetitions; ++r) { // the first warms up
                limit.push_back(integer ? machine.int8_dot() : machine.fma());
                read.push_back(machine.read());
                pp.push_back(prompt_speed(*built.model, 511));
                ppl.push_back(prompt_speed(*built.model, 256));
                tg.push_back(generation_speed(*built.model));
                if (r == 0) pp.clear(), ppl.clear(), tg.clear(), limit.clear(), read.clear();
            }
            using q::cpu::median;
            double const flops =
                median(pp) * 2 * weights.layer_weights() + median(pp) / 512 * 2 * weights.head_weights();
            double const bytes =
                median(tg) * double(built.account.covered_bytes) * (weights.layer_weights() + weights.head_weights()) /
                (weights.layer_weights() + 2 * weights.head_weights()); // the embedding is looked up, not read
            if (json) {                                                 // a line for each scheme; tokens per second
                std::printf("{\"scheme\": \"%s\", \"pp512\": %.3f, \"ppl512\": %.3f, \"tg64\": %.3f, "
                            "\"limit_fraction\": %.4f, \"peak_mib\": %.0f}\n",
                            scheme.c_str(), median(pp), median(ppl), median(tg), flops / median(limit),
                            peak_mebibytes());
                continue;
            }
            std::string kernels;
            for (auto const& k : built.account.kernels) kernels += (kernels.empty() ? "" : ", ") + k;
            std::printf("%-20s %9.1f %9.1f %9.1f %8.1f %9.1f %9.1f %9.1f %7.1f %9.0f  %s\n", scheme.c_str(),
                        double(built.account.weight_bytes) / (1 << 20), median(pp), flops / 1e9,
                        100 * flops / median(limit), median(ppl), median(tg), bytes / 1e9, 100 * bytes / median(read),
                        peak_mebibytes(), kernels.c_str());
            std::fflush(stdout);
        }
    } catch (q::error const& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return static_cast<int>(e.status());
    }
}
