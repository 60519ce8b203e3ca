// What a call of an engine took is shared among its answers, and nothing of it is lost.
#include <string>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/eval/task/answer_work.hpp>

using qeval::answer_work;

TEST_CASE("the shares of a call's answers go by their tokens and add up to the call") {
    qeval::random_stream const draws(3);
    for (std::uint64_t trial = 0; trial < 200; ++trial) {
        std::vector<answer_work> answers(1 + draws.below(9, 10 * trial));
        for (std::size_t i = 0; i < answers.size(); ++i) {
            answers[i].read    = draws.below(50, 10 * trial + i + 1);
            answers[i].written = draws.below(5, 10 * trial + i + 2);
        }
        qeval::index const computed = draws.below(300, 10 * trial + 9);
        qeval::share_work({0, 0, computed, 2.5, "p"}, answers);
        qeval::index sum = 0, tokens = 0;
        double       seconds = 0;
        for (auto const& a : answers) {
            sum += a.computed, seconds += a.seconds, tokens += std::max<qeval::index>(1, a.read + a.written);
            CHECK(a.process == "p");
            CHECK(a.computed >= 0);
        }
        CHECK(sum == computed);
        CHECK(seconds == Approx(2.5));
        for (auto const& a : answers)
            CHECK(a.seconds == Approx(2.5 * double(std::max<qeval::index>(1, a.read + a.written)) / double(tokens)));
    }
}

TEST_CASE("an engine that does not count its tokens leaves their number unknown, not zero") {
    std::vector<answer_work> answers(3);
    qeval::share_work({0, 0, -1, 1, "p"}, answers);
    for (auto const& a : answers) CHECK(a.computed == -1);
}
