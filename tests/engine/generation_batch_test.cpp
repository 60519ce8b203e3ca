#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/random.hpp>
#include <qeval/engine/generation_batch.hpp>
#include <qeval/engine/in_process.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/toy_lm.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

constexpr index vocab = 20, context = 24;

struct fixture {
    explicit fixture(batch_limits limits = {}) : engine(std::make_unique<toy_lm>(vocab, context), words(), limits) {}
    static letters words() {
        letters l;
        l.end = 7, l.begin = 3;
        return l;
    }
    in_process<letters> engine;
};

// Of all lengths, some alike, greedy and sampled, with and without stop texts; some end at once.
std::vector<generate_request> requests() {
    random_stream const           r(21);
    std::uint64_t                 n = 0;
    std::vector<generate_request> all;
    for (std::uint64_t d = 0; d < 24; ++d) {
        std::vector<token> prompt(r.below(7, n++)); // an empty one is the beginning of a text
        for (auto& t : prompt) t = token(r.below(3, n++));
        generate_request q{std::move(prompt), {}};
        q.how = {index(r.below(14, n++)), d % 3 == 0 ? 0.0 : 1.0, 1, 0, 5, d, d % 2, {}};
        if (d % 4 == 1) q.how.stops = {std::string(1, char('a' + d % 5)), "zz"};
        all.push_back(q);
    }
    all.push_back({std::vector<token>(context + 1, 1), {}}); // longer than the context
    return all;
}
bool same(generation const& a, generation const& b) {
    return a.tokens == b.tokens && a.text == b.text && a.finish == b.finish && a.end == b.end;
}

} // namespace

TEST_CASE("a text does not depend on when its request joined, on what is written beside it, nor on the batch") {
    auto const                 all = requests();
    std::vector<generation>    alone;
    std::map<std::string, int> finishes;
    for (auto const& r : all) {
        alone.push_back(fixture().engine.generate({&r, 1})[0]);
        ++finishes[alone.back().finish.substr(0, 6)];
    }
    CHECK(finishes["length"] > 3);
    CHECK(finishes["eos"] > 3);
    CHECK(finishes["stop"] > 1);
    CHECK(finishes["error:"] == 1);

    auto const together = fixture().engine.generate(all);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(same(together[i], alone[i]));

    for (auto const limits : {batch_limits{}, {1, 1}, {3, 2}, {5, 64}, {512, 3}}) {
        for (std::uint64_t order = 0; order < 5; ++order) {
            random_stream const draw(order);
            fixture             f(limits);
            auto                batch = f.engine.texts();
            std::vector<index>  request; // of each number
            std::size_t         finished = 0;
            auto const          take     = [&] {
                for (auto const& t : batch.take_finished()) {
                    INFO("order " << order << ", request " << request[std::size_t(t.number)]);
                    CHECK(same(t.text, alone[std::size_t(request[std::size_t(t.number)])]));
                    ++finished;
                }
            };
            for (std::uint64_t step = 0; request.size() < all.size(); ++step) { // some join, or none, at every step
                for (auto joining = draw.below(4, step); joining > 0 && request.size() < all.size(); --joining) {
                    index const next = index((request.size() * 7 + order) % all.size());
                    CHECK(batch.add(all[std::size_t(next)]) == index(request.size()));
                    request.push_back(next);
                }
                (void)batch.step();
                if (step % 2 == 0) take();
            }
            while (batch.step()) {}
            take();
            CHECK(finished == all.size());
            CHECK_FALSE(batch.step());
            CHECK(batch.take_finished().empty());
            CHECK(static_cast<toy_lm&>(f.engine.model()).largest_batch <= limits.sequences);
        }
    }
}

TEST_CASE("a text is finished at the step that ends it, and makes room for one that waits") {
    fixture          f({512, 2});
    auto             batch = f.engine.texts();
    generate_request one{{1, 2}, {}}, two{{1, 2, 2}, {}};
    one.how.max_tokens = 1, two.how.max_tokens = 3;
    auto const expected = fixture().engine.generate({&two, 1})[0].tokens.size();
    REQUIRE(expected == 3);
    for (auto const& r : {one, two, one}) batch.add(r);
    CHECK(batch.take_finished().empty()); // nothing is computed before a step
    std::vector<std::vector<index>> finished;
    while (batch.step()) {
        finished.emplace_back();
        for (auto const& t : batch.take_finished()) finished.back().push_back(t.number);
    }
    CHECK(finished == std::vector<std::vector<index>>{{0}, {2}, {1}});
}

TEST_CASE("a request that no model can be asked is refused when it is added, and leaves the batch as it was") {
    fixture          f;
    auto             batch = f.engine.texts();
    generate_request good{{1}, {}}, foreign{{1, vocab}, {}}, cold{{1}, {}};
    good.how.max_tokens  = 2;
    cold.how.temperature = -1;
    CHECK(batch.add(good) == 0);
    CHECK_THROWS_WITH(batch.add(foreign), Catch::Contains("error[EN01] request 1, token 1: found 20"));
    CHECK_THROWS_WITH(batch.add(cold), Catch::Contains("EN02"));
    CHECK(batch.add(good) == 1);
    while (batch.step()) {}
    auto const texts = batch.take_finished();
    REQUIRE(texts.size() == 2);
    CHECK(same(texts[0].text, texts[1].text));
}

} // namespace qeval
