// The engine over a trained model with its own tokenizer.
#include <qeval/engine/in_process.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/model/cpu/host.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"
#include "tests/support/packed_model.hpp"
#include "tests/support/reference_model.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

template <class F, class Path>
in_process<tokenizer> stories(std::filesystem::path const& gguf, thread_pool& pool, Path path,
                              batch_limits limits = {}) {
    checkpoint const source = open_floats(gguf);
    auto             model  = model_of(source, cpu::host(pool), packed_as<F>(path, pool));
    return {std::move(model), load_tokenizer(gguf), limits};
}
json_value at(json_document const& d, char const* a, char const* b) { return d.at(a).at(b); }

} // namespace

TEST_CASE("stories260K writes the published text and scores the reference stories") {
    auto const gguf      = data("models/stories260K/stories260K.gguf"),
               reference = data("models/stories260K/reference.json");
    if (!gguf || !reference) return;
    thread_pool pool(2);
    auto        engine = stories<dense_f32>(*gguf, pool, cpu::exact_path{});
    CHECK(engine.bos() == 1);
    CHECK(engine.encode("Once upon a time") == std::vector<token>{403, 407, 261, 378});

    auto const       text     = parse_json(slurp(*reference), "reference.json");
    auto const       expected = read_reference(*reference);
    generate_request r{{1}, {}};
    r.how.max_tokens = index(expected.greedy.size()) - 1;
    auto const g     = engine.generate({&r, 1})[0];
    CHECK(g.tokens == std::vector<token>(expected.greedy.begin() + 1, expected.greedy.end()));
    CHECK(at(text, "greedy_from_bos", "text").string().substr(0, 200) == g.text.substr(0, 200));

    std::vector<score_request> scored;
    for (auto const& s : expected.stories)
        scored.push_back({{}, {s.tokens.begin() + 1, s.tokens.end()}}); // context: BOS
    auto const scores = engine.log_likelihoods(scored);
    for (std::size_t i = 0; i < scores.size(); ++i) {
        CHECK(-scores[i].log_likelihood / double(scores[i].tokens) ==
              Approx(expected.stories[i].nll_mean).epsilon(0).margin(1e-4));
    }
}

TEST_CASE("scores and sampled texts are the same for any threads, batches and order, and resume from the middle") {
    auto const gguf      = data("models/stories260K/stories260K.gguf"),
               reference = data("models/stories260K/reference.json");
    if (!gguf || !reference) return;
    auto const                    expected = read_reference(*reference);
    std::vector<score_request>    scored;
    std::vector<generate_request> written;
    for (std::size_t i = 0; i < 5; ++i) {
        auto const&              story = expected.stories[i].tokens;
        std::vector<token> const context(story.begin(), story.begin() + 20);
        scored.push_back({context, {story.begin() + 20, story.begin() + 26}});
        scored.push_back({context, {story.begin() + 30, story.begin() + 33}});
        generate_request r{context, {}};
        r.how.max_tokens = 10, r.how.temperature = 0.8, r.how.top_p = 0.9, r.how.seed = 4, r.how.document = i;
        written.push_back(r);
    }
    std::vector<score>      first;
    std::vector<generation> texts;
    for (int const threads : {1, 3}) {
        for (auto const limits : {batch_limits{}, {17, 3}}) {
            thread_pool pool(threads);
            auto        engine = stories<q8_0>(*gguf, pool, cpu::integer_path{}, limits);
            auto const  scores = engine.log_likelihoods(scored);
            auto const  again  = engine.generate(written);
            if (first.empty()) first = scores, texts = again;
            for (std::size_t i = 0; i < scores.size(); ++i) CHECK(scores[i].log_likelihood == first[i].log_likelihood);
            for (std::size_t i = 0; i < again.size(); ++i) CHECK(again[i].tokens == texts[i].tokens);
            auto const rest = engine.generate(std::span(written).subspan(3)); // as after a restart
            for (std::size_t i = 0; i < rest.size(); ++i) CHECK(rest[i].text == texts[i + 3].text);
            CHECK(engine.counts().computed < engine.counts().naive);
            auto batch = engine.texts(); // every request joins a step after the one before it
            for (auto const& r : written) batch.add(r), batch.step();
            while (batch.step()) {}
            auto const joined = batch.take_finished();
            CHECK(joined.size() == texts.size());
            for (auto const& f : joined) CHECK(f.text.tokens == texts[std::size_t(f.number)].tokens);
        }
    }
    CHECK(texts[0].tokens != texts[1].tokens);
}

} // namespace qeval
