// The model that ships in examples/, against the logits that the framework which trained it computes in float64.
#include <cmath>

#include <qeval/engine/sampler.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/model/cpu/host.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"
#include "tests/support/packed_model.hpp"
#include "tests/support/reference_model.hpp"

namespace qeval {
using namespace qeval_test;

TEST_CASE("the bundled model gives its reference logits and greedy texts") {
    auto const dir = source("examples/models/qeval-5m");
    if (!std::filesystem::exists(dir / "reference.json"))
        return skip("examples/models/qeval-5m/reference.json is not here");
    auto const       expected = parse_json(slurp(dir / "reference.json"), "reference.json");
    checkpoint const stored   = open_floats(dir);
    auto const       words    = load_tokenizer(dir);
    thread_pool      pool(2);
    auto const       model = model_of(stored, cpu::host(pool), packed_as<dense_bf16>(cpu::exact_path{}, pool));
    std::size_t      cases = 0;
    expected.at("cases").for_each_element([&](std::size_t, json_value c) {
        ++cases;
        auto const prompt = numbers<token>(c.at("ids"));
        auto const greedy = numbers<token>(c.at("greedy"));
        CHECK(words.encode_with_specials(c.at("prompt").string()) == prompt);
        CHECK(words.decode_with_specials(greedy) == c.at("greedy_text").string());
        auto text = prompt; // the reference's own continuation, all positions at once
        text.insert(text.end(), greedy.begin(), greedy.end() - 1);
        std::vector<std::vector<float>> logits;
        auto const                      state = model->start();
        sequence_step const             step{state.get(), text, index(prompt.size()) - 1};
        model->forward({&step, 1}, [&](std::span<logit_row const>, matrix_view<float const> l) {
            for (index r = 0; r < l.rows; ++r) logits.emplace_back(l.row(r).begin(), l.row(r).end());
        });
        REQUIRE(logits.size() == greedy.size());
        auto const first = numbers<double>(c.at("last_logits"));
        for (std::size_t i = 0; i < first.size(); ++i) CHECK(std::abs(double(logits[0][i]) - first[i]) < 1e-4);
        auto const s = cpu::normalise(logits[0]);
        CHECK(s.top == c.at("argmax").integer(0, model->vocab_size() - 1));
        CHECK(std::abs(s.log_sum_exp - c.at("log_sum_exp").number(-1e3, 1e3)) < 1e-4);
        for (std::size_t i = 0; i < greedy.size(); ++i) CHECK(greedy_token(logits[i]) == greedy[i]);
    });
    CHECK(cases >= 5);
}

} // namespace qeval
