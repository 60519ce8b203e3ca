#include <cmath>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/model/cpu/host.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"
#include "tests/support/dense_linear.hpp"
#include "tests/support/packed_model.hpp"
#include "tests/support/reference_model.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

// Logits [tokens, vocab] of a sequence given at once.
std::vector<std::vector<float>> all_logits(causal_lm& model, std::vector<token> const& tokens, index wanted = 0) {
    std::vector<std::vector<float>> out;
    auto const                      state = model.start();
    sequence_step const             step{state.get(), tokens, wanted};
    model.forward({&step, 1}, [&](std::span<logit_row const>, matrix_view<float const> l) {
        for (index r = 0; r < l.rows; ++r) out.emplace_back(l.row(r).begin(), l.row(r).end());
    });
    return out;
}

void check_reference(causal_lm& model, reference const& expected, std::size_t greedy_from) {
    REQUIRE(expected.prompts.size() >= 2);
    for (auto const& p : expected.prompts) {
        auto const logits = all_logits(model, p.tokens, index(p.tokens.size()) - 1);
        REQUIRE(logits.size() == 1);
        REQUIRE(logits[0].size() == p.last_logits.size());
        double worst = 0;
        for (std::size_t i = 0; i < p.last_logits.size(); ++i) {
            worst = std::max(worst, std::abs(double(logits[0][i]) - p.last_logits[i]));
        }
        CHECK(worst < 1e-4);
    }
    auto const greedy = all_logits(model, expected.greedy);
    for (std::size_t i = greedy_from; i + 1 < expected.greedy.size(); ++i) {
        auto const best = std::max_element(greedy[i].begin(), greedy[i].end()) - greedy[i].begin();
        REQUIRE(token(best) == expected.greedy[i + 1]);
    }
    REQUIRE(expected.stories.size() == 5);
    for (auto const& s : expected.stories) {
        auto const logits = all_logits(model, s.tokens);
        double     nll    = 0;
        for (std::size_t i = 0; i + 1 < s.tokens.size(); ++i) {
            double sum = 0;
            for (float const l : logits[i]) sum += std::exp(double(l));
            nll += std::log(sum) - double(logits[i][std::size_t(s.tokens[i + 1])]);
        }
        CHECK(std::abs(nll / double(s.tokens.size() - 1) - s.nll_mean) < 1e-4);
    }
}

} // namespace

TEST_CASE("logits, greedy text and story likelihoods equal an independent float64 implementation") {
    struct model_case {
        char const* weights;
        char const* expected;
        std::size_t greedy_from; // the reference's greedy text begins with a prompt
    };
    auto const [weights, expected, greedy_from] =
        GENERATE(model_case{"models/stories260K/stories260K.gguf", "models/stories260K/reference.json", 0},
                 model_case{"models/stories260K/hf", "models/stories260K/reference.json", 0}, // two shards
                 model_case{"models/babyllama-tok105/hf", "models/babyllama-tok105/reference.json", 17});
    auto const path = data(weights), reference = data(expected);
    if (!path || !reference) return;
    INFO(weights);
    thread_pool      pool(2);
    checkpoint const source  = open_floats(*path);
    auto const       figures = read_reference(*reference);
    SECTION("a linear in double") {
        check_reference(*model_of(source, cpu::host(pool), make_dense), figures, greedy_from);
    }
    SECTION("f32, exact kernel") {
        auto const make = packed_as<dense_f32>(cpu::exact_path{}, pool);
        check_reference(*model_of(source, cpu::host(pool), make), figures, greedy_from);
    }
}

} // namespace qeval
