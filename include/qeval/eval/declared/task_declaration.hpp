// Reads NAME.task.json, which declares a task without C++. Unknown keys are refused, and each key that is left out has
// one default.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/eval/declared/row_text.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/json_document.hpp>

namespace qeval {

enum class declared_kind { multiple_choice, cloze, generate };

// How the row's answer names a choice. `any`: by its text, its letter or its index; an answer that would name different
// choices is refused.
enum class answer_form { any, number, number_from_1, letter, text };

// How a written answer is compared with the right one.
enum class answer_match { exact, number, first_letter };

struct task_declaration {
    struct shots_from {
        std::filesystem::path file;
        index                 count = 0;
        std::string           separator;
    };

    std::string               name, protocol, preamble, delimiter = " ";
    std::filesystem::path     file;
    declared_kind             kind = declared_kind::multiple_choice;
    row_text                  prompt, answer;
    std::optional<row_text>   id;             // none: the row's number
    std::optional<row_text>   choices_member; // an array of the row
    std::vector<row_text>     choices;        // where the row has no such array
    answer_form               form = answer_form::any;
    std::optional<shots_from> shots;
    std::vector<std::string>  stops;
    index                     max_tokens = 0;
    answer_match              match      = answer_match::exact;
    std::string               sha256;

    static constexpr std::string_view ending = ".task.json";

    [[nodiscard]] static task_declaration read(std::filesystem::path const& path) {
        data_file const     text = read_data_file(path);
        json_document const d    = parse_json(text.bytes, text.name, {std::size_t{1} << 20, 10'000, 8, "DT02"});
        json_value const    root = d.root();
        task_declaration    t;
        t.sha256 = text.sha256;
        t.kind   = one_of(root.at("kind"), kinds);
        check_keys(root, t.kind);
        t.name     = name_from(root.at("name"), path);
        t.protocol = some_text(root.at("protocol"));
        t.file     = file_from(root.at("file"), path);
        t.prompt   = row_text::of(root.at("prompt"), "DT05");
        t.answer   = row_text::of(root.at("answer"), "DT05");
        if (auto const v = root.find("id")) t.id = row_text::of(*v, "DT05");
        if (auto const v = root.find("preamble")) t.preamble = v->string();
        if (auto const v = root.find("delimiter")) t.delimiter = v->string();
        if (auto const v = root.find("shots")) t.shots = shots_of(*v, path, t.file);
        if (t.kind == declared_kind::multiple_choice) t.read_choices(root);
        if (t.kind == declared_kind::generate) t.read_writing(root);
        return t;
    }

private:
    static constexpr std::array<std::pair<std::string_view, declared_kind>, 3> kinds = {
        {{"multiple_choice", declared_kind::multiple_choice},
         {"cloze", declared_kind::cloze},
         {"generate", declared_kind::generate}}};
    static constexpr std::array<std::pair<std::string_view, answer_form>, 4> forms = {
        {{"index", answer_form::number},
         {"index_from_1", answer_form::number_from_1},
         {"letter", answer_form::letter},
         {"text", answer_form::text}}};
    static constexpr std::array<std::pair<std::string_view, answer_match>, 3> matches = {
        {{"exact", answer_match::exact},
         {"number", answer_match::number},
         {"first_letter", answer_match::first_letter}}};

    static std::string listed(auto const& names, auto const& name) {
        std::string all;
        for (auto const& n : names) all.append(all.empty() ? "" : ", ").append(name(n));
        return all;
    }
    template <class T, std::size_t N>
    static T one_of(json_value v, std::array<std::pair<std::string_view, T>, N> const& values) {
        std::string const& given = v.string();
        for (auto const& [text, value] : values)
            if (given == text) return value;
        v.fail("one of " + listed(values, [](auto const& x) { return x.first; }));
    }
    static void refuse_others(json_value object, std::vector<std::string_view> const& known) {
        object.for_each_member([&](std::string const& key, json_value v) {
            if (std::find(known.begin(), known.end(), key) != known.end()) return;
            v.refuse("the key " + qeval::quoted(key), "one of " + listed(known, [](auto const& k) { return k; }),
                     "a misspelt key, or one of another kind of task", "DT01");
        });
    }
    static void check_keys(json_value root, declared_kind kind) {
        std::vector<std::string_view> known = {"name",   "file",      "protocol", "kind", "preamble",
                                               "prompt", "delimiter", "answer",   "id",   "shots"};
        if (kind == declared_kind::multiple_choice) known.insert(known.end(), {"choices", "answer_is"});
        if (kind == declared_kind::generate) known.insert(known.end(), {"stops", "max_tokens", "match"});
        refuse_others(root, known);
    }
    static std::string some_text(json_value v) {
        if (v.string().empty()) v.fail("a text");
        return v.string();
    }
    // The name becomes a part of file names, and --tasks finds the declaration by it.
    static std::string name_from(json_value v, std::filesystem::path const& path) {
        std::string const& name = v.string();
        bool const         good =
            !name.empty() && name.size() <= 64 && name[0] != '.' && name[0] != '-' &&
            name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == name.npos;
        if (!good) v.fail("at most 64 letters, digits, \"_\", \"-\" and \".\"", "", "DT03");
        if (path.filename().string() != name + std::string(ending))
            v.fail("the file's name without " + std::string(ending), "a renamed file", "DT03");
        return name;
    }
    // The file lies in the declaration's folder or below it, so that a declaration from elsewhere opens no other file.
    static std::filesystem::path file_from(json_value v, std::filesystem::path const& declaration) {
        std::filesystem::path const file = some_text(v);
        bool const up = std::any_of(file.begin(), file.end(), [](auto const& part) { return part == ".."; });
        if (file.is_absolute() || up) v.fail("a path below the declaration's folder", "", "DT04");
        return declaration.parent_path() / file;
    }
    static shots_from shots_of(json_value v, std::filesystem::path const& declaration,
                               std::filesystem::path const& items) {
        refuse_others(v, {"file", "count", "separator"});
        shots_from s{file_from(v.at("file"), declaration), v.at("count").integer(0, 1000), "\n\n"};
        if (auto const text = v.find("separator")) s.separator = text->string();
        if (s.file.lexically_normal() == items.lexically_normal())
            v.at("file").fail("another file than the items'", "examples that give answers away", "DT04");
        return s;
    }
    void read_choices(json_value root) {
        json_value const given = root.at("choices");
        if (given.is_string()) {
            choices_member = row_text::of(given, "DT05");
            if (!choices_member->only_field())
                given.fail("one member, such as \"{choices}\", or a list of texts", "", "DT05");
        } else {
            given.for_each_element([&](std::size_t, json_value c) { choices.push_back(row_text::of(c, "DT05")); });
            if (choices.size() < 2) given.fail("at least two choices");
        }
        if (auto const v = root.find("answer_is")) form = one_of(*v, forms);
    }
    void read_writing(json_value root) {
        root.at("stops").for_each_element([&](std::size_t, json_value s) { stops.push_back(some_text(s)); });
        max_tokens = root.at("max_tokens").integer(1, 1 << 20);
        match      = one_of(root.at("match"), matches);
    }
};

} // namespace qeval
