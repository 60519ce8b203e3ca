// Also tests task/item_text.hpp, result/asked_texts.hpp.
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/choice/multiple_choice.hpp>
#include <qeval/eval/exam/mmlu.hpp>
#include <qeval/eval/loaded_texts.hpp>
#include <qeval/eval/task/erased_task.hpp>
#include <qeval/eval/text/llamacpp_windows.hpp>
#include <qeval/eval/text/perplexity_task.hpp>
#include <qeval/eval/text/rolling_windows.hpp>
#include <qeval/eval/written/completion.hpp>
#include <qeval/io/json/json.hpp>

using namespace qeval_test;

namespace {

using pages   = qeval::perplexity_task<qeval::lm_eval_wikitext>;
using windows = qeval::perplexity_task<qeval::llamacpp_half_window>;

std::filesystem::path bundled(char const* file) { return source("examples/models/qeval-5m/data") / file; }

// What a question says, in tokens: what a model reads, and what is scored behind it.
std::string asked(qeval::any_engine const& engine, qeval::score_request const& r) {
    std::vector<qeval::token> tokens(r.context.begin(), r.context.end());
    tokens.insert(tokens.end(), r.continuation.begin(), r.continuation.end());
    return engine.decode(tokens);
}
std::string asked(qeval::any_engine const& engine, qeval::generate_request const& r) {
    return engine.decode(std::vector<qeval::token>(r.prompt.begin(), r.prompt.end()));
}

} // namespace

TEST_CASE("texts are those that are asked, rows those of the file, and the set has all of them") {
    qeval::task_options three;
    three.limit          = 3;
    auto const choices   = qeval::multiple_choice::load(bundled("multiple_choice.jsonl"), three);
    auto const words     = qeval::cloze::load(bundled("cloze.jsonl"), three);
    auto const functions = qeval::completion::load(bundled("functions.jsonl"), three);
    auto const loaded    = qeval::any_tasks_of(choices, words, functions);

    qeval::loaded_texts const texts(loaded);
    scripted_engine           engine;
    engine.bos_token = -1;
    engine.context   = 1 << 20;
    auto const check = [&]<class T>(T const& task) {
        INFO(T::name);
        std::ifstream            file(bundled(T::file.data()));
        std::vector<std::string> rows;
        for (std::string line; std::getline(file, line);) rows.push_back(line);
        auto const parts = texts.parts(T::name);
        REQUIRE(parts.size() == 1);
        CHECK(parts[0].name.empty());
        CHECK(parts[0].items == std::ssize(rows));
        REQUIRE(task.items.size() == 3);
        qeval::text_encoder encoder(engine);
        for (std::size_t i = 0; i < 3; ++i) {
            auto const text     = texts.text(T::name, i);
            auto const question = task.ask(encoder, i);
            REQUIRE(text);
            CHECK(text->doc == rows[i]);
            CHECK(!text->target.empty());
            REQUIRE(text->requests.size() == question.requests.size());
            for (std::size_t r = 0; r < question.requests.size(); ++r) {
                auto const& said = text->requests[r];
                CHECK(asked(engine, question.requests[r]) ==
                      engine.decode(engine.encode(said.context + said.continuation)));
            }
        }
    };
    check(choices);
    check(words);
    check(functions);
    CHECK(texts.parts("nosuch").empty());
    CHECK(!texts.text("nosuch", 0));
}

TEST_CASE("an exam's subjects have their titles, categories and sizes") {
    scratch const folder;
    for (std::string const split : {"dev", "test"}) {
        std::filesystem::create_directory(folder / split);
        std::ofstream(folder / split / ("us_foreign_policy_" + split + ".csv"))
            << "\"Who, then?\",a,b,c,d,C\nWhat?,1,2,3,4,A\n";
    }
    qeval::task_options one;
    one.limit                        = 1;
    one.shots                        = 1;
    auto const                loaded = qeval::any_tasks_of(qeval::mmlu::load(folder.path(), one));
    qeval::loaded_texts const texts(loaded);
    auto const                parts = texts.parts("mmlu");
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].name == "us_foreign_policy");
    CHECK(parts[0].title == "us foreign policy");
    CHECK(parts[0].category == "Social sciences");
    CHECK(parts[0].items == 2);
    auto const text = texts.text("mmlu", 0);
    REQUIRE(text);
    CHECK(qeval::json_of(text->doc) == qeval::json{{"question", "Who, then?"},
                                                   {"subject", "us_foreign_policy"},
                                                   {"choices", {"a", "b", "c", "d"}},
                                                   {"answer", 2}});
    CHECK(text->target == "2");
    CHECK(text->requests[3].context ==
          "The following are multiple choice questions (with answers) about us foreign policy.\n\n"
          "Who, then?\nA. a\nB. b\nC. c\nD. d\nAnswer: C\n\nWho, then?\nA. a\nB. b\nC. c\nD. d\nAnswer:");
    CHECK(text->requests[3].continuation == " D");
}

TEST_CASE(
    "a protocol that reads pages shows them, with the words and bytes that share their loss; others show nothing") {
    scratch const     folder;
    std::string const first = " = One = \n \n Some words , here . \n", second = " = Two = \n";
    std::ofstream(folder / "text") << first << second;
    auto const loaded = qeval::any_tasks_of(pages::load(folder / "text"), windows::load(folder / "text"));
    qeval::loaded_texts const texts(loaded);
    CHECK(texts.parts(pages::name).at(0).items == 2);
    auto const page = texts.text(pages::name, 0);
    REQUIRE(page);
    CHECK(qeval::json_of(page->doc) == qeval::json{{"page", " = One = \n \n Some words , here . "}});
    CHECK(page->target == " = One =\n\nSome words, here. ");
    CHECK(page->requests.at(0).context == page->target);
    CHECK(page->units == std::vector<qeval::index>{10, 33, 33}); // parts between white space, the ends' empty ones too
    CHECK(texts.parts(windows::name).empty());
    CHECK(!texts.text(windows::name, 0));
}
