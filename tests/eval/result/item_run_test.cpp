// Items that are asked, judged and summed up.
// Also tests ../task/outcome.hpp.
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/core/random.hpp>
#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/task/erased_task.hpp>

using namespace qeval_test;

TEST_CASE("outcomes do not depend on how many items an engine is given at once") {
    qeval::cloze task;
    for (int i = 0; i < 25; ++i)
        task.items.push_back({std::to_string(i), "WORD" + std::string(std::size_t(i), 'Q'), " X"});
    scripted_engine e;
    auto const      one = qeval::run_task(e, task, 1), all = qeval::run_task(e, task, 100);
    REQUIRE(one.outcomes.size() == 25);
    for (std::size_t i = 0; i < 25; ++i) CHECK(one.outcomes[i].values == all.outcomes[i].values);
    CHECK(one.metrics[1].score.value == all.metrics[1].score.value);
}

TEST_CASE("an engine that answers too little is an internal error, not a shorter result") {
    struct mute : scripted_engine {
        std::vector<qeval::score> log_likelihoods(std::span<qeval::score_request const>) override { return {}; }
    };
    qeval::cloze task;
    task.items = {{"0", "A", " B"}};
    mute e;
    CHECK_THROWS_WITH(qeval::run_task(e, task), Catch::Contains("EV07"));
}

TEST_CASE(
    "any range, batch and part of known answers gives the outcomes of asking everything, and asks nothing twice") {
    qeval::cloze task;
    for (int i = 0; i < 40; ++i)
        task.items.push_back({std::to_string(i), std::string(std::size_t(i) * 2, 'Q') + "W", " X"});
    scripted_engine                                          e; // its context cuts the longer ones
    qeval::items_as<qeval::cloze, qeval::cloze const&> const items(task);
    auto const                                               all = qeval::run_task(e, task).outcomes;
    qeval::random_stream const                               draws(2);
    std::uint64_t                                            at = 0;
    for (qeval::index const batch : {1, 2, 7, 40, 1000}) {
        for (std::uint64_t known_of_8 = 0; known_of_8 <= 8; ++known_of_8) {
            qeval::item_range const range{draws.below(20, at++), 20 + draws.below(21, at++)};
            std::set<std::size_t>   known, asked, kept;
            for (std::size_t i = range.first; i < range.last; ++i)
                if (draws.below(8, at++) < known_of_8) known.insert(i);
            qeval::text_encoder words(e);
            e.calls              = 0;
            std::size_t done     = 0;
            auto const  outcomes = qeval::answer_all<qeval::score_request>(
                e, items, range, batch, {},
                {[&](std::size_t i) {
                     CHECK(asked.insert(i).second);
                     return task.ask(words, i);
                 },
                  [&](std::size_t i) { return known.contains(i) ? std::optional(all[i]) : std::nullopt; },
                  [&](std::span<std::size_t const> now, std::span<qeval::item_outcome const> so_far) {
                     CHECK(std::ssize(now) <= batch);
                     for (std::size_t const i : now) {
                         CHECK(kept.insert(i).second);
                         CHECK(so_far[i - range.first].values == all[i].values);
                     }
                 },
                  [&](std::span<qeval::item_outcome const> so_far, qeval::index recalled) {
                     CHECK(so_far.size() > done);
                     CHECK(recalled == std::count_if(known.begin(), known.end(),
                                                      [&](std::size_t i) { return i < range.first + so_far.size(); }));
                     done = so_far.size();
                 }});
            REQUIRE(outcomes.size() == range.size());
            CHECK(done == range.size());
            CHECK(asked == kept);
            CHECK(asked.size() + known.size() == range.size());
            CHECK(e.calls == (qeval::index(asked.size()) + batch - 1) / batch);
            for (std::size_t i = range.first; i < range.last; ++i) {
                CHECK(asked.contains(i) != known.contains(i));
                CHECK(outcomes[i - range.first].id == all[i].id);
                CHECK(outcomes[i - range.first].truncated == all[i].truncated);
                CHECK(outcomes[i - range.first].log_likelihoods == all[i].log_likelihoods);
            }
        }
    }
    CHECK(all.front().truncated == false);
    CHECK(all.back().truncated);
}

TEST_CASE("questions have the names of what is asked, and an item that cannot be asked is found by naming them") {
    qeval::cloze task;
    for (int i = 0; i < 9; ++i) task.items.push_back({std::to_string(i), std::string(std::size_t(i % 3), 'Q'), " X"});
    scripted_engine                                          e;
    qeval::text_encoder                                      words(e);
    qeval::items_as<qeval::cloze, qeval::cloze const&> const items(task);
    auto const                                               names = qeval::name_questions(items, words);
    REQUIRE(names.size() == 9);
    for (std::size_t i = 0; i < 9; ++i) {
        CHECK(names[i] == qeval::name_of(task.ask(words, i)));
        CHECK(names[i] == names[i % 3]);
    }
    CHECK(std::set<std::string>(names.begin(), names.end()).size() == 3);
    task.items.push_back({"bad", "Q", ""});
    CHECK_THROWS_WITH(qeval::name_questions(items, words), Catch::Contains("EV04") && Catch::Contains("bad"));
    CHECK(e.calls == 0);
}
