// One scheme's results in the files of lm-eval 0.4, for what reads those: results_<time>.json and
// samples_<task>_<time>.jsonl in a folder named after the scheme. Tasks that lm-eval has get its names, its keys and
// its numbers; tests/golden/lm_eval/exceptions.txt lists what is no number and differs.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/version.hpp>
#include <qeval/eval/result/asked_texts.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/published/lm_eval_config.hpp>
#include <qeval/report/published/lm_eval_groups.hpp>
#include <qeval/report/published/lm_eval_leaf.hpp>
#include <qeval/report/published/lm_eval_model.hpp>
#include <qeval/report/published/lm_eval_samples.hpp>
#include <qeval/report/text/file_texts.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/time_of_run.hpp>

namespace qeval {

struct lm_eval_settings {
    lm_eval_model      model;
    json               limit; // as asked for; null: all
    std::uint64_t      seed    = 0;
    asked_texts const* texts   = nullptr; // of the tasks; null: sizes of sets and prompts are not known
    bool               samples = false;   // a file for each task, with every prompt
};

// A share, or a whole number of items; none where there is no limit.
[[nodiscard]] inline json lm_eval_limit(double limit) {
    if (!(limit > 0)) return nullptr;
    return limit < 1 ? json(limit) : json(static_cast<index>(limit));
}

class lm_eval_export {
public:
    using write = std::function<void(std::string const& path, std::string const& content)>;

    lm_eval_export(evaluation_result const& result, scheme_scores const& scheme, lm_eval_settings const& how)
        : result_(result),
          scheme_(scheme),
          how_(how),
          folder_(file_name_of(scheme.scheme) + "/"),
          time_(dashed_time(result.run.started)) {
        for (char const* const part : {"results", "groups", "group_subtasks", "configs", "versions", "n-shot",
                                       "higher_is_better", "n-samples", "task_hashes"})
            all_[part] = json::object();
    }

    // One file at a time, since samples have every prompt.
    void files(write const& put) {
        for (auto const& t : scheme_.texts) add_task(by_pages(t.task), put);
        for (auto const& t : scheme_.tasks) add_task(t, put);
        if (all_["groups"].empty()) all_.erase("groups");
        add_run();
        put(folder_ + "results_" + time_ + ".json", json_text(all_, 2) + "\n");
    }

private:
    static json value(double x) { return std::isfinite(x) ? json(x) : json("N/A"); } // lm-eval's word
    // Errors of perplexities that are shared out over words or bytes are not given there.
    static void add_scores(json& to, lm_eval_leaf const& leaf, std::function<estimate(std::size_t)> const& score) {
        for (auto const& c : lm_eval_columns(leaf)) {
            std::string const filter(c.metric.filter->name), name(c.metric.name);
            estimate const    e     = score(c.index);
            to[name + "," + filter] = value(e.value);
            to[name + "_stderr," + filter] =
                value(c.metric.value == lm_eval_value::shared_out ? undefined_value : e.error);
        }
    }
    static json higher_is_better(lm_eval_leaf const& leaf) {
        json all = json::object();
        for (auto const& c : lm_eval_columns(leaf)) {
            std::string const name(c.metric.declared.empty() ? c.metric.name : c.metric.declared);
            all[name] = leaf.of->metrics[c.index].metric.higher_is_better;
        }
        return all;
    }

    void add_task(task_scores const& t, write const& put) {
        auto const leaves =
            lm_eval_leaves(t, how_.texts != nullptr ? how_.texts->parts(t.task) : std::vector<set_part>());
        for (auto const& leaf : leaves) add_leaf(leaf, put);
        for (auto const& group : lm_eval_groups_of(leaves)) add_group(group);
    }
    void add_leaf(lm_eval_leaf const& leaf, write const& put) {
        json one = {{"name", leaf.name}, {"alias", leaf.alias}, {"sample_len", leaf.count}};
        add_scores(one, leaf, [&](std::size_t m) { return leaf.score(m); });
        json config = lm_eval_config(leaf, how_.model.name, scheme_.scheme);
        // lm-eval has no count of failed items; metadata is where a file may say more.
        if (leaf.failed() > 0) config["metadata"]["failed"] = leaf.failed();
        all_["results"][leaf.name]          = std::move(one);
        all_["configs"][leaf.name]          = config;
        all_["versions"][leaf.name]         = config["metadata"].value("version", json(version_of(*leaf.of)));
        all_["n-shot"][leaf.name]           = leaf.of->shots;
        all_["higher_is_better"][leaf.name] = higher_is_better(leaf);
        all_["n-samples"][leaf.name]        = {{"original", leaf.part.items}, {"effective", leaf.count}};
        if (!how_.samples || how_.texts == nullptr || leaf.items.empty()) return;
        if (!how_.texts->text(leaf.of->task, leaf.items[0])) return; // windows of tokens have no prompts
        lm_eval_samples const samples(leaf, *how_.texts);
        all_["task_hashes"][leaf.name] = samples.hash();
        put(folder_ + "samples_" + file_name_of(leaf.name) + "_" + time_ + ".jsonl", samples.lines());
    }
    void add_group(lm_eval_group const& group) {
        json one    = {{"alias", group.alias}, {"name", group.name}, {"sample_len", group.count()}};
        json counts = json::object();
        add_scores(one, *group.leaves[0], [&](std::size_t m) { return group.score(m); });
        for (auto const& c : lm_eval_columns(*group.leaves[0]))
            counts[text("{},{}", c.metric.name, c.metric.filter->name)] = group.count();
        one["sample_count"]                = std::move(counts);
        all_["results"][group.name]        = one;
        all_["groups"][group.name]         = std::move(one);
        all_["group_subtasks"][group.name] = group.members;
        all_["versions"][group.name]       = group.version;
        if (group.of_groups) return; // lm-eval gives these to groups of tasks
        all_["n-shot"][group.name]           = group.leaves[0]->of->shots;
        all_["higher_is_better"][group.name] = higher_is_better(*group.leaves[0]);
    }
    // Of a rule that lm-eval has no number for.
    static std::string version_of(task_scores const& t) { return sha256_hex(t.protocol).substr(0, 6); }

    void add_run() {
        auto const& model = how_.model;
        auto const  named = [](std::string const& spelled, index id) {
            return id < 0 ? json::array({nullptr, "None"}) : json::array({spelled, std::to_string(id)});
        };
        all_["config"]   = {{"model", "qeval"},
                            {"model_args", "pretrained=" + model.name + ",scheme=" + scheme_.scheme},
                            {"model_num_parameters", model.parameters},
                            {"model_dtype", scheme_.scheme},
                            {"model_revision", nullptr},
                            {"model_sha", fact(result_.scores.origin, "weights sha256")},
                            {"batch_size", nullptr},
                            {"batch_sizes", json::array()},
                            {"device", "cpu"},
                            {"use_cache", nullptr},
                            {"limit", how_.limit},
                            {"bootstrap_iters", result_.scores.statistics.replicates},
                            {"gen_kwargs", nullptr},
                            {"random_seed", how_.seed},
                            {"numpy_seed", nullptr},
                            {"torch_seed", nullptr},
                            {"fewshot_seed", 1234}};
        all_["git_hash"] = nullptr;
        all_["date"]     = unix_time(result_.run.started);
        std::string host;
        for (auto const& [name, what] : result_.run.host) host += name + ": " + what + "\n";
        all_["pretty_env_info"]      = host;
        all_["transformers_version"] = "N/A";
        all_["lm_eval_version"]      = lm_eval_version; // whose rules and keys these are
        all_["qeval_version"]        = std::string(version);
        all_["upper_git_hash"]       = nullptr;
        all_["tokenizer_pad_token"]  = json::array({nullptr, "None"});
        all_["tokenizer_eos_token"]  = named(model.eos, model.eos_id);
        all_["tokenizer_bos_token"]  = named(model.bos, model.bos_id);
        all_["eot_token_id"]         = model.eos_id < 0 ? json() : json(model.eos_id);
        all_["max_length"]           = model.context;
        all_["model_source"]         = "qeval";
        all_["model_name"]           = model.name;
        all_["model_name_sanitized"] = file_name_of(model.name);
        all_["fewshot_as_multiturn"] = model.fewshot_as_multiturn; // it matters to chat templates only
        for (auto const& [key, text] :
             {std::pair<std::string, std::string>{"system_instruction", model.system_instruction},
              {"chat_template", model.chat_template}}) {
            all_[key]          = text.empty() ? json() : json(text);
            all_[key + "_sha"] = text.empty() ? json() : json(sha256_hex(text));
        }
        double seconds = 0;
        for (auto const& r : result_.run.schemes)
            if (r.scheme == scheme_.scheme) seconds = r.seconds;
        all_["total_evaluation_time_seconds"] = text("{}", seconds);
    }
    static json fact(provenance const& facts, std::string_view name) {
        for (auto const& [known, what] : facts)
            if (known == name) return what;
        return nullptr;
    }

    evaluation_result const& result_;
    scheme_scores const&     scheme_;
    lm_eval_settings const&  how_;
    std::string              folder_, time_;
    json                     all_ = json::object();
};

// The files of every scheme, each scheme in its folder.
inline void write_lm_eval_files(evaluation_result const& result, lm_eval_settings const& how,
                                lm_eval_export::write const& put) {
    for (auto const& s : result.scores.schemes) lm_eval_export(result, s, how).files(put);
}

} // namespace qeval
