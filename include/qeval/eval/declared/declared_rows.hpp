// Reads the rows of a declared task's files, as far as all kinds of declared tasks do it alike.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/eval/data/item_ids.hpp>
#include <qeval/eval/declared/row_text.hpp>
#include <qeval/eval/declared/task_declaration.hpp>
#include <qeval/eval/task/prompt_frame.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/written/number_answer.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/json/jsonl.hpp>

namespace qeval {

namespace declared {

// Where errors about `text` point to: the member of the row, if `text` is a single member, or else the row.
[[nodiscard]] inline json_value place_of(json_value row, row_text const& text) {
    auto const field = text.only_field();
    return field ? member_of(row, *field) : row;
}
[[nodiscard]] inline std::string filled(json_value row, row_text const& text) {
    std::string s = text.fill(row);
    if (s.empty()) place_of(row, text).fail("a text that is not empty", "", "DT06");
    return s;
}

// A worked example: the prompt with its answer.
[[nodiscard]] inline shown_example answered(json_value row, task_declaration const& d) {
    return {d.prompt.fill(row), d.delimiter, filled(row, d.answer), {}};
}

[[nodiscard]] inline std::vector<std::string> choices_of(json_value row, task_declaration const& d) {
    std::vector<std::string> choices;
    if (d.choices_member) {
        json_value const list = place_of(row, *d.choices_member);
        list.for_each_element([&](std::size_t, json_value v) {
            choices.push_back(row_text::text_of(v));
            if (choices.back().empty()) v.fail("a text that is not empty", "", "DT06");
        });
        if (choices.size() < 2) list.fail("at least two choices", "", "DT06");
    } else {
        for (auto const& c : d.choices) choices.push_back(filled(row, c));
    }
    return choices;
}

// The index of the choice that the row's answer names. An answer that names none, or several, is refused (file_error
// DT06).
[[nodiscard]] inline index answer_of(json_value row, task_declaration const& d,
                                     std::vector<std::string> const& choices) {
    std::string const answer = filled(row, d.answer);
    index const       count  = std::ssize(choices);
    std::set<index>   named;
    auto const        add = [&](index k) {
        if (k >= 0 && k < count) named.insert(k);
    };
    auto const may_be = [&](answer_form form) { return d.form == form || d.form == answer_form::any; };
    bool const digits = answer.size() <= 3 && std::all_of(answer.begin(), answer.end(), number_text::digit);
    if (may_be(answer_form::text)) {
        for (index k = 0; k < count; ++k)
            if (choices[static_cast<std::size_t>(k)] == answer) add(k);
    }
    if (may_be(answer_form::letter) && answer.size() == 1) {
        char const c = answer[0];
        if (c >= 'A' && c <= 'Z') add(c - 'A');
        if (c >= 'a' && c <= 'z') add(c - 'a');
    }
    if (may_be(answer_form::number) && digits) add(std::stoi(answer));
    if (d.form == answer_form::number_from_1 && digits) add(std::stoi(answer) - 1);
    if (named.size() != 1) {
        place_of(row, d.answer)
            .refuse(qeval::quoted(answer), "the index, letter or text of one of " + std::to_string(count) + " choices",
                    named.empty() ? "a split that is published without answers"
                                  : "it names several; say which with \"answer_is\"",
                    "DT06");
    }
    return *named.begin();
}

[[nodiscard]] inline std::string in_quotes(std::string const& text) { return json_text(json(text)); }

// Reads what all kinds have: worked examples, items, and a hash of everything that was read.
class reader {
public:
    reader(task_declaration const& d, task_options const& options)
        : declaration_(d), options_(options), shots_(options.shots.value_or(d.shots ? d.shots->count : 0)) {
        if (shots_ > 0 && !d.shots) {
            throw usage_error{{"EV09", "--num-fewshot", std::to_string(shots_), "0",
                               "the declaration of " + d.name + " has no \"shots\""}};
        }
    }

    // The worked examples. example(row) returns the shown_example of a row, to which the separator is added.
    template <class Example>
    [[nodiscard]] prompt_frame frame(Example const& example) {
        prompt_frame f(declaration_.preamble);
        if (shots_ == 0) return f;
        auto const data = read_data_file(declaration_.shots->file);
        hash_ += data.sha256;
        for_each_jsonl_line(data.bytes, data.name, [&](std::size_t, json_document const& row) {
            if (static_cast<index>(f.shots()) == shots_) return;
            shown_example shown = example(row.root());
            shown.separator     = declaration_.shots->separator;
            f.add(shown);
        });
        if (f.shots() == 0) refuse_empty_data(data.name);
        if (static_cast<index>(f.shots()) < shots_) {
            throw usage_error{{"EV09", "--num-fewshot", std::to_string(shots_),
                               "at most " + std::to_string(f.shots()) + ", what " + data.name + " has", ""}};
        }
        return f;
    }
    // Calls take(id, row) for each item.
    template <class Take>
    void items(Take const& take) {
        auto const data = read_data_file(declaration_.file);
        hash_ += data.sha256;
        item_ids ids;
        count_           = static_cast<index>(count_jsonl_lines(data.bytes));
        index const most = options_.limit.among(count_);
        for_each_jsonl_line(data.bytes, data.name, [&](std::size_t, json_document const& row) {
            if (std::ssize(texts_) == most) return;
            std::string const id =
                declaration_.id ? filled(row.root(), *declaration_.id) : std::to_string(texts_.size());
            take(ids.take(id, declaration_.id ? place_of(row.root(), *declaration_.id) : row.root()), row.root());
            texts_.emplace_back(row.text());
        });
        if (texts_.empty()) refuse_empty_data(data.name);
    }
    [[nodiscard]] index                           count() const { return count_; } // rows, before a limit
    [[nodiscard]] std::vector<std::string> const& texts() const { return texts_; } // of the items' rows
    [[nodiscard]] std::string                     sha256() const { return sha256_hex(declaration_.sha256 + hash_); }

    [[nodiscard]] index shots() const { return shots_; }
    // The protocol in words: what the declaration says of it, then `what` stands behind the prompt and the `rule` by
    // which it is judged.
    [[nodiscard]] std::string protocol(std::string const& what, std::string const& rule) const {
        std::string s = declaration_.protocol;
        s.append("; ").append(what).append(" after ").append(
            in_quotes(declaration_.preamble + declaration_.prompt.source()));
        return s.append(", ").append(std::to_string(shots_)).append(" shots; ").append(rule).append(" (declared task)");
    }

private:
    task_declaration const&  declaration_;
    task_options const&      options_;
    index                    shots_;
    std::string              hash_;
    std::vector<std::string> texts_;
    index                    count_ = 0;
};

// Refuses a declaration of another kind than that of the struct that is to hold it.
[[nodiscard]] inline task_declaration read(std::filesystem::path const& path, declared_kind kind,
                                           std::string_view name) {
    task_declaration d = task_declaration::read(path);
    if (d.kind != kind) {
        throw usage_error{{"DT07", display_name(path), "another kind of task", "a declaration for " + std::string(name),
                           "load_declared_task() finds the kind itself"}};
    }
    return d;
}

} // namespace declared

} // namespace qeval
