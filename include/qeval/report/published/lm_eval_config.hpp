// A task's entry under `configs`: lm-eval's defaults, what its task file says, and where the numbers come from.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/published/lm_eval_leaf.hpp>
#include <qeval/report/published/lm_eval_tasks.hpp>

namespace qeval {

namespace detail {

[[nodiscard]] inline json lm_eval_metric_list(lm_eval_leaf const& leaf) {
    json list = json::array();
    for (auto const& m : leaf.of->metrics) {
        list.push_back(
            {{"metric", m.metric.name}, {"aggregation", "mean"}, {"higher_is_better", m.metric.higher_is_better}});
    }
    return list;
}
// What lm-eval would call the way of asking, by what came back.
[[nodiscard]] inline std::string lm_eval_output_type(task_scores const& t) {
    auto const likelihoods = t.outcomes.empty() ? 0 : t.outcomes[0].log_likelihoods.size();
    return likelihoods > 1 ? "multiple_choice" : likelihoods == 1 ? "loglikelihood" : "generate_until";
}
// What a task file says, the subject's names filled in.
[[nodiscard]] inline json lm_eval_task_file(lm_eval_leaf const& leaf) {
    if (leaf.known == nullptr) {
        return {{"description", leaf.of->protocol},
                {"output_type", lm_eval_output_type(*leaf.of)},
                {"metadata", json::object()}};
    }
    std::string text(leaf.known->config);
    text = replaced(std::move(text), "{subject}", leaf.part.name);
    return *json_of(replaced(std::move(text), "{title}", leaf.part.title)); // a table of ours
}

} // namespace detail

// `scheme` and `model` say what was measured; the protocol is ours, in words.
[[nodiscard]] inline json lm_eval_config(lm_eval_leaf const& leaf, std::string_view model, std::string_view scheme) {
    json       config   = {{"task", leaf.name}};
    json const file     = detail::lm_eval_task_file(leaf);
    json const defaults = {{"unsafe_code", false},
                           {"description", ""},
                           {"target_delimiter", " "},
                           {"fewshot_delimiter", "\n\n"},
                           {"metric_list", detail::lm_eval_metric_list(leaf)},
                           {"repeats", 1},
                           {"should_decontaminate", false}};
    config.update(defaults);
    config.update(file);
    config["num_fewshot"] = leaf.of->shots;
    json shots            = {{"sampler", "default"},    {"split", config.value("fewshot_split", json())},
                             {"process_docs", nullptr}, {"fewshot_indices", nullptr},
                             {"samples", nullptr},      {"gen_prefix", nullptr}};
    for (char const* const same :
         {"process_docs", "doc_to_text", "doc_to_choice", "doc_to_target", "fewshot_delimiter", "target_delimiter"})
        shots[same] = config.value(same, json());
    if (file.contains("fewshot_config")) shots.update(file.at("fewshot_config"));
    config["fewshot_config"] = shots;
    config["metadata"].update({{"pretrained", model},
                               {"dtype", scheme},
                               {"config_source", leaf.of->protocol},
                               {"data_sha256", leaf.of->data_sha256}});
    return config;
}

} // namespace qeval
