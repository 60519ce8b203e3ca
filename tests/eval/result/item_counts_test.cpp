// How the items of a task ended.
#include <string>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/eval/result/item_counts.hpp>

TEST_CASE("an item that failed is nothing else, and every item is in one state") {
    qeval::item_outcome o;
    CHECK(name_of(state_of(o)) == "answered");
    o.tie = true;
    CHECK(name_of(state_of(o)) == "tied");
    o.truncated = true;
    CHECK(name_of(state_of(o)) == "truncated");
    o.error = "nonfinite logits";
    CHECK(name_of(state_of(o)) == "failed");
}

TEST_CASE("failures are counted by what stands before the first colon, the most frequent kind first") {
    std::vector<qeval::item_outcome> outcomes(60);
    qeval::index                     ties = 0, truncated = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        auto& o                  = outcomes[7 * i % 60]; // in no order
        ties += o.tie            = i % 3 == 0;
        truncated += o.truncated = i % 4 == 1;
        if (i < 5) o.error = "nonfinite logits";
        if (i >= 5 && i < 15) o.error = "too long: " + std::to_string(600 + i) + " tokens, context of 512";
        if (i >= 15 && i < 32) o.error = "refused: " + std::to_string(i);
    }
    auto const c = qeval::count_items(outcomes);
    CHECK(c.items == 60);
    CHECK(c.ties == ties);
    CHECK(c.truncated == truncated);
    CHECK(c.failed == 32);
    CHECK(c.failures == decltype(c.failures){{"refused", 17}, {"too long", 10}, {"nonfinite logits", 5}});
    CHECK(qeval::count_items({}).items == 0);
}

TEST_CASE("a share that is allowed may be reached, and not passed") {
    for (int n = 1; n <= 200; ++n) {
        for (int failed = 0; failed <= n; ++failed) {
            qeval::item_counts c;
            c.items  = n;
            c.failed = failed;
            CHECK(!c.failed_more_than(static_cast<double>(failed) / n));
            if (failed > 0) CHECK(c.failed_more_than((failed - 0.5) / n));
        }
    }
    qeval::item_counts c;
    c.items  = 100;
    c.failed = 29;
    CHECK(!c.failed_more_than(0.29)); // which times 100 is less than 29
    CHECK(!qeval::item_counts{}.failed_more_than(0));
}
