// Tiny checkpoints as transformers saves them, against the logits that it computes in float32
// (tests/golden/make_architectures.py); and what logits may not depend on.
// Also tests cohere.hpp, cohere2.hpp, deepseek_v2.hpp, deepseek_v3.hpp, falcon.hpp, gemma.hpp, gemma2.hpp, gemma3.hpp,
// gpt2.hpp, gpt_bigcode.hpp, gpt_neox.hpp, gpt_oss.hpp, granite.hpp, granite_moe.hpp, llama.hpp, mistral.hpp,
// mixtral.hpp, olmo2.hpp, phi.hpp, phi3.hpp, qwen2.hpp, qwen2_moe.hpp, qwen2_vl.hpp, qwen3.hpp, qwen3_moe.hpp,
// smollm3.hpp, stablelm.hpp, starcoder2.hpp, ../any_model.hpp, ../architecture_list.hpp, ../architectures.hpp,
// ../part/gated_decoder.hpp, ../part/latent_attention.hpp, ../part/layer_windows.hpp, ../part/mixture.hpp,
// ../part/read_latent.hpp, ../part/read_mixture.hpp,
// ../part/rope_scaling.hpp, ../part/rotary.hpp, ../slot_tensor.hpp.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/io/safetensors/safetensors.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"
#include "tests/support/packed_model.hpp"
#include "tests/support/reference_model.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

using rows = std::vector<std::vector<float>>;

template <class T>
std::vector<T> values_of(safetensors_file const& file, std::string const& name) {
    auto const t = std::ranges::find(file.tensors, name, &tensor_view::name);
    REQUIRE(t != file.tensors.end());
    std::vector<T> values(t->bytes.size() / sizeof(T));
    std::memcpy(values.data(), t->bytes.data(), t->bytes.size());
    return values;
}
// Of the prompt and its continuation. transformers chooses longrope's factors by the length of the text.
constexpr index context = 72;

struct golden {
    std::vector<token>        prompt, steps;
    std::vector<std::int64_t> stored; // positions of the prompt whose logits are kept
    std::vector<float>        logits, step_logits;

    explicit golden(std::filesystem::path const& folder) {
        auto const file = read_safetensors(folder / "golden.safetensors", file_access::map);
        for (auto const id : values_of<std::int64_t>(file, "prompt")) prompt.push_back(token(id));
        for (auto const id : values_of<std::int64_t>(file, "steps")) steps.push_back(token(id));
        stored      = values_of<std::int64_t>(file, "rows");
        logits      = values_of<float>(file, "logits");
        step_logits = values_of<float>(file, "step_logits");
    }
};
std::vector<std::filesystem::path> folders() {
    std::vector<std::filesystem::path> all;
    for (auto const& entry : std::filesystem::directory_iterator(source("tests/golden/architectures")))
        all.push_back(entry.path());
    std::ranges::sort(all);
    return all;
}
// The logits of a sequence whose tokens are given `at_once` at a time, beside another sequence or alone.
rows logits_of(causal_lm& model, std::vector<token> const& text, std::size_t at_once, bool beside = false) {
    rows       out;
    auto const state = model.start(), other = model.start();
    for (std::size_t first = 0; first < text.size(); first += at_once) {
        auto const                 part = std::span(text).subspan(first, std::min(at_once, text.size() - first));
        std::vector<sequence_step> steps{{state.get(), part, 0}};
        if (beside) steps.insert(steps.begin(), {other.get(), part.first((part.size() + 1) / 2), 0});
        model.forward(steps, [&](std::span<logit_row const> which, matrix_view<float const> l) {
            for (index r = 0; r < l.rows; ++r) {
                if (which[std::size_t(r)].step + 1 == index(steps.size()))
                    out.emplace_back(l.row(r).begin(), l.row(r).end());
            }
        });
    }
    return out;
}
bool same_bits(rows const& a, rows const& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](auto const& x, auto const& y) {
               return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
           });
}
// max |a - b| / max |b| of one position.
double error_of(std::vector<float> const& a, float const* b) {
    double error = 0, largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        error   = std::max(error, std::abs(double(a[i]) - double(b[i])));
        largest = std::max(largest, std::abs(double(b[i])));
    }
    return error / largest;
}

} // namespace

TEST_CASE("logits of a prompt and of 32 cached steps are those of transformers within 1e-4") {
    std::map<std::string, int> models; // of each architecture
    thread_pool                pool(2);
    for (auto const* a : architectures_of<cpu::host>()) models[std::string(a->names().model_type)] = 0;
    for (auto const& folder : folders()) {
        INFO(folder.filename().string());
        golden const     expected(folder);
        checkpoint const stored = open_floats(folder);
        auto const model = model_of(stored, cpu::host(pool), packed_as<dense_f32>(cpu::exact_path{}, pool), context);
        auto       text  = expected.prompt;
        rows const first = logits_of(*model, text, text.size());
        auto const width = std::size_t(model->vocab_size());
        REQUIRE(expected.stored == std::vector<std::int64_t>{0, 6, 39});
        REQUIRE(expected.logits.size() == 3 * width);
        double worst = 0;
        for (std::size_t i = 0; i < 3; ++i)
            worst =
                std::max(worst, error_of(first[std::size_t(expected.stored[i])], expected.logits.data() + i * width));
        text.insert(text.end(), expected.steps.begin(), expected.steps.end());
        rows const all = logits_of(*model, text, 1);
        REQUIRE(expected.step_logits.size() == 32 * width);
        for (std::size_t i = 0; i < 32; ++i)
            worst = std::max(worst, error_of(all[expected.prompt.size() + i], expected.step_logits.data() + i * width));
        INFO(worst);
        CHECK(worst <= 1e-4);
        CHECK(worst > 0); // something was compared
        ++models[stored.config().architecture_name()];
    }
    for (auto const& [model_type, count] : models) {
        INFO(model_type);
        CHECK(count >= 2);
    }
}

TEST_CASE("logits of every architecture are the same bits for any threads, batch and cut") {
    for (auto const& folder : folders()) {
        INFO(folder.filename().string());
        golden const     expected(folder);
        checkpoint const stored = open_floats(folder);
        auto             text   = expected.prompt;
        text.insert(text.end(), expected.steps.begin(), expected.steps.end());
        for (bool const integer : {false, true}) {
            rows reference;
            for (int const threads : {1, 3}) {
                thread_pool                 pool(threads);
                weights<cpu::host>::factory make = packed_as<dense_f32>(cpu::exact_path{}, pool);
                if (integer) make = packed_as<int8_sym>(cpu::integer_path{cpu::activation_group::token}, pool);
                auto const model = model_of(stored, cpu::host(pool), make, context);
                if (reference.empty()) reference = logits_of(*model, text, text.size());
                for (std::size_t const at_once : {std::size_t(1), std::size_t(7), text.size()}) {
                    CHECK(same_bits(logits_of(*model, text, at_once), reference));
                    CHECK(same_bits(logits_of(*model, text, at_once, true), reference));
                }
            }
        }
    }
}

} // namespace qeval
