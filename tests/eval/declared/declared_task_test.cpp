// Tasks that need no C++: what NAME.task.json says, asks and refuses.
// Also tests declared_rows.hpp, row_text.hpp, task_declaration.hpp, compared_texts.hpp.
#include <string>
#include <vector>

#include <tests/eval/question_of.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/declared/declared_task.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/task/task_list.hpp>

using namespace qeval_test;

namespace {

using tasks = qeval::task_list<qeval::cloze, qeval::declared_choices, qeval::declared_cloze, qeval::declared_texts>;

std::string const quiz = R"({"name": "quiz", "file": "quiz.jsonl", "protocol": "as in class", "kind": "multiple_choice",
    "prompt": "{context}\nQuestion: {question.text}\nAnswer:", "choices": "{choices}", "answer": "{answer}",
    "shots": {"file": "dev.jsonl", "count": 1}})";
std::string const row =
    R"({"context": "A cat.", "question": {"text": "Who?"}, "choices": ["the cat", "a dog"], "answer": 1})";

void put_quiz(scratch const& dir, std::string const& declaration, std::string const& rows = row + "\n") {
    put_file(dir / "quiz.task.json", declaration);
    put_file(dir / "quiz.jsonl", rows);
    put_file(dir / "dev.jsonl", row + "\n" + row + "\n");
}
std::string with(std::string const& from, std::string const& to, std::string text = quiz) {
    auto const at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
}
qeval::declared_choices choices(scratch const& dir, qeval::task_options const& options = {}) {
    return qeval::declared_choices::load(dir / "quiz.task.json", options);
}
qeval::index answer(std::string const& given, std::string const& form = {}) {
    scratch const dir;
    put_quiz(dir,
             form.empty() ? with(R"(,
    "shots": {"file": "dev.jsonl", "count": 1})",
                                 "")
                          : with(R"("shots": {"file": "dev.jsonl", "count": 1})", R"("answer_is": ")" + form + "\""),
             R"({"context": "", "question": {"text": "Q"}, "choices": ["x", "2", "B", "x"], "answer": )" + given +
                 "}\n");
    return choices(dir).items[0].answer;
}

} // namespace

TEST_CASE("a declared multiple choice fills its prompt from rows, shows examples with answers, and is called by its "
          "file's name") {
    scratch const dir;
    put_quiz(dir, quiz);
    auto const task = choices(dir);
    CHECK(qeval::load_declared_task<tasks>(dir / "quiz.task.json")->facts().name == "quiz");
    REQUIRE(task.items.size() == 1);
    CHECK(task.items[0].id == "0");
    CHECK(task.items[0].answer == 1);
    CHECK(task.frames[0].text() == "A cat.\nQuestion: Who?\nAnswer: a dog\n\n");
    CHECK(task.items[0].context == "A cat.\nQuestion: Who?\nAnswer:");
    CHECK(task.items[0].options[0].continuation == " the cat");
    CHECK(task.items[0].options[0].characters == 7);
    CHECK(task.chance()[0] == 0.5);
    CHECK_THAT(task.protocol(), Catch::Contains(R"(as in class; log-likelihood of " " + choice after )"
                                                R"("{context}\nQuestion: {question.text}\nAnswer:", 1 shots; joint)"));
    qeval::task_options none;
    none.shots = 0;
    CHECK(choices(dir, none).frames[0].text().empty());
    CHECK(choices(dir, none).data_sha256 != task.data_sha256);
    CHECK(qeval::declared_choices::load(dir / "quiz.task.json").items.size() == 1);
    scripted_engine e;
    e.context = 1000;
    CHECK(qeval::run_task(e, task).items == 1);
}
TEST_CASE("everything that is read is in the hash: declaration, rows, examples") {
    scratch const dir;
    put_quiz(dir, quiz);
    auto const before = choices(dir).data_sha256;
    put_quiz(dir, with("as in class", "as at home"));
    CHECK(choices(dir).data_sha256 != before);
    put_quiz(dir, quiz, row + "\n" + row + "\n");
    CHECK(choices(dir).data_sha256 != before);
    put_quiz(dir, quiz);
    put_file(dir / "dev.jsonl", row + "\n");
    CHECK(choices(dir).data_sha256 != before);
}
TEST_CASE("fixed choices, braces, numbers, a preamble, ids and a limit") {
    scratch const dir;
    put_quiz(dir,
             R"({"name": "quiz", "file": "quiz.jsonl", "protocol": "p", "kind": "multiple_choice",
        "preamble": "True or false?\n", "prompt": "{{{n}}}", "delimiter": ": ", "choices": ["yes, {n}", "no"],
        "answer": "{right}", "answer_is": "text", "id": "q{n}"})",
             "{\"n\": 1.50, \"right\": \"no\"}\n{\"n\": 2, \"right\": \"yes, 2\"}\n");
    auto const task = choices(dir);
    REQUIRE(task.items.size() == 2);
    CHECK(task.frames[0].text() == "True or false?\n");
    CHECK(task.items[0].context == "{1.5}");
    CHECK(task.items[0].options[0].continuation == ": yes, 1.5");
    CHECK(task.items[0].answer == 1);
    CHECK(task.items[1].answer == 0);
    CHECK(task.items[1].id == "q2");
    qeval::task_options one;
    one.limit = 1;
    CHECK(choices(dir, one).items.size() == 1);
}
TEST_CASE("an answer is an index, a letter or a choice's text; where they differ the declaration must say which") {
    CHECK(answer("0") == 0);
    CHECK(answer("\"3\"") == 3);
    CHECK(answer("\"C\"") == 2);
    CHECK(answer("\"d\"") == 3);
    CHECK(answer("2", "index_from_1") == 1);
    CHECK(answer("\"2\"", "text") == 1);
    CHECK(answer("2", "index") == 2);
    CHECK(answer("\"B\"", "letter") == 1);
    CHECK(answer("\"B\"", "text") == 2);
    check_refused([] { (void)answer("2"); }, {"DT06", "quiz.jsonl line 1, answer", "\"2\"",
                                              "index, letter or text of one of 4", "answer_is"}); // text of 1, index 2
    check_refused([] { (void)answer("\"B\""); }, {"DT06", "answer", "\"B\"", "", "answer_is"});
    check_refused([] { (void)answer("\"x\""); }, {"DT06", "answer", "\"x\"", "", "answer_is"}); // two choices say so
    check_refused([] { (void)answer("4"); }, {"DT06", "answer", "\"4\"", "", "without answers"});
    check_refused([] { (void)answer("-1"); }, {"DT06", "answer", "\"-1\"", "", ""});
    check_refused([] { (void)answer("0", "index_from_1"); }, {"DT06", "answer", "\"0\"", "", ""});
    check_refused([] { (void)answer("\"A\"", "text"); }, {"DT06", "answer", "\"A\"", "", ""});
    check_refused([] { (void)answer("\"\""); }, {"DT06", "answer", "", "not empty", ""});
    check_refused([] { (void)answer("null"); }, {"DS06", "answer", "null", "a text or a number", ""});
}
TEST_CASE("a declared cloze scores the answer's text behind the prompt") {
    scratch const dir;
    put_quiz(dir,
             R"({"name": "quiz", "file": "quiz.jsonl", "protocol": "p", "kind": "cloze",
        "prompt": "{text}", "answer": "{last}", "shots": {"file": "dev.jsonl", "count": 2, "separator": "|"}})",
             "{\"text\": \"THE CAT\", \"last\": \"SAT\"}\n");
    put_file(dir / "dev.jsonl", "{\"text\": \"A\", \"last\": \"B\"}\n{\"text\": \"C\", \"last\": \"D\"}\n");
    auto const task = qeval::declared_cloze::load(dir / "quiz.task.json");
    CHECK(task.title == "quiz");
    CHECK(task.metrics()[1].name == "perplexity");
    scripted_engine e;
    e.size       = 95; // a token for each printable character
    auto const q = question_of(e, task, 0);
    CHECK(e.decode(q.requests[0].context) == "!A B|C D|THE CAT");
    CHECK(e.decode(q.requests[0].continuation) == " SAT");
    qeval::score const greedy[] = {{-0.5, true, 3}};
    CHECK(task.judge(0, greedy).correct);
    CHECK(task.judge(0, greedy).values[1] == 0.5);
}
TEST_CASE("a declared generation is cut at its stops and compared by its rule") {
    scratch const dir;
    auto const    load = [&](std::string const& match, std::string const& gold) {
        put_quiz(dir,
                    R"({"name": "quiz", "file": "quiz.jsonl", "protocol": "p", "kind": "generate",
            "prompt": "{q} =", "answer": "{a}", "stops": ["\n", "."], "max_tokens": 20, "match": ")" +
                        match + "\"}",
                    "{\"q\": \"1+1\", \"a\": " + gold + "}\n");
        return qeval::declared_texts::load(dir / "quiz.task.json");
    };
    auto const right = [](qeval::declared_texts const& task, std::string const& text,
                          std::string const& finish = "stop") {
        qeval::generation const g{{}, text, finish};
        return task.judge(0, std::span(&g, 1)).correct;
    };
    auto            number = load("number", "\"so #### 1,002\"");
    scripted_engine e;
    auto const      q = question_of(e, number, 0);
    CHECK(e.decode(q.requests[0].prompt) == "!1+1 =");
    CHECK(q.requests[0].how.max_tokens == 20);
    CHECK(q.requests[0].how.stops == std::vector<std::string>{"\n", "."});
    CHECK(q.requests[0].how.temperature == 0);
    CHECK(number.metrics()[0].name == "number_match");
    CHECK(right(number, " 7, no: $1,002."));
    CHECK(!right(number, " 1,002 or 7"));
    CHECK(!right(number, "none"));
    CHECK(!right(number, "1002", "error: nonfinite logits"));
    CHECK(right(load("number", "-3"), "-3"));
    auto const exact = load("exact", "\"two \"");
    CHECK(right(exact, "\ttwo\n"));
    CHECK(!right(exact, "Two"));
    CHECK_THAT(exact.protocol(),
               Catch::Contains(R"(at most 20 tokens up to "\n", "." after "{q} =", 0 shots; exact_match: )"));
    auto const letter = load("first_letter", "\"B\"");
    CHECK(letter.metrics()[0].name == "acc");
    CHECK(letter.chance()[0] == 0.25);
    CHECK(right(letter, " (b) it is"));
    CHECK(!right(letter, "none"));
    CHECK(load("first_letter", "2").items[0].target == 2);
    check_refused([&] { (void)load("first_letter", "\"E\""); },
                  {"DT06", "quiz.jsonl line 1, a", "\"E\"", "one of 4", ""});
    check_refused([&] { (void)load("number", "\"three\""); },
                  {"DT06", "quiz.jsonl line 1, a", "\"three\"", "a number", ""});
}
TEST_CASE("what a declaration does not say right is refused with file and key") {
    scratch const dir;
    auto const    refused = [&](std::string const& declaration, refusal const& wanted) {
        put_quiz(dir, declaration);
        check_refused([&] { (void)qeval::load_declared_task<tasks>(dir / "quiz.task.json"); }, wanted);
    };
    refused(with("\"protocol\"", "\"protokol\""), {"DT01", "quiz.task.json, protokol", "the key \"protokol\"",
                                                   "one of name, file, protocol, kind", "misspelt"});
    refused(with("\"kind\"", "\"stops\": [], \"kind\""),
            {"DT01", "quiz.task.json, stops", "\"stops\"", "choices, answer_is", "another kind"});
    refused(with("\"count\": 1", "\"count\": 1, \"shuffle\": true"),
            {"DT01", "shots.shuffle", "\"shuffle\"", "one of file, count, separator", ""});
    refused(with(R"("protocol": "as in class", )", ""), {"DT02", "quiz.task.json", "no field \"protocol\"", "", ""});
    refused(with("as in class", ""), {"DT02", "protocol", "\"\"", "a text", ""});
    refused(with("multiple_choice", "multiple-choice"),
            {"DT02", "kind", "\"multiple-choice\"", "one of multiple_choice, cloze, generate", ""});
    refused(with("\"count\": 1", "\"count\": -1"), {"DT02", "shots.count", "-1", "from 0", ""});
    refused(with("\"{choices}\"", "[\"one\"]"), {"DT02", "choices", "", "two choices", ""});
    refused(with("\"{choices}\"", "3"), {"DT02", "choices", "3", "an array", ""});
    refused(with("\"quiz\"", "\"other\""), {"DT03", "name", "\"other\"", "the file's name", "renamed"});
    refused(with("\"quiz\"", "\"../x\""), {"DT03", "name", "\"../x\"", "letters", ""});
    refused(with("quiz.jsonl", "../quiz.jsonl"),
            {"DT04", "file", "../quiz.jsonl", "below the declaration's folder", ""});
    refused(with("quiz.jsonl", "/etc/passwd"), {"DT04", "file", "/etc/passwd", "below", ""});
    refused(with("dev.jsonl", "./quiz.jsonl"), {"DT04", "shots.file", "", "another file", "give answers away"});
    refused(with("{context}", "{context"), {"DT05", "prompt", "", "the name of a member", ""});
    refused(with("Answer:", "Answer:}"), {"DT05", "prompt", "", "a \"{\" for every", ""});
    refused(with("Answer:", "{"), {"DT05", "prompt", "", "a \"}\" for every", ""});
    refused(with("{context}", "{}"), {"DT05", "prompt", "", "the name of a member", ""});
    refused(with("{question.text}", "{question..text}"), {"DT05", "prompt", "", "the name of a member", ""});
    refused(with("\"{choices}\"", "\"{choices} \""), {"DT05", "choices", "", "one member", ""});
    refused(quiz + "x", {"JS01", "quiz.task.json", "", "", ""});
    refused(with("\"kind\"", "\"name\": \"quiz\", \"kind\""), {"JS03", "quiz.task.json", "\"name\" twice", "", ""});
    refused(with("{context}", "{kontext}"), {"DS06", "dev.jsonl line 1", "no field \"kontext\"", "", ""});
    refused(with("{context}", "{choices}"),
            {"DS06", "dev.jsonl line 1, choices", "an array of 2", "a text or a number", ""});
    put_quiz(dir, quiz, "");
    check_refused([&] { (void)choices(dir); }, {"DS08", "quiz.jsonl", "no items", "", ""});
    put_quiz(dir, quiz, with("\"a dog\"", "\"\"", row) + "\n");
    check_refused([&] { (void)choices(dir); }, {"DT06", "quiz.jsonl line 1, choices[1]", "\"\"", "not empty", ""});
    put_quiz(dir, quiz, with(", \"a dog\"", "", row) + "\n");
    check_refused([&] { (void)choices(dir); }, {"DT06", "quiz.jsonl line 1, choices", "", "two choices", ""});
}
TEST_CASE("a declared task takes no name of qeval's own, no shots that are not there, and its kind's struct only") {
    scratch const dir;
    put_quiz(dir, quiz);
    put_file(dir / "cloze.task.json", with("\"quiz\"", "\"cloze\""));
    check_refused([&] { (void)qeval::load_declared_task<tasks>(dir / "cloze.task.json"); },
                  {"DT03", "cloze.task.json, name", "\"cloze\"", "no task of qeval's own", ""});
    qeval::task_options many;
    many.shots = 3;
    CHECK_THROWS_WITH(choices(dir, many), Catch::Contains("EV09") && Catch::Contains("at most 2"));
    put_quiz(dir, with(R"(,
    "shots": {"file": "dev.jsonl", "count": 1})",
                       ""));
    CHECK_THROWS_WITH(choices(dir, many), Catch::Contains("EV09") && Catch::Contains("no \"shots\""));
    CHECK_THROWS_WITH(qeval::declared_cloze::load(dir / "quiz.task.json"), Catch::Contains("DT07"));
    CHECK(qeval::find_declaration("quiz", dir.path()) == dir / "quiz.task.json");
    CHECK(qeval::find_declaration((dir / "quiz.task.json").string(), "elsewhere") == dir / "quiz.task.json");
    CHECK(qeval::find_declaration("quiz.jsonl", dir.path()) == std::nullopt);
}
TEST_CASE("the declaration that docs/evaluate.md shows is one") {
    auto const text  = get_file(source("docs/evaluate.md"));
    auto const begin = text.find("```json\n");
    REQUIRE(begin != text.npos);
    scratch const dir;
    put_file(dir / "capitals.task.json", text.substr(begin + 8, text.find("```", begin + 8) - begin - 8));
    put_file(dir / "capitals.jsonl", R"({"country": "Peru", "options": ["Cusco", "Lima"], "capital": "Lima"})"
                                     "\n");
    put_file(dir / "capitals-dev.jsonl",
             R"({"country": "Kenya", "options": ["Nairobi", "Mombasa"], "capital": "Nairobi"})"
             "\n");
    auto const task = qeval::declared_choices::load(dir / "capitals.task.json");
    CHECK(std::string(task.frames[0].text()) + task.items[0].context + task.items[0].options[1].continuation ==
          "Q: What is the capital of Kenya?\nA: Nairobi\n\nQ: What is the capital of Peru?\nA: Lima");
    CHECK(task.items[0].answer == 1);
}
