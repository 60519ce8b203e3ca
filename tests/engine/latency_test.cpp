// Also tests batch_search.hpp.
#include <map>
#include <set>
#include <stdexcept>

#include <qeval/engine/batch_search.hpp>
#include <qeval/engine/latency.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/toy_lm.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

constexpr index vocab = 20, context = 32;

// A toy_lm that remembers the lengths of what it was given, and wants each text to go on with the likeliest token.
class watched_lm final : public causal_lm {
public:
    [[nodiscard]] index                           vocab_size() const override { return inner_.vocab_size(); }
    [[nodiscard]] index                           max_tokens() const override { return inner_.max_tokens(); }
    [[nodiscard]] std::unique_ptr<sequence_state> start() const override { return inner_.start(); }

    void forward(std::span<sequence_step const> steps, logit_rows_sink const& sink) override {
        auto& lengths = passes.emplace_back();
        for (auto const& s : steps) {
            auto& text = texts_[s.state];
            if (s.state->length() == 0) text.clear(); // another sequence lived at this address before
            text.insert(text.end(), s.tokens.begin(), s.tokens.end());
            lengths.push_back(std::ssize(s.tokens));
            longest = std::max(longest, std::ssize(text));
            if (s.wanted < std::ssize(s.tokens)) ++wanted;
            if (s.tokens.size() == 1 && s.state->length() >= prompt) {
                auto const before = std::span<token const>(text).first(text.size() - 1);
                auto const logits = inner_.after(before);
                if (text.back() != std::max_element(logits.begin(), logits.end()) - logits.begin()) ++strangers;
            }
        }
        inner_.forward(steps, sink);
    }
    void observe(input_observer) override {} // no linear layers

    index                           prompt = 0, longest = 0, wanted = 0, strangers = 0;
    std::vector<std::vector<index>> passes; // the tokens of each step

private:
    toy_lm                                              inner_{vocab, context};
    std::map<sequence_state const*, std::vector<token>> texts_;
};

} // namespace

TEST_CASE("a run is one pass over all prompts, then one token of every sequence a step") {
    watched_lm    lm;
    latency_meter meter(lm, {3, 7, 5}, {2, 4});
    lm.prompt = 7;
    std::vector<int> called;
    auto const       times = meter.run([&](int r) { called.push_back(r); });

    CHECK(called == std::vector<int>{-2, -1, 0, 1, 2, 3});
    CHECK(times.first.size() == 4);
    CHECK(times.next.size() == 4);
    CHECK(times.total.size() == 4);
    REQUIRE(lm.passes.size() == 6 * 5); // 6 runs of a pass over the prompts and 4 steps
    for (std::size_t p = 0; p < lm.passes.size(); ++p) CHECK(lm.passes[p] == std::vector<index>(3, p % 5 == 0 ? 7 : 1));
    CHECK(lm.wanted == 6 * 5 * 3); // logits of the last token only
    CHECK(lm.longest == latency_load{3, 7, 5}.positions());
    CHECK(lm.strangers == 0);
    for (std::size_t r = 0; r < 4; ++r)
        CHECK(times.total[r] == Approx(times.first[r] + 4 * times.next[r]).margin(1e-9));
}

TEST_CASE("prompts are cut into passes that are not larger than asked for") {
    watched_lm    lm;
    latency_meter meter(lm, {3, 7, 2}, {0, 1, 5});
    lm.prompt = 7;
    (void)meter.run();
    CHECK(lm.passes == std::vector<std::vector<index>>{{5}, {2, 3}, {4, 1}, {5}, {1}, {1, 1, 1}});
    CHECK(lm.wanted == 6);
    CHECK(lm.strangers == 0);
}

TEST_CASE("one token to write takes no further step") {
    watched_lm lm;
    auto const times = latency_meter(lm, {1, 4, 1}, {0, 2}).run();
    CHECK(lm.passes.size() == 2);
    CHECK(times.next == std::vector<double>{0, 0});
}

TEST_CASE("the last token of an answer needs no place in the context") {
    watched_lm lm;
    CHECK_NOTHROW((void)latency_meter(lm, {1, context, 1}, {0, 1}).run());
    CHECK_NOTHROW((void)latency_meter(lm, {1, 20, 13}, {0, 1}).run());
    for (latency_load const bad : {latency_load{1, 20, 14}, {1, context + 1, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}}) {
        CHECK_THROWS_WITH(latency_meter(lm, bad, {}),
                          Catch::StartsWith("error[BE01]") && Catch::Contains("context of 32"));
    }
}

TEST_CASE("a run can be stopped between two repetitions") {
    watched_lm lm;
    CHECK_THROWS_AS(latency_meter(lm, {1, 2, 2}, {1, 5}).run([](int) { throw std::runtime_error("stop"); }),
                    std::runtime_error);
    CHECK(lm.passes.size() == 2);
}

TEST_CASE("the largest batch within a limit is found, wherever it lies") {
    for (index most : {1, 2, 3, 7, 8, 100}) {
        for (index limit = 0; limit <= most + 3; ++limit) {
            std::set<index> tried;
            auto const      found = largest_batch(most, [&](index b) {
                CHECK((b >= 1 && b <= most));
                CHECK(tried.insert(b).second); // a measurement takes long
                return b <= limit;
            });
            CHECK(found == std::min(most, limit));
            CHECK(tried.size() <= 14);
        }
    }
}

} // namespace qeval
