// One scheme's results in the files of lm-eval 0.4, for what reads those: results_<time>.json and
// samples_<task>_<time>.jsonl in a folder named after the scheme. Prompts are not kept, so samples have no arguments
// and no prompt hash.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/version.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/text/file_texts.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/time_of_run.hpp>

namespace qeval {

struct lm_eval_settings {
    std::string   model;     // as on the command line
    double        limit = 0; // items of each task, or below 1 a share of them; 0: all
    std::uint64_t seed  = 0;
};

class lm_eval_export {
public:
    lm_eval_export(evaluation_result const& result, scheme_scores const& scheme, lm_eval_settings const& how)
        : result_(result), scheme_(scheme), how_(how) {}

    [[nodiscard]] file_texts files() const {
        std::string const folder = file_name_of(scheme_.scheme) + "/", time = dashed_time(result_.run.started);
        file_texts        out;
        out[folder + "results_" + time + ".json"] = json_text(results(), 2) + "\n";
        for (auto const& t : scheme_.tasks) {
            if (!t.outcomes.empty())
                out[folder + "samples_" + file_name_of(t.task) + "_" + time + ".jsonl"] = samples(t);
        }
        return out;
    }

private:
    // "acc,none"; of gsm8k lm-eval has one metric behind two filters.
    [[nodiscard]] static std::pair<std::string, std::string> metric_of(std::string const& task,
                                                                       std::string const& metric) {
        if (task == "gsm8k") return {"exact_match", metric == "exact_match" ? "strict-match" : "flexible-extract"};
        return {metric, "none"};
    }
    static json value(double x) { return std::isfinite(x) ? json(x) : json("N/A"); } // lm-eval's word
    static void add(json& to, std::string const& task, std::string const& metric, estimate const& e) {
        auto const [name, filter]      = metric_of(task, metric);
        to[name + "," + filter]        = value(e.value);
        to[name + "_stderr," + filter] = value(e.error);
    }
    static std::string digest(std::string_view text) {
        sha256 hash;
        hash.update(text);
        return hash.hex();
    }

    [[nodiscard]] json results() const {
        json all = {{"results", json::object()},          {"groups", json::object()},
                    {"group_subtasks", json::object()},   {"configs", json::object()},
                    {"versions", json::object()},         {"n-shot", json::object()},
                    {"higher_is_better", json::object()}, {"n-samples", json::object()}};
        for (auto const& t : scheme_.texts) add_task(all, t.task, t.perplexity.protocol, t.perplexity.text_sha256);
        for (auto const& t : scheme_.tasks) add_task(all, t, t.protocol, t.data_sha256);
        if (all["groups"].empty()) all.erase("groups");
        all["config"]               = {{"model", "qeval"},
                                       {"model_args", "pretrained=" + how_.model + ",scheme=" + scheme_.scheme},
                                       {"limit", how_.limit > 0 ? json(how_.limit) : json(nullptr)},
                                       {"bootstrap_iters", result_.scores.statistics.replicates},
                                       {"random_seed", how_.seed},
                                       {"fewshot_seed", 1234}};
        all["git_hash"]             = nullptr;
        all["date"]                 = unix_time(result_.run.started);
        all["qeval_version"]        = std::string(version);
        all["model_source"]         = "qeval";
        all["model_name"]           = how_.model;
        all["model_name_sanitized"] = file_name_of(how_.model);
        for (auto const& r : result_.run.schemes)
            if (r.scheme == scheme_.scheme) all["total_evaluation_time_seconds"] = text("{}", r.seconds);
        return all;
    }
    // A task with subjects is a group whose members are "<task>_<subject>".
    void add_task(json& all, task_scores const& t, std::string const& protocol, std::string const& data) const {
        json one = {{"name", t.task}, {"alias", t.task}, {"sample_len", t.items}}, higher = json::object(),
             members = json::array();
        for (auto const& m : t.metrics) {
            add(one, t.task, m.metric.name, m.score);
            higher[metric_of(t.task, m.metric.name).first] = m.metric.higher_is_better;
        }
        all["results"][t.task]          = one;
        all["higher_is_better"][t.task] = higher;
        for (auto const& g : t.subjects) {
            std::string const name  = t.task + "_" + g.name;
            json              child = {{"name", name}, {"alias", g.name}, {"sample_len", g.items}};
            add(child, t.task, t.metrics[0].metric.name, g.score);
            all["results"][name]          = std::move(child);
            all["higher_is_better"][name] = higher;
            all["versions"][name]         = digest(protocol).substr(0, 6);
            all["n-samples"][name]        = {{"original", g.items}, {"effective", g.items}};
            all["n-shot"][name]           = t.shots;
            members.push_back(name);
        }
        if (!members.empty()) all["groups"][t.task] = one;
        all["group_subtasks"][t.task] = members;
        all["configs"][t.task]   = {{"task", t.task}, {"description", protocol}, {"metadata", {{"data_sha256", data}}}};
        all["versions"][t.task]  = digest(protocol).substr(0, 6);
        all["n-samples"][t.task] = {{"original", t.items}, {"effective", t.items}};
        all["n-shot"][t.task]    = t.shots;
    }

    [[nodiscard]] std::string samples(task_scores const& t) const {
        std::string out;
        for (std::size_t i = 0; i < t.outcomes.size(); ++i) {
            auto const& o     = t.outcomes[i];
            json const  doc   = {{"id", o.id}, {"subject", o.group}};
            auto const  gold  = o.target >= 0 ? std::to_string(o.target) : std::string();
            json        resps = json::array(), filtered = json::array();
            for (double const x : o.log_likelihoods) { // whether a choice is what greedy decoding gives is not known
                json const one = json::array({text("{}", x)});
                resps.push_back(json::array({one}));
                filtered.push_back(one);
            }
            if (!o.samples.empty()) {
                json texts = json::array();
                for (auto const& s : o.samples) texts.push_back(s.text);
                filtered.push_back(texts);
                resps.push_back(std::move(texts));
            } else if (o.log_likelihoods.empty()) {
                resps.push_back(json::array({o.answer}));
                filtered.push_back(o.answer);
            }
            json line = {{"doc_id", i},
                         {"doc", doc},
                         {"target", gold},
                         {"arguments", json::object()},
                         {"resps", std::move(resps)},
                         {"filtered_resps", std::move(filtered)},
                         {"filter", "none"},
                         {"metrics", json::array()},
                         {"doc_hash", digest(json_text(doc))},
                         {"target_hash", digest(gold)}};
            for (std::size_t m = 0; m < t.metrics.size() && m < o.values.size(); ++m) {
                line["metrics"].push_back(t.metrics[m].metric.name);
                line[t.metrics[m].metric.name] = std::isfinite(o.values[m]) ? json(o.values[m]) : json(nullptr);
            }
            out += json_text(line) + "\n";
        }
        return out;
    }

    evaluation_result const& result_;
    scheme_scores const&     scheme_;
    lm_eval_settings const&  how_;
};

// The files of every scheme, each scheme in its folder.
[[nodiscard]] inline file_texts lm_eval_files(evaluation_result const& result, lm_eval_settings const& how) {
    file_texts all;
    for (auto const& s : result.scores.schemes) all.merge(lm_eval_export(result, s, how).files());
    return all;
}

} // namespace qeval
