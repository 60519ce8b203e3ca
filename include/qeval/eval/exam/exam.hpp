// Reads an examination, as MMLU and C-Eval are published: each subject has questions with four answers, and worked
// examples.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/eval/data/item_limit.hpp>
#include <qeval/eval/data/item_rows.hpp>
#include <qeval/eval/data/published_set.hpp>
#include <qeval/eval/exam/exam_subjects.hpp>
#include <qeval/io/data/csv.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/data/pandas_cells.hpp>
#include <qeval/io/file/sha256.hpp>

namespace qeval {

struct exam_split {
    std::string_view     name; // "val"
    published_set const* published;
};
// A published set of examinations.
struct exam_set {
    std::string_view              folder; // below --data
    std::span<exam_subject const> subjects;
    bool                          has_header; // its files name their columns
    std::span<exam_split const>   splits;
};

struct exam_question {
    std::string                id; // "anatomy/12": the subject, and the row from 0
    std::string                question;
    std::array<std::string, 4> choices;
    index                      answer = 0; // from 0
    std::string                mark;       // of the file's texts, before any of them is printed as pandas prints it

    [[nodiscard]] char letter() const { return static_cast<char>('A' + answer); }
};
struct exam_part {
    exam_subject const*        subject = nullptr;
    std::vector<exam_question> examples, questions;
    index                      whole = 0; // questions, before a limit
};
struct exam {
    std::vector<exam_part> parts; // ordered by the names of subjects
    std::string            sha256;
    data_facts             data;
};

// How prompts take over the text of a cell: as it is, or as pandas prints it (io/data/pandas_cells.hpp).
enum class exam_cells { text, pandas };

namespace exam_files {

[[nodiscard]] inline exam_question question_of(csv_row const& row, std::array<std::size_t, 6> const& columns,
                                               std::string const& file, std::string const& id) {
    auto const    place = file + " line " + std::to_string(row.line);
    exam_question q{id, row.fields[columns[0]], {}, 0, {}};
    for (std::size_t c = 0; c < 4; ++c) q.choices[c] = row.fields[columns[c + 1]];
    std::string const& answer = row.fields[columns[5]];
    if (answer.size() != 1 || answer[0] < 'A' || answer[0] > 'D') {
        throw file_error{{"DS05", place + ", the answer", qeval::quoted(answer), "A, B, C or D",
                          "a shifted column, or another split"}};
    }
    q.answer = answer[0] - 'A';
    return q;
}

// The questions of one file. MMLU's has six columns and no header. In C-Eval's a header names the columns, which stand
// in any order.
[[nodiscard]] inline std::vector<exam_question> read(data_file const& file, std::string const& subject, bool has_header,
                                                     exam_cells cells) {
    auto                       rows    = parse_csv(file.bytes, file.name);
    std::array<std::size_t, 6> columns = {0, 1, 2, 3, 4, 5};
    std::size_t                width   = columns.size();
    if (has_header && !rows.empty()) {
        constexpr std::array<char const*, 6> names = {"question", "A", "B", "C", "D", "answer"};
        auto const&                          head  = rows.front().fields;
        for (std::size_t c = 0; c < names.size(); ++c) {
            auto const at = std::find(head.begin(), head.end(), names[c]);
            if (at == head.end()) {
                throw file_error{{"DS06", file.name + " line 1", "no column " + qeval::quoted(names[c]),
                                  "id, question, A, B, C, D, answer",
                                  c == 5 ? "the test split, which is published without answers" : "another data set"}};
            }
            columns[c] = static_cast<std::size_t>(at - head.begin());
        }
        width = head.size();
        rows.erase(rows.begin());
    }
    for (csv_row const& row : rows) {
        if (row.fields.size() == width) continue;
        throw file_error{{"DS06", file.name + " line " + std::to_string(row.line),
                          std::to_string(row.fields.size()) + " fields", std::to_string(width),
                          "an unquoted comma, or another data set"}};
    }
    std::vector<std::string> marks;
    for (csv_row const& row : rows) {
        std::vector<std::string_view> texts{subject};
        for (std::size_t const c : columns) texts.emplace_back(row.fields[c]);
        marks.push_back(item_mark(texts));
    }
    if (cells == exam_cells::pandas) {
        for (std::size_t const c : std::span(columns).first(5)) print_column_as_pandas(rows, c);
    }
    std::vector<exam_question> questions;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        questions.push_back(question_of(rows[r], columns, file.name, subject + "/" + std::to_string(r)));
        questions.back().mark = std::move(marks[r]);
    }
    if (questions.empty()) refuse_empty_data(file.name);
    return questions;
}

[[nodiscard]] inline std::vector<std::string> marks_of(std::vector<exam_question> const& questions) {
    std::vector<std::string> marks;
    for (auto const& q : questions) marks.push_back(q.mark);
    return marks;
}
// What the files of a split hold of the published one. That of MMLU's val split has a question that stands among its
// worked examples, too; it is published so.
[[nodiscard]] inline data_facts facts(exam_set const& set, std::string const& split,
                                      std::vector<exam_part> const& parts, std::vector<std::string> const& marks,
                                      index leaks) {
    auto const known = std::ranges::find(set.splits, split, &exam_split::name);
    data_facts facts =
        known != set.splits.end()
            ? facts_about(*known->published, marks, {})
            : data_facts{data_kind::own, "the user's own split (" + std::to_string(marks.size()) + " items)"};
    if (parts.size() < set.subjects.size()) {
        facts.words += "; " + std::to_string(parts.size()) + " of " + std::to_string(set.subjects.size()) + " subjects";
        std::size_t missing = 0;
        for (auto const& s : set.subjects) {
            if (std::ranges::find(parts, &s, &exam_part::subject) != parts.end() || ++missing > 3) continue;
            facts.words.append(missing == 1 ? ", without " : ", ").append(s.name);
        }
        if (missing > 3) facts.words += " and " + std::to_string(missing - 3) + " more";
    }
    return facts.kind == data_kind::published && split != "dev" ? facts : with_leaks(std::move(facts), leaks);
}

} // namespace exam_files

// Reads the files of one split, "val" or "test". Worked examples are the first `shots` rows of the "dev" files. `limit`
// keeps the first questions of each subject. Errors: DS05, DS06 (a row or file that is not as published),
// DS08 (no file), EV09 (fewer examples than `shots`).
[[nodiscard]] inline exam load_exam(std::filesystem::path const& path, exam_set const& set, std::string const& split,
                                    exam_cells cells, index shots, item_limit limit) {
    data_files const files(path);
    auto const       questions = files.in_folder(split, "_" + split + ".csv");
    auto const       examples  = files.in_folder("dev", "_dev.csv");
    if (questions.empty()) {
        throw file_error{{"DS08", files.name(), "no file " + split + "/<subject>_" + split + ".csv",
                          "one for each subject", "--data at the wrong level"}};
    }
    exam                     e;
    index                    leaks = 0;
    std::vector<std::string> marks;
    for (auto const& [name, file] : questions) {
        std::string const   subject = name.substr(0, name.size() - split.size() - 5);
        exam_subject const* known   = find_subject(set.subjects, subject);
        if (known == nullptr) {
            throw file_error{{"DS06", file.name, "the subject " + qeval::quoted(subject),
                              "one of " + std::to_string(set.subjects.size()), "another data set"}};
        }
        exam_part part{known, {}, exam_files::read(file, subject, set.has_header, cells)};
        part.whole = std::ssize(part.questions);
        if (shots > 0) {
            auto const dev = examples.find(subject + "_dev.csv");
            if (dev == examples.end()) {
                throw file_error{{"DS08", files.name(), "no file dev/" + subject + "_dev.csv",
                                  "the worked examples of " + subject,
                                  "an incomplete copy; --num-fewshot 0 needs none"}};
            }
            part.examples = exam_files::read(dev->second, subject, set.has_header, cells);
            if (std::ssize(part.examples) < shots) {
                throw usage_error{
                    {"EV09", "--num-fewshot", std::to_string(shots),
                     "at most " + std::to_string(part.examples.size()) + ", what " + dev->second.name + " has", ""}};
            }
            part.examples.resize(static_cast<std::size_t>(shots));
        }
        auto const mine = exam_files::marks_of(part.questions);
        leaks += leaks_in(mine, exam_files::marks_of(part.examples));
        marks.insert(marks.end(), mine.begin(), mine.end());
        keep_first(part.questions, limit);
        e.parts.push_back(std::move(part));
    }
    e.data   = exam_files::facts(set, split, e.parts, marks, leaks);
    e.sha256 = sha256_of(questions);
    if (shots > 0) e.sha256 = sha256_hex(e.sha256 + sha256_of(examples));
    return e;
}

} // namespace qeval
