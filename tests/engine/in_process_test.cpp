// Also tests any_engine.hpp, requests.hpp, request_tokens.hpp, sequence_reader.hpp, tree_walk.hpp.
#include <cmath>
#include <map>

#include <qeval/engine/in_process.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/toy_lm.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

constexpr index vocab = 20;

struct fixture {
    explicit fixture(batch_limits limits = {}, letters words = {}, index context = 64, token poison = -1)
        : engine(std::make_unique<toy_lm>(vocab, context, poison), words, limits) {}
    toy_lm&             lm() { return static_cast<toy_lm&>(engine.model()); }
    in_process<letters> engine;
};

std::vector<token> some_tokens(random_stream const& r, std::uint64_t& n, std::uint64_t least, std::uint64_t most) {
    std::vector<token> out(least + r.below(most - least + 1, n++));
    for (auto& t : out) t = token(r.below(vocab, n++));
    return out;
}
// Questions under one header, four choices each; the first has single-token choices.
std::vector<score_request> questions() {
    random_stream const        r(3);
    std::uint64_t              n      = 0;
    auto const                 header = some_tokens(r, n, 12, 12);
    std::vector<score_request> out;
    for (int q = 0; q < 5; ++q) {
        auto       context = header;
        auto const more    = some_tokens(r, n, 1, 9);
        context.insert(context.end(), more.begin(), more.end());
        for (token c = 0; c < 4; ++c)
            out.push_back({context, q == 0 ? std::vector<token>{c} : some_tokens(r, n, 1, 5)});
    }
    return out;
}
double log_probability(std::vector<float> const& logits, token t) {
    double sum = 0;
    for (float const l : logits) sum += std::exp(double(l));
    return double(logits[std::size_t(t)]) - std::log(sum);
}
std::vector<generate_request> prompts(double temperature) {
    random_stream const           r(5);
    std::uint64_t                 n = 0;
    std::vector<generate_request> out;
    for (std::uint64_t d = 0; d < 7; ++d) {
        generate_request q{some_tokens(r, n, 1, 6), {}};
        q.how.max_tokens = 5 + index(d), q.how.temperature = temperature, q.how.seed = 11, q.how.document = d;
        out.push_back(q);
        if (d == 2) { // the same prompt again, another sample
            q.how.sample = 1;
            out.push_back(q);
        }
    }
    return out;
}

} // namespace

TEST_CASE("what one call ended with is not computed again by the next, and changes no score") {
    auto const requests = questions(); // 5 questions of four choices under one header of 12 tokens
    fixture    whole, pieces;
    auto const scores = whole.engine.log_likelihoods(requests);
    for (std::size_t i = 0; i < requests.size(); i += 4) {
        auto const some = pieces.engine.log_likelihoods(std::span(requests).subspan(i, 4));
        for (std::size_t k = 0; k < 4; ++k) CHECK(some[k].log_likelihood == scores[i + k].log_likelihood);
    }
    CHECK(pieces.engine.counts().computed < whole.engine.counts().computed + 12); // the header, never again
    CHECK(pieces.engine.counts().naive == whole.engine.counts().naive);

    auto const texts = whole.engine.generate(prompts(0.7)); // behind other calls
    fixture    fresh;
    auto const again = fresh.engine.generate(prompts(0.7));
    for (std::size_t i = 0; i < texts.size(); ++i) CHECK(texts[i].tokens == again[i].tokens);
    auto const twice = fresh.engine.generate(prompts(0.7)); // every prompt is known, or begins alike
    for (std::size_t i = 0; i < texts.size(); ++i) CHECK(twice[i].tokens == again[i].tokens);
}

TEST_CASE("log-likelihoods are those of each request computed alone, whatever the batches") {
    auto const requests = questions();
    fixture    whole;
    auto const scores = whole.engine.log_likelihoods(requests);
    REQUIRE(scores.size() == requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        double             expected = 0;
        bool               greedy   = true;
        std::vector<token> text(requests[i].context.begin(), requests[i].context.end());
        for (token const t : requests[i].continuation) {
            auto const logits = whole.lm().after(text);
            expected += log_probability(logits, t);
            greedy = greedy && greedy_token(logits) == t;
            text.push_back(t);
        }
        CHECK(scores[i].log_likelihood == Approx(expected).epsilon(1e-6));
        CHECK(scores[i].greedy == greedy);
        CHECK(scores[i].tokens == index(requests[i].continuation.size()));
        CHECK(scores[i].error.empty());
    }
    for (auto const limits : {batch_limits{1, 1}, {7, 2}, {5, 64}, {512, 3}, {2, 2}, {3, 1}, {13, 7}, {40, 64}}) {
        fixture    other(limits);
        auto const again = other.engine.log_likelihoods(requests);
        for (std::size_t i = 0; i < scores.size(); ++i) CHECK(again[i].log_likelihood == scores[i].log_likelihood);
    }
    auto reversed = requests;
    std::reverse(reversed.begin(), reversed.end());
    auto const again = whole.engine.log_likelihoods(reversed);
    for (std::size_t i = 0; i < scores.size(); ++i) {
        CHECK(again[scores.size() - 1 - i].log_likelihood == scores[i].log_likelihood);
    }
    fixture alone;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        CHECK(alone.engine.log_likelihoods(std::span(requests).subspan(i, 1))[0].log_likelihood ==
              scores[i].log_likelihood);
    }
}

TEST_CASE("a greedy continuation is seen as greedy") {
    fixture            f;
    std::vector<token> text{1, 2, 3}, best;
    for (int i = 0; i < 3; ++i) {
        best.push_back(greedy_token(f.lm().after(text)));
        text.push_back(best.back());
    }
    auto worse   = best;
    worse.back() = (worse.back() + 1) % vocab;
    std::vector<score_request> const r{{{1, 2, 3}, best}, {{1, 2, 3}, worse}};
    auto const                       s = f.engine.log_likelihoods(r);
    CHECK(s[0].greedy);
    CHECK_FALSE(s[1].greedy);
}

TEST_CASE("a shared header and a shared context are computed once, and both counts are kept") {
    fixture                    f;
    std::vector<token> const   header(10, 1);
    std::vector<score_request> r;
    for (token q = 0; q < 3; ++q) {
        auto context = header;
        context.insert(context.end(), {token(5 + q), 6, 7});          // three tokens of its own
        for (token c = 0; c < 4; ++c) r.push_back({context, {c, 2}}); // of the continuation, one is fed
    }
    (void)f.engine.log_likelihoods(r);
    CHECK(f.engine.counts().computed == 10 + 3 * (3 + 4));
    CHECK(f.engine.counts().naive == 12 * 14);
    CHECK(f.lm().computed == f.engine.counts().computed);
    for (auto& q : r) q.continuation.resize(1); // single-token choices: the contexts alone
    (void)f.engine.log_likelihoods(r);
    CHECK(f.lm().computed ==
          10 + 3 * (3 + 4) + 3 + 3 + 1); // the header is known, of the last context all but what gives logits
}

TEST_CASE("an empty context means after the beginning-of-text token, else the end-of-text token") {
    std::vector<score_request> const r{{{}, {4, 5}}}, spelled{{{9}, {4, 5}}};
    letters                          begins, ends;
    begins.begin = 9, begins.end = 3, ends.end = 9;
    for (auto const& words : {begins, ends}) {
        fixture f({}, words);
        CHECK(f.engine.log_likelihoods(r)[0].log_likelihood == f.engine.log_likelihoods(spelled)[0].log_likelihood);
    }
    fixture f;
    CHECK_THROWS_WITH(f.engine.log_likelihoods(r),
                      Catch::Contains("error[EN03]") && Catch::Contains("an empty context"));
}

TEST_CASE("requests that cannot be answered are errors of their own, not of their neighbours") {
    fixture                          f({}, {}, 8, 13);
    std::vector<score_request> const r{{{1, 2}, {3, 4}},                    // good
                                       {{1, 2, 13}, {3}},                   // NaN logits
                                       {{1, 2, 3, 4, 5, 6}, {7, 8, 9}},     // 8 tokens are fed: fits
                                       {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10}}, // too long by one
                                       {{1, 2}, {}}};                       // nothing to score
    auto const                       s = f.engine.log_likelihoods(r);
    CHECK(s[0].error.empty());
    CHECK(std::isfinite(s[0].log_likelihood));
    CHECK(s[1].error == "nonfinite logits");
    CHECK(std::isnan(s[1].log_likelihood));
    CHECK_FALSE(s[1].greedy);
    CHECK(s[2].error.empty());
    CHECK(s[3].error == "too long: 10 tokens, context of 8");
    CHECK(s[4].error.empty());
    CHECK(s[4].log_likelihood == 0);
    std::vector<score_request> const wrong{{{1, 2}, {vocab}}}, negative{{{-1}, {2}}};
    CHECK_THROWS_WITH(f.engine.log_likelihoods(wrong), Catch::Contains("error[EN01] request 0, token 2: found 20"));
    CHECK_THROWS_AS(f.engine.log_likelihoods(negative), usage_error);
}

TEST_CASE("logits arrive for every wanted position, ascending within a sequence, in any batches") {
    std::vector<token> const         a{1, 2, 3, 4, 5, 6}, b{1, 2, 3, 9}, c{7};
    std::vector<logit_request> const r{{a, 0}, {b, 2}, {a, 5}, {c, 0}};
    for (auto const limits : {batch_limits{}, {1, 1}, {4, 2}}) {
        fixture                             f(limits);
        std::map<index, std::vector<index>> seen;
        f.engine.read(r, [&](std::span<logit_place const> places, matrix_view<float const> rows) {
            for (auto const& [s, p, row] : places) {
                seen[s].push_back(p);
                auto const expected = f.lm().after(r[std::size_t(s)].tokens.first(std::size_t(p + 1)));
                CHECK(std::ranges::equal(rows.row(row), expected));
            }
        });
        CHECK(seen[0] == std::vector<index>{0, 1, 2, 3, 4, 5});
        CHECK(seen[1] == std::vector<index>{2, 3});
        CHECK(seen[2] == std::vector<index>{5});
        CHECK(seen[3] == std::vector<index>{0});
    }
}

TEST_CASE("generated texts are those of each prompt alone, greedy or sampled, whatever the batches") {
    for (double const temperature : {0.0, 1.0}) {
        auto const requests = prompts(temperature);
        fixture    whole;
        auto const texts = whole.engine.generate(requests);
        REQUIRE(texts.size() == requests.size());
        for (std::size_t i = 0; i < requests.size(); ++i) {
            std::vector<token> text(requests[i].prompt.begin(), requests[i].prompt.end());
            std::vector<token> expected;
            for (index n = 0; n < requests[i].how.max_tokens; ++n) {
                expected.push_back(sampler(requests[i].how).pick(whole.lm().after(text), n));
                text.push_back(expected.back());
            }
            CHECK(texts[i].tokens == expected);
            CHECK(texts[i].finish == "length");
            CHECK(texts[i].text == letters{}.decode(expected));
        }
        if (temperature > 0) CHECK(texts[2].tokens != texts[3].tokens); // two samples of one prompt
        for (auto const limits : {batch_limits{1, 1}, {3, 2}, {512, 4}}) {
            fixture    other(limits);
            auto const again = other.engine.generate(requests);
            for (std::size_t i = 0; i < texts.size(); ++i) CHECK(again[i].tokens == texts[i].tokens);
            CHECK(other.lm().largest_batch <= limits.sequences);
        }
    }
}

TEST_CASE("a text ends at the end token, before a stop text, or when the context is full") {
    fixture          plain;
    generate_request q{{1, 2}, {}};
    q.how.max_tokens = 12;
    auto const full  = plain.engine.generate({&q, 1})[0];
    REQUIRE(full.tokens.size() == 12);

    letters words;
    words.end         = full.tokens[4];
    index const first = std::find(full.tokens.begin(), full.tokens.end(), words.end) - full.tokens.begin();
    fixture     ends({}, words);
    auto const  ended = ends.engine.generate({&q, 1})[0];
    CHECK(ended.finish == "eos");
    CHECK(ended.end == words.end);
    CHECK(ended.tokens == std::vector<token>(full.tokens.begin(), full.tokens.begin() + first));
    in_process<letters> several(std::make_unique<toy_lm>(vocab, 64), letters{}, {}, {19, full.tokens[4]});
    CHECK(several.generate({&q, 1})[0].finish == "eos");
    CHECK(several.generate({&q, 1})[0].end == full.tokens[4]);

    q.how.stops        = {"zz", full.text.substr(6, 2), full.text.substr(3, 3)};
    auto const stopped = plain.engine.generate({&q, 1})[0];
    CHECK(stopped.finish == "stop");
    CHECK(stopped.text ==
          full.text.substr(0, std::min(full.text.find(q.how.stops[1]), full.text.find(q.how.stops[2]))));
    q.how.stops.clear();

    fixture    small({}, {}, 6);
    auto const cut = small.engine.generate({&q, 1})[0];
    CHECK(cut.finish == "length");
    CHECK(cut.tokens == std::vector<token>(full.tokens.begin(), full.tokens.begin() + 5)); // 2 + 4 are fed, 5 are known

    q.how.max_tokens = 0;
    CHECK(plain.engine.generate({&q, 1})[0].tokens.empty());
}

TEST_CASE("generation names prompts that do not fit and logits that are not finite") {
    fixture                       f({}, {}, 4, 13);
    std::vector<generate_request> r{{{1, 2, 3, 4, 5}, {}}, {{1, 13}, {}}, {{1, 2}, {}}};
    for (auto& q : r) q.how.max_tokens = 1;
    auto const g = f.engine.generate(r);
    CHECK(g[0].finish == "error: too long: prompt of 5 tokens, context of 4");
    CHECK(g[1].finish == "error: nonfinite logits");
    CHECK(g[1].tokens.empty());
    CHECK(g[2].finish == "length");
    CHECK(g[2].tokens.size() == 1);
}

} // namespace qeval
