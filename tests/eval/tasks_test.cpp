// Tasks: what is asked, and how answers are judged.
#include <cmath>
#include <fstream>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <tests/eval/question_of.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/builtin_tasks.hpp>
#include <qeval/eval/result/item_run.hpp>

using namespace qeval_test;
using qeval::token;

namespace {

// A tokenizer whose pieces swallow spaces and join words: what joint tokenization is about.
struct piece_engine : scripted_engine {
    static constexpr std::string_view pieces[] = {" the", "the", " cat", "cat", " b",          "ab",
                                                  "a",    "b",   " ",    "\n",  "\xe3\x80\x80"};

    [[nodiscard]] std::vector<token> encode(std::string_view text) const override {
        std::vector<token> ids;
        while (!text.empty()) {
            std::size_t best = 0, length = 0;
            for (std::size_t i = 0; i < std::size(pieces); ++i) {
                if (pieces[i].size() > length && text.substr(0, pieces[i].size()) == pieces[i]) {
                    best   = i;
                    length = pieces[i].size();
                }
            }
            ids.push_back(length == 0 ? token(40) : token(best));
            text.remove_prefix(std::max<std::size_t>(1, length));
        }
        return ids;
    }
};
using ids = std::vector<token>;

std::string file_with(scratch const& folder, std::string const& name, std::string const& text) {
    auto const path = (folder / name).string();
    std::ofstream(path) << text;
    return path;
}
qeval::ranked_item item(std::vector<std::string> const& choices, qeval::index answer) {
    return {"q", {}, 0, "c\nQuestion: q\nAnswer:", qeval::ranked_item::of(choices), answer};
}
qeval::item_outcome judged(qeval::multiple_choice const& task, std::vector<double> const& sums) {
    std::vector<qeval::score> scores;
    for (double s : sums) scores.push_back({s, false, 1});
    return task.judge(0, scores);
}

qeval::joint_tokens jointly(piece_engine& e, std::string context, std::string continuation, std::string_view item) {
    qeval::text_encoder words(e);
    return qeval::tokenize_jointly(words, std::move(context), std::move(continuation), item);
}

} // namespace

TEST_CASE("context and continuation are tokenized together and split by the context's length") {
    piece_engine e;
    auto const   t = jointly(e, "the", " cat", "x");
    CHECK(t.request.context == ids{1, 1}); // BOS, "the"
    CHECK(t.request.continuation == ids{2});
    CHECK(!t.truncated);
    // The context alone has 1 token, the whole is one piece "ab": nothing is left, which is an error, not a 0.
    CHECK_THROWS_WITH(jointly(e, "a", "b", "q7"), Catch::Contains("EV04") && Catch::Contains("q7"));
}

TEST_CASE("white space that ends a context moves to the continuation, Unicode's too") {
    piece_engine e;
    e.bos_token  = -1;
    auto const t = jointly(e, "the ", "b", "x");
    CHECK(t.request.context == ids{1});
    CHECK(t.request.continuation == ids{4}); // " b"
    CHECK(jointly(e, "the\n \n", "b", "x").request.continuation == ids{9, 8, 9, 7});
    CHECK(jointly(e, "the\xe3\x80\x80", "b", "x").request.continuation == ids{10, 7});
    CHECK(qeval::trailing_space("a \xc2\xa0\t") == 4);
    CHECK(qeval::trailing_space(" \xc2\xa0") == 3);
    CHECK(qeval::trailing_space("a\xc2") == 0);
}

TEST_CASE("an empty context is the beginning-of-text token, else the end-of-text token") {
    piece_engine e;
    CHECK(jointly(e, "", "cat", "x").request.context == ids{1});
    e.bos_token = -1;
    CHECK(jointly(e, "", "cat", "x").request.context == ids{0});
    CHECK(jointly(e, " ", "cat", "x").request.continuation == ids{2});
}

TEST_CASE("a request that does not fit loses its context's left, one token more than the context length fits") {
    piece_engine e;
    e.context    = 4;
    auto const t = jointly(e, "the cat the cat", " b", "x"); // BOS + 4 + 1 = 6 tokens; 5 fit
    CHECK(t.truncated);
    CHECK(t.request.context == ids{1, 2, 0, 2});
    CHECK(t.request.continuation == ids{4});
    CHECK(!jointly(e, "the cat the", " b", "x").truncated);
    CHECK_THROWS_WITH(jointly(e, "the", " b b b b b", "x"), Catch::Contains("EV05"));
}

TEST_CASE("multiple choice asks the prompt with each choice and scores sums and sums per character") {
    scratch    folder;
    auto const path = file_with(folder, "mc.jsonl",
                                "{\"id\":\"q1\",\"context\":\"A cat.\",\"question\":\"Who?\",\"choices\":[\"the "
                                "cat\",\"B\",\"\xc3\xa4\xc3\xb6\"],\"answer\":1}\n");
    auto       task = qeval::multiple_choice::load(path);
    REQUIRE(task.items.size() == 1);
    scripted_engine e;
    task.frames[0] = {"About cats.\n\n", std::vector<std::string>{"One. ", "Two. "}};
    auto const q   = question_of(e, task, 0);
    REQUIRE(q.requests.size() == 3);
    CHECK(q.requests[1].context.size() ==
          1 + std::string("About cats.\n\nOne. Two. A cat.\nQuestion: Who?\nAnswer:").size());
    CHECK(e.decode(q.requests[1].continuation) == " B");

    auto o = judged(task, {-3, -2, -3.8}); // per character: -3/7, -2/1, -3.8/2 (two characters, four bytes)
    CHECK(o.chosen == 1);
    CHECK(o.correct);
    CHECK(o.values == std::vector<double>{1, 0});
    o = judged(task, {-14, -2.5, -4}); // -2, -2.5, -2: acc_norm's tie goes to choice 0
    CHECK(o.values == std::vector<double>{1, 0});
    CHECK(!o.tie);
}

TEST_CASE("a tie goes to the lowest index and is counted, NaN never wins") {
    qeval::multiple_choice task;
    task.items     = {item({"a", "b", "c"}, 0)};
    double const n = std::numeric_limits<double>::quiet_NaN();
    CHECK(judged(task, {-1, -1, -2}).chosen == 0);
    CHECK(judged(task, {-1, -1, -2}).tie);
    CHECK(!judged(task, {-2, -2, -1}).tie);
    CHECK(judged(task, {n, -5, n}).chosen == 1);
    CHECK(qeval::sum_up(task, {judged(task, {-1, -1, -2})}).ties == 1);
}

TEST_CASE("an item without a usable answer is wrong, counted and explained") {
    qeval::multiple_choice choice;
    choice.items                      = {item({"a", "b"}, 0)};
    double const                    n = std::numeric_limits<double>::quiet_NaN();
    std::vector<qeval::score> const nothing(2, qeval::score{n, false, 1, "nonfinite logits"});
    auto const                      s = qeval::sum_up(choice, {choice.judge(0, nothing)});
    CHECK(s.errors == 1);
    CHECK(s.ties == 0);
    CHECK(s.outcomes[0].chosen == -1);
    CHECK(s.outcomes[0].error == "nonfinite logits");
    CHECK(s.metrics[0].score.value == 0);
    qeval::cloze word;
    word.items = {{"0", "A", " B"}};
    CHECK(!word.judge(0, std::span(nothing).first(1)).correct);
    qeval::completion function;
    function.items = {{"t/0", "p", "f", "", ""}};
    qeval::generation g;
    g.finish = "error: nonfinite logits";
    CHECK(!function.judge(0, std::span(&g, 1)).correct); // although both texts are empty
    g.finish = "stop";
    CHECK(function.judge(0, std::span(&g, 1)).correct);
}

TEST_CASE("malformed multiple-choice rows are refused with file, line and field") {
    scratch    folder;
    auto const load = [&](std::string const& row) {
        return qeval::multiple_choice::load(file_with(folder, "mc.jsonl", row + "\n"));
    };
    std::string const good = R"({"id":"a","context":"c","question":"q","choices":["x","y"],"answer":1})";
    std::string const next = R"({"id":"b","context":"c","question":"q","choices":["x","y"],"answer":0})";
    CHECK(load(good + "\n" + next).items.size() == 2);
    CHECK(load(good).items[0].answer == 1);
    CHECK(load(good).data_sha256.size() == 64);
    CHECK_THROWS_WITH(load(good + "\n" + R"({"id":"b","context":"c","question":"q","choices":["x","y"],"answer":2})"),
                      Catch::Contains("mc.jsonl line 2, answer: found 2, expected an integer from 0 to 1"));
    CHECK_THROWS_WITH(load(R"({"id":"a","context":"c","question":"q","choices":["x"],"answer":0})"),
                      Catch::Contains("two choices"));
    CHECK_THROWS_WITH(load(R"({"id":"a","context":"c","question":"q","choices":["x",3],"answer":0})"),
                      Catch::Contains("choices[1]"));
    CHECK_THROWS_WITH(load(R"({"id":"a","context":"c","choices":["x","y"],"answer":0})"), Catch::Contains("question"));
    CHECK_THROWS_WITH(load(""), Catch::Contains("DS08"));
}

TEST_CASE("cloze splits off the last word and needs every token of it greedy") {
    scratch    folder;
    auto const path =
        file_with(folder, "cloze.jsonl", "{\"id\":\"c0\",\"text\":\"a b the cat\"}\n{\"text\":\"the cat\"}\n");
    auto const task = qeval::cloze::load(path);
    REQUIRE(task.items.size() == 2);
    CHECK(task.items[0].context == "a b the");
    CHECK(task.items[0].target == " cat");
    CHECK(task.items[1].id == "1");
    CHECK(qeval::cloze::load(path, {1, 0}).items.size() == 1);
    qeval::score const greedy[] = {{-0.5, true, 2}}, other[] = {{-0.25, false, 2}};
    auto const         s = qeval::sum_up(task, {task.judge(0, greedy), task.judge(1, other)});
    CHECK(s.metrics[0].score.value == 0.5);
    CHECK(s.metrics[1].score.value == Approx(std::exp(0.375)));
    CHECK(s.metrics[1].metric.higher_is_better == false);
    CHECK_THROWS_WITH(qeval::cloze::load(file_with(folder, "bad.jsonl", "{\"text\":\"word\"}\n")),
                      Catch::Contains("bad.jsonl line 1, text"));
}

TEST_CASE("completions match exactly but for white space at ends, and only up to a stop") {
    qeval::completion task;
    task.items       = {{"t/0", "def f(x):\n", "f", "    y = x\n    return y\n", "def check(f): pass\n"}};
    auto const right = [&](std::string const& text) {
        qeval::generation g;
        g.text = text;
        return task.judge(0, std::span(&g, 1)).correct;
    };
    CHECK(right("    y = x\n    return y"));
    CHECK(right("    y = x  \n    return y\n\n\n"));
    CHECK(right("    y = x\n    return y\n\ndef g():\n    pass"));
    CHECK(right("    y = x\n    return y\nprint(f(1))"));
    CHECK(!right("    y = x\n   return y\n"));
    CHECK(!right("    return x\n")); // right as a program, wrong as a text
    CHECK(!right(""));
    CHECK(qeval::completion::metrics()[0].name == "exact_match");
}

TEST_CASE("a completion's prompt is the row's, after BOS, cut on the left where the context is short") {
    qeval::completion task;
    task.items = {{"t/0", "ABCDEFGHIJ", "f", "XYZ", ""}};
    scripted_engine e;
    auto            q = question_of(e, task, 0);
    CHECK(e.decode(q.requests[0].prompt) == "!ABCDEFGHIJ"); // BOS is token 1
    CHECK(q.requests[0].how.temperature == 0);
    CHECK(q.requests[0].how.max_tokens == 2 * 3 + 16);
    CHECK(!q.truncated);
    e.context = 12;
    q         = question_of(e, task, 0);
    CHECK(q.truncated);
    CHECK(q.requests[0].how.max_tokens == 6);
    CHECK(e.decode(q.requests[0].prompt) == "EFGHIJ");
}

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

TEST_CASE("tasks are found by name and an unknown name lists them all") {
    auto const names = qeval::builtin_tasks::names();
    CHECK(names.front() == "perplexity:llamacpp");
    CHECK(std::set<std::string_view>(names.begin(), names.end()).size() == names.size());
    CHECK(qeval::builtin_tasks::file_of("cloze") == "cloze.jsonl");
    CHECK_THROWS_WITH(qeval::builtin_tasks::load("mmmlu", "x"), Catch::Contains("EV06") &&
                                                                    Catch::Contains("\"mmmlu\"") &&
                                                                    Catch::Contains("perplexity:llamacpp, "));
}

TEST_CASE("LAMBADA's published file loads as a cloze task") {
    auto const path = data("datasets/lambada/lambada_test.jsonl");
    if (!path) return;
    auto const task = qeval::cloze::load(*path);
    CHECK(task.items.size() == 5153);
    CHECK(task.items[0].target == " signs");
}

TEST_CASE("the bundled model's data sets load") {
    auto const folder = source("examples/models/qeval-5m/data");
    if (!std::filesystem::exists(folder)) return skip("the bundled model is not here");
    qeval::builtin_tasks::for_each([&]<class T>() {
        if (!std::filesystem::exists(folder / T::file)) return; // what users bring
        if constexpr (qeval::item_task<T>) {
            auto const task = T::load(folder / T::file);
            INFO(T::name);
            CHECK(task.items.size() >= 100);
        } else {
            CHECK(T::load(folder / T::file).text.size() > 100000);
        }
    });
}
