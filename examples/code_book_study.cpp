// Is NF4's code book worth it? Sixteen quantiles of a normal distribution against sixteen equal steps, at equal bits.
// run: {model}
#include <cstdio>
#include <string>
#include <vector>

#include <qeval/core/samples.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/pack/decode.hpp>
#include <qeval/pack/encode.hpp>
#include <qeval/pack/round_trip.hpp>
#include <qeval/scheme/stored_matrix.hpp>
#include <qeval/scheme/table_of.hpp>

namespace q = qeval;

// [formats]
template <int N>
struct quantiles : q::format<"nf4", q::block<N>, q::levels<q::nf4_levels>, q::packing::nibbles, q::scale<q::f16>> {};

template <int N> // -8 .. 7 times a scale
struct steps : q::format<"int4", q::block<N>, q::integers<4, 8>, q::packing::nibbles, q::scale<q::f16>> {};

template <int N> // 0 .. 15 times a scale, plus a minimum: 16 bits more for each block
struct affine_steps : q::format<"int4 + minimum", q::block<N>, q::integers<4>, q::packing::nibbles, q::scale<q::f16>,
                                q::minimum<q::f16>, q::fit::min_max> {};
// [/formats]

struct sample {
    char const*        name;
    q::index           rows, cols;
    std::vector<float> values;
};

template <class F>
void measure(std::vector<sample> const& samples, q::thread_pool& pool) {
    std::printf("%-16s %5d %7.3f", std::string(q::name_of<F>()).c_str(), F::block_size, q::bits_per_weight<F>);
    for (auto const& s : samples) {
        auto const         packed = q::pack<F>({s.values.data(), s.rows, s.cols}, pool);
        std::vector<float> back(s.values.size());
        q::unpack(packed.view(), {back.data(), s.rows, s.cols}, pool);
        std::printf(" %10.5f", q::compare_round_trip(s.values, back).rmse);
    }
    std::puts("");
}
template <int N>
void compare(std::vector<sample> const& samples, q::thread_pool& pool) {
    measure<quantiles<N>>(samples, pool), measure<steps<N>>(samples, pool), measure<affine_steps<N>>(samples, pool);
}

int main(int argc, char** argv) {
    try {
        q::thread_pool      pool;
        std::vector<sample> samples{{"Gaussian", 1024, 1024, q::gaussian_sample(1 << 20)},
                                    {"Laplace", 1024, 1024, q::laplace_sample(1 << 20)}};
        if (argc > 1) { // a checkpoint: its first feed-forward matrix, too
            auto const formats = q::table_of<q::format_list<q::dense_f32, q::dense_f16, q::dense_bf16>>();
            auto const file    = q::open_checkpoint(argv[1], formats.gguf_types());
            for (auto const& t : file.tensors()) {
                if (samples.size() == 3 || t.name.find("up_proj") == std::string::npos) continue;
                samples.push_back({"weights", t.shape[0], t.shape[1], q::matrix_floats(formats, t, pool, false)});
            }
        }
        std::printf("%-16s %5s %7s", "code book", "block", "bits/w");
        for (auto const& s : samples) std::printf(" %10s", s.name);
        std::puts("   (RMSE over the weights' root mean square)");
        compare<32>(samples, pool), compare<64>(samples, pool), compare<128>(samples, pool);
    } catch (q::error const& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return static_cast<int>(e.status());
    }
}
