// ARC, HellaSwag and Winogrande: published layouts, prompts as their evaluators make them, files that are neither.
// Also tests arc.hpp, hellaswag.hpp, hellaswag_text.hpp, winogrande.hpp.
#include <string>
#include <vector>

#include <tests/eval/question_of.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/choice/arc.hpp>
#include <qeval/eval/choice/hellaswag.hpp>
#include <qeval/eval/choice/hellaswag_text.hpp>
#include <qeval/eval/choice/winogrande.hpp>
#include <qeval/eval/result/item_run.hpp>

using namespace qeval_test;

namespace {

using names = std::vector<std::string>;

template <class Task>
Task load(std::string const& rows, qeval::index limit = 0) {
    scratch const dir;
    put_file(dir / "rows.jsonl", rows);
    qeval::task_options options;
    options.limit = limit;
    return Task::load(dir / "rows.jsonl", options);
}
template <class Task>
void refused(std::string const& rows, refusal const& wanted) {
    check_refused([&] { (void)load<Task>(rows); }, wanted);
}
names contexts(qeval::ranked_item const& it) {
    names all;
    for (auto const& o : it.options) all.push_back(it.context + o.before);
    return all;
}
names continuations(qeval::ranked_item const& it) {
    names all;
    for (auto const& o : it.options) all.push_back(o.continuation);
    return all;
}

// Ten items of llama.cpp's layout; the context of item i is "c<i>", its right ending i % 4.
std::string ten_items() {
    std::string text;
    for (int i = 0; i < 10; ++i) {
        auto const n = std::to_string(i);
        text.append("c").append(n).append("\n").append(std::to_string(i % 4)).append("\nab\nac\nad e\nx\n");
    }
    return text;
}

} // namespace

TEST_CASE("ARC in Hugging Face's and in AI2's layout gives the same items") {
    std::string const hf =
        R"({"id": "q1", "question": "Why?", "choices": {"text": ["so", "no", "as"], "label": ["A", "B", "C"]}, )"
        R"("answerKey": "B"})"
        "\n"
        R"({"id": "q2", "question": "How?", "choices": {"text": ["up", "on", "by", "if", "at"], "label": ["1", )"
        R"("2", "3", "4", "5"]}, "answerKey": "5"})"
        "\n";
    std::string const ai2 =
        R"({"id": "q1", "question": {"stem": "Why?", "choices": [{"text": "so", "label": "A"}, {"text": "no", )"
        R"("label": "B"}, {"text": "as", "label": "C"}]}, "answerKey": "B"})"
        "\n"
        R"({"id": "q2", "question": {"stem": "How?", "choices": [{"text": "up", "label": "1"}, {"text": "on", )"
        R"("label": "2"}, {"text": "by", "label": "3"}, {"text": "if", "label": "4"}, )"
        R"({"text": "at", "label": "5"}]}, "answerKey": "5"})"
        "\n";
    for (auto const& task : {load<qeval::arc_easy>(hf), load<qeval::arc_easy>(ai2)}) {
        REQUIRE(task.items.size() == 2);
        CHECK(task.items[0].id == "q1");
        CHECK(contexts(task.items[0]) == names(3, "Question: Why?\nAnswer:"));
        CHECK(continuations(task.items[0]) == names{" so", " no", " as"});
        CHECK(task.items[0].answer == 1);
        CHECK(task.items[1].answer == 4);
        CHECK(task.items[0].options[0].characters == 2); // without the space
        CHECK(*task.chance()[0] == Approx((1.0 / 3 + 1.0 / 5) / 2));
    }
    CHECK(load<qeval::arc_challenge>(hf, 1).items.size() == 1);
    CHECK(qeval::arc_challenge::name == "arc_challenge");
}
TEST_CASE("rows that are no ARC items are refused at their place") {
    refused<qeval::arc_easy>(
        R"({"id": "q", "question": "Why?", "choices": {"text": ["so", "no"], "label": ["A", "B"]}, "answerKey": "C"})"
        "\n",
        {"DS06", "rows.jsonl line 1, answerKey", "\"C\"", "one of the labels", ""});
    refused<qeval::arc_easy>(
        R"({"id": "q", "question": "Why?", "choices": {"text": ["so", "no"], "label": ["A"]}, "answerKey": "A"})"
        "\n",
        {"DS06", "line 1", "", "as many labels as choices", ""});
    refused<qeval::arc_easy>(R"({"id": "q", "question": "Why?", "answerKey": "A"})"
                             "\n",
                             {"DS06", "line 1", "no field \"choices\"", "", ""});
    refused<qeval::arc_easy>("", {"DS08", "rows.jsonl", "no items", "", ""});
    refused<qeval::arc_easy>(R"({"id": "q", "question": "Why?", "choi)",
                             {"DS02", "rows.jsonl line 1", "breaks off", "", "incomplete download"});
}
TEST_CASE(
    "HellaSwag's context is activity and both parts, the second capitalized as Python does, without WikiHow's marks") {
    std::string const row =
        R"({"ind": 4, "activity_label": "Removing ice", "ctx_a": "Then, [header] How to.", "ctx_b": "the MAN writes",
        "ctx": "unused", "label": 3,
        "endings": [" over the  snow.", ", [title] wax [step] it.", "[substeps] Öl.", "a [b\nc] d"]})";
    auto const task = load<qeval::hellaswag>(qeval::replaced(row, "\n", "") + "\n");
    REQUIRE(task.items.size() == 1);
    CHECK(contexts(task.items[0])[0] ==
          "Removing ice: Then, How to. The man writes"); // brackets leave two spaces, which become one
    CHECK(continuations(task.items[0]) ==
          names{" over the snow.", " ,. wax it.", "  Öl.", " a [b\nc] d"}); // stripped before marks go, not after
    CHECK(task.items[0].options[2].characters == 4);
    CHECK(task.items[0].answer == 3);
    CHECK(task.items[0].id == "0");
}
TEST_CASE("HellaSwag's label is a number or a text; the test split has none") {
    auto const row = [](std::string const& label) {
        return R"({"activity_label": "a", "ctx_a": "b", "ctx_b": "", "endings": ["w", "x", "y", "z"], "label": )" +
               label + "}\n";
    };
    CHECK(load<qeval::hellaswag>(row("2")).items[0].answer == 2);
    CHECK(load<qeval::hellaswag>(row("\"2\"")).items[0].answer == 2);
    CHECK(contexts(load<qeval::hellaswag>(row("2")).items[0])[0] == "a: b");
    refused<qeval::hellaswag>(row("\"\""), {"DS06", "rows.jsonl line 1, label", "\"\"", "the number of an ending", ""});
    refused<qeval::hellaswag>(row("4"), {"DS06", "label", "4", "from 0 to 3", ""});
    refused<qeval::hellaswag>(R"({"activity_label": "a", "ctx_a": "b", "ctx_b": "", "endings": ["w"], "label": 0})"
                              "\n",
                              {"DS06", "endings", "", "two endings", ""});
}
TEST_CASE("marks are removed as lm-eval's expressions do") {
    CHECK(qeval::without_markup("  a [title] b [x] c ") == "a. b c");
    CHECK(qeval::without_markup("[a[b]c]") == "c]"); // the shortest match from the first bracket on
    CHECK(qeval::without_markup("[a") == "[a");
    CHECK(qeval::without_markup("a    b") == "a  b"); // pairs, once
    CHECK(qeval::without_markup("[]") == "");
}
TEST_CASE("llama.cpp's HellaSwag draws its items by mt19937(1) through the library's distribution") {
    scratch const dir;
    put_file(dir / "ten.txt", ten_items());
    auto const task = qeval::hellaswag_text::load(dir / "ten.txt");
    names      ids;
    for (auto const& it : task.items) ids.push_back(it.id);
    CHECK(ids == names{"4", "9", "6", "8", "0", "1", "3", "7", "2", "5"}); // a Python model of both gives these
    CHECK(task.items[0].context == "c4");
    CHECK(task.items[0].answer == 0);
    CHECK(task.items[1].answer == 1);
    CHECK(task.items[0].endings == names{"ab", "ac", "ad e", "x"});
    qeval::task_options three;
    three.limit = 3;
    CHECK(qeval::hellaswag_text::load(dir / "ten.txt", three).items.size() == 3);
    CHECK(qeval::hellaswag_text::load(dir / "ten.txt", three).items[2].id == "6");
    auto const published = data("datasets/hellaswag/hellaswag_val_full.txt.bz2");
    if (!published) return;
    auto const whole = qeval::hellaswag_text::load(*published);
    REQUIRE(whole.items.size() == 400);
    ids.clear();
    for (std::size_t i = 0; i < 10; ++i) ids.push_back(whole.items[i].id);
    CHECK(ids == names{"4187", "10013", "7233", "9363", "1", "1286", "3036", "10032", "1474", "2371"});
}
TEST_CASE("llama.cpp's HellaSwag scores the mean over the tokens that the endings do not share") {
    scratch const dir;
    put_file(dir / "ten.txt", ten_items());
    auto const      task = qeval::hellaswag_text::load(dir / "ten.txt");
    scripted_engine e; // a token is a character
    e.size       = 95;
    auto const q = question_of(e, task, 0);
    REQUIRE(q.requests.size() == 4);
    CHECK(e.decode(q.requests[0].context) == "!c4 "); // "x" shares no more
    CHECK(e.decode(q.requests[2].continuation) == "ad e");
    std::vector<qeval::score> const scores = {{-4, false, 2}, {-5, false, 2}, {-6, false, 4}, {-9, false, 1}};
    auto const                      o      = task.judge(0, scores);
    CHECK(o.chosen == 2); // -1.5 a token, although the first has the largest sum
    CHECK(!o.correct);
    CHECK(o.target == 0);
    CHECK(o.log_likelihoods == std::vector<double>{-4, -5, -6, -9});
    CHECK(task.metrics()[0].name == "acc_norm");
}
TEST_CASE("files that are not llama.cpp's six lines an item are refused") {
    scratch const dir;
    auto const    refuse = [&](std::string const& text, refusal const& wanted) {
        put_file(dir / "x.txt", text);
        check_refused([&] { (void)qeval::hellaswag_text::load(dir / "x.txt"); }, wanted);
    };
    refuse("c\n0\na\nb\nc\n", {"DS06", "x.txt", "5 lines", "six lines", "incomplete"});
    refuse("c\n4\na\nb\nc\nd\n", {"DS05", "x.txt line 2", "\"4\"", "0, 1, 2 or 3", ""});
    refuse("c\n0 \na\nb\nc\nd\n", {"DS05", "x.txt line 2", "\"0 \"", "", ""});
    refuse("", {"DS08", "x.txt", "no items", "", ""});
    put_file(dir / "x.txt", "c\n0\na\nab\nac\nad\n");
    scripted_engine e;
    e.size = 95;
    check_refused([&] { (void)question_of(e, qeval::hellaswag_text::load(dir / "x.txt"), 0); },
                  {"EV04", "item 0", "", "endings that differ", ""});
}
TEST_CASE("Winogrande scores what follows the gap, behind the sentence filled with each name") {
    auto const task = load<qeval::winogrande>(
        R"({"qID": "3QHI-1", "sentence": "Ann told Eva that _ was late _ again. ", "option1": "Ann", )"
        R"("option2": "Eva", "answer": "2"})"
        "\n"
        R"({"sentence": "It fits, as the _ is small.", "option1": "box", "option2": "Möbel", "answer": "1"})"
        "\n");
    REQUIRE(task.items.size() == 2);
    CHECK(task.items[0].id == "3QHI-1");
    CHECK(contexts(task.items[0]) == names{"Ann told Eva that Ann", "Ann told Eva that Eva"});
    CHECK(continuations(task.items[0]) == names(2, " was late _ again.")); // the first gap; white space at the end goes
    CHECK(task.items[0].answer == 1);
    CHECK(task.items[1].id == "1");
    CHECK(contexts(task.items[1])[1] == "It fits, as the Möbel");
    CHECK(task.items[1].answer == 0);
    CHECK(task.metrics().size() == 1);
    scripted_engine e;
    e.size       = 95;
    auto const q = question_of(e, task, 0);
    CHECK(e.decode(q.requests[1].context) == "!Ann told Eva that Eva");
    CHECK(e.decode(q.requests[1].continuation) == " was late _ again.");
}
TEST_CASE("rows that are no Winogrande items are refused") {
    refused<qeval::winogrande>(R"({"sentence": "no gap", "option1": "a", "option2": "b", "answer": "1"})"
                               "\n",
                               {"DS06", "rows.jsonl line 1, sentence", "no gap", "a gap", ""});
    refused<qeval::winogrande>(R"({"sentence": "a _ b", "option1": "a", "option2": "b", "answer": ""})"
                               "\n",
                               {"DS06", "answer", "\"\"", "\"1\" or \"2\"", ""});
    refused<qeval::winogrande>(R"({"sentence": "a _ b", "option1": "a", "answer": "1"})"
                               "\n",
                               {"DS06", "line 1", "no field \"option2\"", "", ""});
}
