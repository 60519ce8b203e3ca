// HellaSwag as llama.cpp's perplexity tool scores it (--hellaswag). File, items and score differ from lm-eval's.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/engine/requests.hpp>
#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/data/published_sets.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/text/utf8.hpp>

namespace qeval {

// Reads a file with six lines for each item: the context, the number of the right ending, four endings. Unless it is
// told otherwise, the tool draws 400 items without replacement, by std::mt19937(1) and std::uniform_int_distribution;
// the standard leaves that to libraries, and the numbers here are those of libstdc++.
struct hellaswag_text : whole_set {
    static constexpr std::string_view                name      = "hellaswag_llamacpp";
    static constexpr std::string_view                file      = "hellaswag/hellaswag_val_full.txt";
    static constexpr std::array<std::string_view, 1> elsewhere = {"hellaswag/hellaswag_val_full.txt.bz2"};
    static constexpr published_set                   published = qeval::published::hellaswag_val_text;
    static constexpr task_option_set                 used_options{task_option::limit};
    using request = score_request;

    struct item {
        std::string              id, context;
        std::vector<std::string> endings;
        index                    answer = 0;
    };
    std::vector<item> items;
    std::string       data_sha256;
    data_facts        data;

    [[nodiscard]] static hellaswag_text load(std::filesystem::path const& path, task_options const& options = {}) {
        auto const                    data = read_data_file(path);
        hellaswag_text                task;
        std::vector<std::string_view> lines;
        refuse_bad_utf8(data.bytes, data.name);
        std::string_view text = without_byte_order_mark(data.bytes);
        task.data_sha256      = data.sha256;
        while (!text.empty()) {
            std::size_t const end = text.find('\n');
            lines.push_back(text.substr(0, end));
            if (lines.back().ends_with('\r')) lines.back().remove_suffix(1);
            text = end == text.npos ? std::string_view() : text.substr(end + 1);
        }
        if (lines.empty()) refuse_empty_data(data.name);
        if (lines.size() % 6 != 0) {
            throw file_error{{"DS06", data.name, std::to_string(lines.size()) + " lines", "six lines for each item",
                              "an incomplete download, or another file"}};
        }
        std::vector<std::string> marks;
        for (std::size_t i = 0; i + 6 <= lines.size(); i += 6)
            marks.push_back(
                item_mark({lines[i], lines[i + 2], lines[i + 3], lines[i + 4], lines[i + 5], lines[i + 1]}));
        task.data = facts_about(published, marks, data.sha256);
        std::vector<std::size_t> left(lines.size() / 6);
        for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
        task.set_size    = std::ssize(left);
        auto const count = static_cast<std::size_t>(options.limit.among(std::ssize(left), 400));
        for (std::mt19937 draw(1); task.items.size() < count;) {
            std::size_t const at = std::uniform_int_distribution<std::size_t>(0, left.size() - 1)(draw);
            std::size_t const i  = left[at];
            left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
            std::string_view const gold = lines[6 * i + 1];
            if (gold.size() != 1 || gold[0] < '0' || gold[0] > '3') {
                throw file_error{{"DS05", data.name + " line " + std::to_string(6 * i + 2), qeval::quoted(gold),
                                  "0, 1, 2 or 3", "another file"}};
            }
            item it{std::to_string(i), std::string(lines[6 * i]), {}, gold[0] - '0'};
            for (std::size_t k = 2; k < 6; ++k) it.endings.emplace_back(lines[6 * i + k]);
            task.items.push_back(std::move(it));
        }
        return task;
    }

    [[nodiscard]] static std::vector<metric_spec> metrics() { return {{"acc_norm", metric_kind::proportion, true}}; }
    [[nodiscard]] static std::vector<std::optional<double>> chance() { return {0.25}; }

    [[nodiscard]] std::string protocol() const {
        return "llama.cpp --hellaswag: " + std::to_string(items.size()) +
               " items drawn by mt19937(1), context and ending "
               "tokenized as one text, largest mean log-probability of "
               "the tokens that the endings do not share";
    }

    [[nodiscard]] question<score_request> ask(text_encoder& words, std::size_t i) const {
        std::vector<std::vector<token>> all;
        for (auto const& ending : items[i].endings) {
            all.emplace_back();
            if (auto const bos = words.bos(); bos >= 0) all.back().push_back(bos);
            auto const ids = words.encode(items[i].context + " " + ending);
            all.back().insert(all.back().end(), ids.begin(), ids.end());
        }
        std::size_t common = 0;
        while (std::all_of(all.begin(), all.end(),
                           [&](auto const& t) { return common < t.size() && t[common] == all[0][common]; }))
            ++common;
        question<score_request> q;
        token_sequence const shared(std::vector(all[0].begin(), all[0].begin() + static_cast<std::ptrdiff_t>(common)));
        for (auto const& t : all) {
            auto const middle = t.begin() + static_cast<std::ptrdiff_t>(common);
            if (middle == t.end()) {
                throw file_error{
                    {"EV04", "item " + items[i].id, "an ending that begins all others", "endings that differ", ""}};
            }
            q.requests.push_back({shared, {middle, t.end()}});
        }
        return q;
    }
    [[nodiscard]] item_text text_of(std::size_t i) const {
        item const& it = items[i];
        item_text   t{json_text({{"ctx", it.context}, {"endings", it.endings}, {"label", it.answer}}),
                    std::to_string(it.answer),
                    {},
                    {},
                    {}};
        for (auto const& ending : it.endings) t.requests.push_back({it.context, " " + ending});
        return t;
    }
    [[nodiscard]] item_outcome judge(std::size_t i, std::span<score const> scores) const {
        item_outcome        o;
        std::vector<double> means;
        o.id     = items[i].id;
        o.target = items[i].answer;
        for (auto const& s : scores) {
            if (!s.error.empty()) o.error = s.error;
            o.log_likelihoods.push_back(s.log_likelihood);
            o.greedy.push_back(s.greedy);
            means.push_back(s.log_likelihood / static_cast<double>(s.tokens));
        }
        if (o.error.empty()) {
            auto const best = best_of(means);
            o.chosen        = best.chosen;
            o.tie           = best.tie;
            o.correct       = o.chosen == o.target;
        }
        o.values = {o.correct ? 1.0 : 0.0};
        return o;
    }
};

} // namespace qeval
