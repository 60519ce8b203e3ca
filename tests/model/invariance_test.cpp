// A sequence's logits are the same bits for any number of threads, beside any other sequences, and however the sequence
// is cut into steps.
#include <cstring>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/catalog/q4_k.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/model/cpu/host.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"
#include "tests/support/packed_model.hpp"
#include "tests/support/reference_model.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

using rows   = std::vector<std::vector<float>>; // logits of every position
using cutter = std::vector<index>;              // lengths of the steps

void keep(rows& out, matrix_view<float const> logits, index r) {
    out.emplace_back(logits.row(r).begin(), logits.row(r).end());
}

// All sequences in every forward pass, each cut in its own way (the last length repeats).
std::vector<rows> together(causal_lm& model, std::vector<std::vector<token>> const& texts,
                           std::vector<cutter> const& cuts) {
    std::vector<rows>                            out(texts.size());
    std::vector<std::unique_ptr<sequence_state>> states;
    std::vector<std::size_t>                     done(texts.size(), 0);
    for (std::size_t i = 0; i < texts.size(); ++i) states.push_back(model.start());
    for (std::size_t round = 0;; ++round) {
        std::vector<sequence_step> steps;
        std::vector<std::size_t>   who;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            auto const n =
                std::min(texts[i].size() - done[i], std::size_t(cuts[i][std::min(round, cuts[i].size() - 1)]));
            if (n == 0) continue;
            steps.push_back({states[i].get(), std::span(texts[i]).subspan(done[i], n), 0});
            who.push_back(i);
            done[i] += n;
        }
        if (steps.empty()) return out;
        model.forward(steps, [&](std::span<logit_row const> r, matrix_view<float const> logits) {
            for (std::size_t k = 0; k < r.size(); ++k) keep(out[who[std::size_t(r[k].step)]], logits, index(k));
        });
    }
}
bool same_bits(rows const& a, rows const& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].size() != b[i].size() || std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(float)) != 0)
            return false;
    }
    return true;
}

struct kernel_case {
    std::string                                              name;
    std::function<weights<cpu::host>::factory(thread_pool&)> make;
    kv_format const*                                         kv = nullptr;
};
template <class F, class Path>
kernel_case with(std::string name, Path path, kv_format const* kv = nullptr) {
    return {std::move(name), [path](thread_pool& pool) { return packed_as<F>(path, pool); }, kv};
}

void check_invariance(std::string const& directory, kernel_case const& k, std::size_t longest) {
    auto const path = data(directory + "/hf"), reference = data(directory + "/reference.json");
    if (!path || !reference) return;
    INFO(directory << ", " << k.name);
    checkpoint const                source = open_floats(*path);
    std::vector<std::vector<token>> texts;
    for (auto const& s : read_reference(*reference).stories) texts.push_back(s.tokens);
    for (std::size_t i = 0; i < texts.size(); ++i)
        texts[i].resize(std::min(texts[i].size(), longest - 13 * i)); // lengths differ

    std::vector<rows> expected;
    for (int const threads : {1, 2, 3, 5}) {
        thread_pool pool(threads);
        auto const  model = model_of(source, cpu::host(pool, k.kv), k.make(pool));
        INFO("threads " << threads);
        if (threads == 1) { // each alone, at once
            for (auto const& t : texts) expected.push_back(together(*model, {t}, {{512}})[0]);
            REQUIRE(expected[0].size() == texts[0].size());
            REQUIRE_FALSE(same_bits(expected[0], expected[1]));
        }
        auto const batch = together(*model, texts, {{512}, {512}, {512}, {512}, {512}});
        auto const mixed = together(*model, texts, {{1}, {7, 1, 30, 2}, {512}, {16, 1}, {3}});
        for (std::size_t i = 0; i < texts.size(); ++i) {
            CHECK(same_bits(batch[i], expected[i]));
            CHECK(same_bits(mixed[i], expected[i]));
        }
        if (threads == 2) { // a token at a time, alone; two at a time, in another order
            CHECK(same_bits(together(*model, {texts[1]}, {{1}})[0], expected[1]));
            auto const pair = together(*model, {texts[4], texts[0]}, {{5}, {11, 1, 2}});
            CHECK(same_bits(pair[0], expected[4]));
            CHECK(same_bits(pair[1], expected[0]));
        }
    }
}

} // namespace

TEST_CASE("logits are bit-identical for any threads, batch and cut: float kernels") {
    check_invariance("models/stories260K", with<dense_f32>("f32, exact", cpu::exact_path{}), 90);
    check_invariance("models/babyllama-tok105", with<dense_f32>("f32, exact", cpu::exact_path{}), 70);
    check_invariance("models/babyllama-tok105",
                     with<dense_bf16>("bf16, emulated bf16", cpu::exact_path{compute_type::bf16}), 70);
    check_invariance("models/babyllama-tok105", with<q4_k>("Q4_K, exact", cpu::exact_path{}), 70);
    check_invariance("models/babyllama-tok105", with<nf4>("NF4, emulated f16", cpu::exact_path{compute_type::f16}), 70);
}

TEST_CASE("logits are bit-identical for any threads, batch and cut: integer kernels") {
    check_invariance("models/stories260K", with<q8_0>("Q8_0, integer", cpu::integer_path{}), 90);
    check_invariance("models/babyllama-tok105", with<q4_k>("Q4_K, integer", cpu::integer_path{}), 70);
    check_invariance("models/babyllama-tok105",
                     with<int8_sym>("int8, a scale for each token", cpu::integer_path{cpu::activation_group::token}),
                     70);
}

TEST_CASE("logits are bit-identical for any threads, batch and cut: keys and values in 16 bit") {
    check_invariance("models/babyllama-tok105",
                     with<dense_f32>("f32, KV f16", cpu::exact_path{}, &kv_format_for<kv_plain<f16>>()), 70);
    check_invariance("models/babyllama-tok105",
                     with<q8_0>("Q8_0, KV bf16", cpu::integer_path{}, &kv_format_for<kv_plain<bf16>>()), 70);
}

} // namespace qeval
