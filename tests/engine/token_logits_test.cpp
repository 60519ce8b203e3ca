#include <qeval/engine/token_logits.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/toy_lm.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

constexpr index          vocab = 11;
std::vector<token> const ids   = {3, 1, 4, 1, 5, 9, 2, 6};

} // namespace

TEST_CASE("the logits after every token arrive in order, however many tokens a pass reads") {
    for (index const pass : {1, 3, 8, 100}) {
        toy_lm             lm(vocab, 16);
        std::vector<float> all;
        read_logits(lm, ids, pass, [&](matrix_view<float const> rows) {
            for (index r = 0; r < rows.rows; ++r) all.insert(all.end(), rows.row(r).begin(), rows.row(r).end());
        });
        REQUIRE(all.size() == ids.size() * std::size_t(vocab));
        for (std::size_t i = 0; i < ids.size(); ++i) {
            auto const after = lm.after(std::span(ids).first(i + 1));
            CHECK(std::equal(after.begin(), after.end(), all.begin() + std::ptrdiff_t(i) * vocab));
        }
        CHECK(lm.computed == index(ids.size()));
    }
}
TEST_CASE("a continuation is the likeliest token after all before it, token by token") {
    std::vector<token> expected = ids;
    toy_lm             lm(vocab, 16);
    for (int i = 0; i < 6; ++i) {
        auto const logits = lm.after(expected);
        expected.push_back(token(std::max_element(logits.begin(), logits.end()) - logits.begin()));
    }
    for (index const pass : {1, 3, 100}) {
        int        asked = 0;
        auto const more  = continue_greedily(lm, ids, 6, pass, [&] { ++asked; });
        CHECK(more == std::vector<token>(expected.end() - 6, expected.end()));
        CHECK(asked == 6);
    }
}
TEST_CASE("a continuation of logits that are not finite is refused") {
    toy_lm lm(vocab, 16, 6); // the last of the prompt
    CHECK_THROWS_WITH(continue_greedily(lm, ids, 3, 100, [] {}),
                      Catch::Contains("error[EN04] the continuation, token 0"));
}

} // namespace qeval
