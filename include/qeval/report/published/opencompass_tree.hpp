// An evaluation as opencompass leaves one: <time>/{configs,predictions,results,summary}, where a model is a scheme. Its
// readers take the last folder in the order of names, so that "<time>_02" comes behind "<time>".
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/eval/result/result.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/text/display_text.hpp>
#include <qeval/report/text/file_texts.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/time_of_run.hpp>

namespace qeval {

class opencompass_tree {
public:
    // `is_taken`: whether there is already a tree of this name, of a run that began in the same second.
    explicit opencompass_tree(
        evaluation_result const&                       result,
        std::function<bool(std::string const&)> const& is_taken = [](std::string const&) { return false; })
        : result_(result), time_(packed_time(result.run.started)) {
        for (int n = 2; is_taken(time_); ++n) time_ = text("{}_{:02}", packed_time(result.run.started), n);
    }

    [[nodiscard]] file_texts files() const {
        file_texts out;
        json       models = json::array(), datasets = json::array();
        for (auto const& s : result_.scores.schemes) {
            std::string const model = file_name_of(s.scheme);
            models.push_back({{"abbr", s.scheme}, {"type", "qeval"}});
            for (auto const& t : s.texts)
                out[path("results/" + model, t.task.task)] = json_text(result_of(t.task), 4) + "\n";
            for (auto const& t : s.tasks) {
                out[path("results/" + model, t.task)] = json_text(result_of(t), 4) + "\n";
                if (!t.outcomes.empty())
                    out[path("predictions/" + model, t.task)] = json_text(predictions(t), 4) + "\n";
            }
        }
        if (!result_.scores.schemes.empty()) {
            auto const& first = result_.scores.schemes[0];
            for (auto const& t : first.texts)
                datasets.push_back(dataset(t.task, t.perplexity.protocol, t.perplexity.text_sha256));
            for (auto const& t : first.tasks) datasets.push_back(dataset(t, t.protocol, t.data_sha256));
        }
        out[time_ + "/configs/" + time_ + ".json"] = json_text({{"models", models}, {"datasets", datasets}}, 4) + "\n";
        auto const rows                            = summary();
        out[time_ + "/summary/summary_" + time_ + ".csv"] = lines(rows, true);
        out[time_ + "/summary/summary_" + time_ + ".md"]  = markdown(rows);
        out[time_ + "/summary/summary_" + time_ + ".txt"] = everything(rows);
        return out;
    }

private:
    using table = std::vector<std::vector<std::string>>;

    [[nodiscard]] std::string path(std::string const& folder, std::string const& dataset) const {
        std::string out = time_;
        return out.append("/").append(folder).append("/").append(file_name_of(dataset)).append(".json");
    }
    // The names that opencompass's evaluators give.
    [[nodiscard]] static std::string metric_name(std::string const& task, std::string const& metric) {
        if (metric == "acc") return "accuracy";
        if (task == "humaneval" && metric.compare(0, 5, "pass@") == 0) return "humaneval_" + metric;
        return metric;
    }
    [[nodiscard]] static double shown(metric_scores const& m) {
        return (m.metric.kind == metric_kind::proportion ? 100 : 1) * m.score.value;
    }
    // How answers were found: from likelihoods ("ppl") or by writing ("gen").
    [[nodiscard]] static std::string mode(task_scores const& t) {
        for (auto const& o : t.outcomes) {
            if (!o.log_likelihoods.empty()) return "ppl";
            if (!o.answer.empty() || !o.samples.empty()) return "gen";
        }
        return "unknown";
    }
    [[nodiscard]] static std::string version(std::string_view protocol) {
        sha256 hash;
        hash.update(protocol);
        return hash.hex().substr(0, 6);
    }
    [[nodiscard]] static json dataset(task_scores const& t, std::string const& protocol, std::string const& data) {
        return {{"abbr", t.task}, {"protocol", protocol}, {"data_sha256", data}};
    }
    // The scores of a task, and how its items ended under "details", which opencompass' summarizers leave aside.
    [[nodiscard]] static json result_of(task_scores const& t) {
        json out       = scores_of(t);
        out["details"] = {{"items", t.items}, {"failed", t.failed}, {"truncated", t.truncated}, {"tied", t.ties}};
        if (t.data.kind != data_kind::no_set) out["details"]["data"] = t.data.words;
        for (auto const& [kind, n] : t.failures) out["details"]["failures"][kind] = n;
        return out;
    }
    [[nodiscard]] static json scores_of(task_scores const& t) {
        json out = json::object();
        for (auto const& m : t.metrics) {
            double const x                          = shown(m);
            out[metric_name(t.task, m.metric.name)] = std::isfinite(x) ? json(x) : json(nullptr);
        }
        return out;
    }
    [[nodiscard]] static json predictions(task_scores const& t) {
        json out = json::object();
        for (std::size_t i = 0; i < t.outcomes.size(); ++i) {
            auto const& o   = t.outcomes[i];
            json        one = {{"id", o.id}};
            if (!o.samples.empty()) {
                one["prediction"] = json::array();
                for (auto const& s : o.samples) one["prediction"].push_back(s.text);
            } else if (o.chosen >= 0) {
                one["prediction"] = o.chosen;
            } else {
                one["prediction"] = o.answer;
            }
            if (o.target >= 0) one["gold"] = o.target;
            if (!o.error.empty()) one["error"] = o.error;
            one["correct"]         = o.correct;
            out[std::to_string(i)] = std::move(one);
        }
        return out;
    }

    [[nodiscard]] table summary() const {
        auto const& schemes = result_.scores.schemes;
        table       rows{{"dataset", "version", "metric", "mode"}};
        for (auto const& s : schemes) rows[0].push_back(s.scheme);
        if (schemes.empty()) return rows;
        auto const add = [&](task_scores const& t, std::string const& protocol, std::string const& how,
                             auto const& of) {
            for (std::size_t m = 0; m < t.metrics.size(); ++m) {
                std::vector<std::string> row{t.task, version(protocol), metric_name(t.task, t.metrics[m].metric.name),
                                             how};
                for (auto const& s : schemes) row.push_back(fixed(shown(of(s).metrics[m]), 2));
                rows.push_back(std::move(row));
            }
        };
        for (std::size_t i = 0; i < schemes[0].texts.size(); ++i) {
            auto const& t = schemes[0].texts[i];
            add(t.task, t.perplexity.protocol, "ppl",
                [i](scheme_scores const& s) -> task_scores const& { return s.texts[i].task; });
        }
        for (std::size_t i = 0; i < schemes[0].tasks.size(); ++i) {
            auto const& t = schemes[0].tasks[i];
            add(t, t.protocol, mode(t), [i](scheme_scores const& s) -> task_scores const& { return s.tasks[i]; });
        }
        return rows;
    }
    // Its readers split lines at commas and know no quotes, so opencompass writes spaces instead.
    [[nodiscard]] static std::string lines(table const& rows, bool plain) {
        std::string out;
        for (auto const& r : rows) {
            for (std::size_t c = 0; c < r.size(); ++c) {
                std::string cell = without_controls(r[c]);
                for (char& x : cell)
                    if (plain && x == ',') x = ' ';
                out.append(c > 0 ? "," : "").append(cell);
            }
            out += '\n';
        }
        return out;
    }
    [[nodiscard]] static std::string markdown(table const& rows) {
        std::string out;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            out += '|';
            for (auto const& cell : rows[i]) out.append(" ").append(markdown_cell(without_controls(cell))).append(" |");
            out += '\n';
            if (i > 0) continue;
            out += '|';
            for (std::size_t c = 0; c < rows[0].size(); ++c)
                out.append(c > 0 ? " -----" : "-----").append(c + 1 < rows[0].size() ? " |" : "|");
            out += '\n';
        }
        return out;
    }
    // Names left, numbers right, a line of dashes below the titles.
    [[nodiscard]] static std::string aligned(table const& rows) {
        std::vector<std::size_t> width(rows[0].size(), 0);
        for (auto const& r : rows)
            for (std::size_t c = 0; c < r.size(); ++c) width[c] = std::max(width[c], display_width(r[c]));
        std::string out;
        auto const  put = [&](auto const& cell) {
            std::string line;
            for (std::size_t c = 0; c < width.size(); ++c) line.append(c > 0 ? "  " : "").append(cell(c));
            line.erase(line.find_last_not_of(' ') + 1);
            out.append(line) += '\n';
        };
        for (std::size_t i = 0; i < rows.size(); ++i) {
            put([&](std::size_t c) {
                std::string const cell = without_controls(rows[i][c]), pad(width[c] - display_width(cell), ' ');
                return c < 4 ? cell + pad : pad + cell;
            });
            if (i == 0) put([&](std::size_t c) { return std::string(width[c], '-'); });
        }
        return out;
    }
    [[nodiscard]] std::string everything(table const& rows) const {
        std::string const above = std::string(128, '^') + "\n", below = std::string(128, '$') + "\n", dashes(128, '-');
        std::string       out = time_, divider = dashes;
        divider.append(" THIS IS A DIVIDER ").append(dashes).append("\n\n");
        out.append("\ntabulate format\n")
            .append(above)
            .append(aligned(rows))
            .append(below)
            .append("\n")
            .append(divider);
        out.append("csv format\n").append(above).append(lines(rows, false)).append(below).append("\n").append(divider);
        out.append("markdown format\n").append(above).append(markdown(rows)).append("\n").append(below).append(divider);
        out.append("raw format\n").append(above);
        for (auto const& s : result_.scores.schemes) {
            out.append("-------------------------------\nModel: ").append(without_controls(s.scheme)).append("\n");
            for (auto const& t : s.texts)
                out.append(without_controls(t.task.task))
                    .append(": ")
                    .append(json_text(scores_of(t.task)))
                    .append("\n");
            for (auto const& t : s.tasks)
                out.append(without_controls(t.task)).append(": ").append(json_text(scores_of(t))).append("\n");
        }
        return out.append(below);
    }

    evaluation_result const& result_;
    std::string              time_;
};

} // namespace qeval
