// Completion of functions, in HumanEval's layout, judged by the text alone. Nothing is executed: a right solution that
// is written otherwise counts as wrong. Therefore the metric is called exact_match, and not pass@1.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/engine/requests.hpp>
#include <qeval/eval/data/item_ids.hpp>
#include <qeval/eval/data/item_rows.hpp>
#include <qeval/eval/data/suffix_rows.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/eval/written/prompt_tokens.hpp>
#include <qeval/io/json/json_document.hpp>

namespace qeval {

// The text that is compared: up to the first stop, without white space at the ends of lines and without empty lines at
// the end.
[[nodiscard]] inline std::string normalised_code(std::string_view text, std::span<std::string const> stops) {
    for (auto const& stop : stops) text = text.substr(0, text.find(stop));
    std::string out;
    while (!text.empty()) {
        std::size_t const end  = text.find('\n');
        std::string_view  line = text.substr(0, end);
        text                   = end == text.npos ? std::string_view() : text.substr(end + 1);
        out.append(line.substr(0, line.find_last_not_of(" \t\r\f\v") + 1)).push_back('\n');
    }
    out.erase(out.find_last_not_of('\n') + 1);
    return out;
}

struct completion : whole_set {
    static constexpr std::string_view name         = "functions";
    static constexpr std::string_view file         = "functions.jsonl";
    static constexpr task_option_set  used_options = worded_options.with(task_option::limit);
    using request                                  = generate_request;

    struct item {
        std::string id, prompt, entry_point, solution, test;
        std::string row{}; // of the data set, JSON
    };
    std::vector<item>        items;
    std::string              data_sha256;
    prompt_style             style;
    std::vector<std::string> stops = {"\nclass ", "\ndef ", "\n#", "\nif ",
                                      "\nprint"}; // words end with a space, so that no name is cut

    // Reads rows {"task_id", "prompt", "entry_point", "canonical_solution", "test"}.
    [[nodiscard]] static completion load(std::filesystem::path const& path, task_options const& options = {}) {
        return task_of_rows<completion>(path, options.limit, [](json_document const& row, item_ids& ids) -> item {
            refuse_suffix(row);
            return {ids.of(row, "task_id"), row.at("prompt").string(), row.at("entry_point").string(),
                    row.at("canonical_solution").string(), row.at("test").string()};
        });
    }

    [[nodiscard]] static std::vector<metric_spec> metrics() { return {{"exact_match", metric_kind::proportion, true}}; }

    [[nodiscard]] static std::string protocol() {
        return "greedy completion of the raw prompt up to \"\\nclass \", \"\\ndef \", \"\\n#\", \"\\nif \" or "
               "\"\\nprint\", at most 2 x the reference solution's tokens + 16 and 512; exact match with the reference "
               "solution, white space at ends of lines and of the text aside; not executed";
    }
    [[nodiscard]] static std::vector<std::optional<double>> chance() { return {std::nullopt}; }

    // The limit of length comes from the solution, since a much longer text cannot match it.
    [[nodiscard]] question<generate_request> ask(text_encoder& words, std::size_t i) const {
        question<generate_request> q;
        generate_request           r;
        index const                context  = words.max_tokens();
        index const                solution = std::ssize(words.encode(items[i].solution));
        r.how.max_tokens = std::min<index>({2 * solution + 16, 512, std::max<index>(1, context / 2)});
        r.how.stops      = stops;
        r.how.document   = i;
        auto prompt      = tokenize_prompt(words, style.write({}, items[i].prompt), r.how.max_tokens);
        r.prompt         = std::move(prompt.tokens);
        q.truncated      = prompt.truncated;
        q.requests.push_back(std::move(r));
        return q;
    }
    [[nodiscard]] item_text text_of(std::size_t i) const {
        return {items[i].row, items[i].solution, {{style.write({}, items[i].prompt).text, {}}}, items[i].prompt, {}};
    }
    [[nodiscard]] item_outcome judge(std::size_t i, std::span<generation const> texts) const {
        item_outcome o;
        o.id      = items[i].id;
        o.answer  = texts[0].text;
        o.error   = error_of(texts[0]);
        o.correct = o.error.empty() && normalised_code(o.answer, stops) == normalised_code(items[i].solution, stops);
        o.values  = {o.correct ? 1.0 : 0.0};
        return o;
    }
};

} // namespace qeval
