// The tasks that lm-eval 0.4.13 has, too: its names of them and of their metrics, and what its task files say.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/written/number_answer.hpp>

namespace qeval {

// What lm-eval judges of a text that a model wrote.
struct lm_eval_filter {
    std::string_view name;
    std::string (*judged)(item_text const& item, std::string const& written);
    bool is_list = false; // every answer is a list, since several may be drawn
};

namespace lm_eval_filters {

inline constexpr lm_eval_filter none{"none", [](item_text const&, std::string const& written) { return written; }};
inline constexpr lm_eval_filter strict_match{"strict-match", [](item_text const&, std::string const& written) {
                                                 return marked_number(written).value_or("[invalid]");
                                             }};
inline constexpr lm_eval_filter flexible_extract{"flexible-extract", [](item_text const&, std::string const& written) {
                                                     return last_number(written).value_or("[invalid]");
                                                 }};
inline constexpr lm_eval_filter create_test{
    "create_test", [](item_text const& item, std::string const& written) { return item.head + written; }, true};

} // namespace lm_eval_filters

// How an item's value stands in a sample: as it is; as the log-likelihood that it is made of; as that and the words or
// bytes that share it.
enum class lm_eval_value : std::uint8_t { plain, log_likelihood, shared_out };

struct lm_eval_metric {
    std::string_view      ours, name;
    lm_eval_filter const* filter = &lm_eval_filters::none;
    lm_eval_value         value  = lm_eval_value::plain;
    std::string_view declared{}; // the task file's name, where the metric is a function with results of other names
};

// A task whose items have subjects is a group there: of subjects, or of categories of subjects.
enum class lm_eval_groups : std::uint8_t { none, subjects, categories };

struct lm_eval_task {
    std::string_view                ours, name; // a subject's task is called name_subject
    std::span<lm_eval_metric const> metrics;    // in lm-eval's order
    lm_eval_groups                  groups = lm_eval_groups::none;
    std::string_view                config; // JSON, beside lm-eval's defaults; {subject} and {title} are the subject's
    std::string_view                group_version = ""; // of the group, where it is one
};

namespace lm_eval_metrics {

inline constexpr lm_eval_metric acc[]      = {{"acc", "acc"}};
inline constexpr lm_eval_metric acc_norm[] = {{"acc", "acc"}, {"acc_norm", "acc_norm"}};
inline constexpr lm_eval_metric lambada[]  = {
     {.ours = "perplexity", .name = "perplexity", .value = lm_eval_value::log_likelihood}, {"acc", "acc"}};
inline constexpr lm_eval_metric exact_match[] = {{"exact_match", "exact_match", &lm_eval_filters::strict_match},
                                                 {"flexible_match", "exact_match", &lm_eval_filters::flexible_extract}};
inline constexpr lm_eval_metric humaneval[]   = {
      {"pass@1", "pass@1", &lm_eval_filters::create_test, lm_eval_value::plain, "pass_at_k"},
      {"pass@10", "pass@10", &lm_eval_filters::create_test, lm_eval_value::plain, "pass_at_k"},
      {"pass@100", "pass@100", &lm_eval_filters::create_test, lm_eval_value::plain, "pass_at_k"}};
inline constexpr lm_eval_metric mbpp[]     = {{"pass@1", "pass_at_1"}};
inline constexpr lm_eval_metric wikitext[] = {
    {.ours = "word_perplexity", .name = "word_perplexity", .value = lm_eval_value::shared_out},
    {.ours = "byte_perplexity", .name = "byte_perplexity", .value = lm_eval_value::shared_out},
    {.ours = "bits_per_byte", .name = "bits_per_byte", .value = lm_eval_value::shared_out}};

} // namespace lm_eval_metrics

inline constexpr std::string_view lm_eval_version = "0.4.13";

// Functions in Python are named, not copied.
inline constexpr lm_eval_task lm_eval_tasks[] = {
    {"arc_easy", "arc_easy", lm_eval_metrics::acc_norm, lm_eval_groups::none, R"json({
      "dataset_path": "allenai/ai2_arc", "dataset_name": "ARC-Easy",
      "training_split": "train", "validation_split": "validation", "test_split": "test",
      "doc_to_text": "Question: {{question}}\nAnswer:", "doc_to_target": "{{choices.label.index(answerKey)}}",
      "doc_to_choice": "{{choices.text}}", "output_type": "multiple_choice", "should_decontaminate": true,
      "doc_to_decontamination_query": "Question: {{question}}\nAnswer:", "metadata": {"version": 1.0}})json"},
    {"arc_challenge", "arc_challenge", lm_eval_metrics::acc_norm, lm_eval_groups::none, R"json({
      "dataset_path": "allenai/ai2_arc", "dataset_name": "ARC-Challenge",
      "training_split": "train", "validation_split": "validation", "test_split": "test",
      "doc_to_text": "Question: {{question}}\nAnswer:", "doc_to_target": "{{choices.label.index(answerKey)}}",
      "doc_to_choice": "{{choices.text}}", "output_type": "multiple_choice", "should_decontaminate": true,
      "doc_to_decontamination_query": "Question: {{question}}\nAnswer:", "metadata": {"version": 1.0}})json"},
    {"hellaswag", "hellaswag", lm_eval_metrics::acc_norm, lm_eval_groups::none, R"json({
      "dataset_path": "Rowan/hellaswag", "training_split": "train", "validation_split": "validation",
      "process_docs": "utils.process_docs", "doc_to_text": "{{query}}", "doc_to_target": "{{label}}",
      "doc_to_choice": "choices", "output_type": "multiple_choice", "metadata": {"version": 1.0}})json"},
    {"winogrande", "winogrande", lm_eval_metrics::acc, lm_eval_groups::none, R"json({
      "dataset_path": "allenai/winogrande", "dataset_name": "winogrande_xl",
      "training_split": "train", "validation_split": "validation",
      "doc_to_text": "preprocess_winogrande.doc_to_text", "doc_to_target": "preprocess_winogrande.doc_to_target",
      "doc_to_choice": "preprocess_winogrande.doc_to_choice", "output_type": "multiple_choice",
      "should_decontaminate": true, "doc_to_decontamination_query": "sentence", "metadata": {"version": 1.0}})json"},
    {"lambada_openai", "lambada_openai", lm_eval_metrics::lambada, lm_eval_groups::none, R"json({
      "dataset_path": "EleutherAI/lambada_openai", "dataset_name": "default", "test_split": "test",
      "doc_to_text": "{{text.split(' ')[:-1]|join(' ')}}", "doc_to_target": "{{' '+text.split(' ')[-1]}}",
      "output_type": "loglikelihood", "should_decontaminate": true, "doc_to_decontamination_query": "{{text}}",
      "metric_list": [{"metric": "perplexity", "aggregation": "perplexity", "higher_is_better": false},
                      {"metric": "acc", "aggregation": "mean", "higher_is_better": true}],
      "metadata": {"version": 1.0}})json"},
    {"mmlu", "mmlu", lm_eval_metrics::acc, lm_eval_groups::categories,
     R"json({
      "task_alias": "{subject}", "dataset_path": "cais/mmlu", "dataset_name": "{subject}",
      "test_split": "test", "fewshot_split": "dev",
      "doc_to_text": "{{question.strip()}}\nA. {{choices[0]}}\nB. {{choices[1]}})json"
     R"json(\nC. {{choices[2]}}\nD. {{choices[3]}}\nAnswer:",
      "doc_to_target": "answer", "doc_to_choice": ["A", "B", "C", "D"],
      "description": "The following are multiple choice questions (with answers) about {title}.\n\n",
      "fewshot_config": {"sampler": "first_n"}, "output_type": "multiple_choice",
      "metadata": {"version": 1.0}})json",
     "2"},
    {"ceval", "ceval-valid", lm_eval_metrics::acc_norm, lm_eval_groups::subjects, R"json({
      "dataset_path": "ceval/ceval-exam", "dataset_name": "{subject}",
      "validation_split": "val", "fewshot_split": "dev",
      "doc_to_text": "{{question.strip()}}\nA. {{A}}\nB. {{B}}\nC. {{C}}\nD. {{D}}\n答案：",
      "doc_to_target": "{{['A', 'B', 'C', 'D'].index(answer)}}", "doc_to_choice": ["A", "B", "C", "D"],
      "description": "以下是中国关于{title}的单项选择题，请选出其中的正确答案。\n\n",
      "fewshot_config": {"sampler": "first_n"}, "output_type": "multiple_choice",
      "metadata": {"version": 2.0}})json",
     "2.0"},
    {"gsm8k", "gsm8k", lm_eval_metrics::exact_match, lm_eval_groups::none, R"json({
      "dataset_path": "openai/gsm8k", "dataset_name": "main",
      "training_split": "train", "test_split": "test", "fewshot_split": "train",
      "doc_to_text": "Question: {{question}}\nAnswer:", "doc_to_target": "{{answer}}",
      "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": true, "ignore_case": true,
                       "ignore_punctuation": false, "regexes_to_ignore": [",", "\\$", "(?s).*#### ", "\\.$"]}],
      "output_type": "generate_until",
      "generation_kwargs": {"until": ["Question:", "</s>", "<|im_end|>"], "do_sample": false, "temperature": 0.0},
      "filter_list": [
        {"name": "strict-match", "filter": [{"function": "regex", "regex_pattern": "#### (\\-?[0-9\\.\\,]+)"},
                                            {"function": "take_first"}]},
        {"name": "flexible-extract", "filter": [{"function": "regex", "group_select": -1,
                                                 "regex_pattern": "(-?[$0-9.,]{2,})|(-?[0-9]+)"},
                                                {"function": "take_first"}]}],
      "metadata": {"version": 3.0}})json"},
    {"humaneval", "humaneval", lm_eval_metrics::humaneval, lm_eval_groups::none, R"json({
      "dataset_path": "openai/openai_humaneval", "test_split": "test", "unsafe_code": true,
      "doc_to_text": "{{prompt}}", "doc_to_target": "{{test}}\ncheck({{entry_point}})",
      "metric_list": [{"metric": "utils.pass_at_k", "aggregation": "mean", "higher_is_better": true, "k": [1]}],
      "output_type": "generate_until",
      "generation_kwargs": {"until": ["\nclass", "\ndef", "\n#", "\nif", "\nprint"], "max_gen_toks": 1024,
                            "do_sample": false},
      "filter_list": [{"name": "create_test",
                       "filter": [{"function": "custom", "filter_fn": "utils.build_predictions"}]}],
      "metadata": {"version": 1.0}})json"},
    {"mbpp", "mbpp", lm_eval_metrics::mbpp, lm_eval_groups::none,
     R"json({
      "dataset_path": "google-research-datasets/mbpp", "dataset_name": "full", "test_split": "test",
      "unsafe_code": true,
      "doc_to_text": "You are an expert Python programmer, and here is your task: {{text}})json"
     R"json( Your code should pass these tests:\n\n{{test_list[0]}}\n{{test_list[1]}}\n{{test_list[2]}}\n[BEGIN]\n",
      "doc_to_target": "{% if is_fewshot is defined %}{{code}}\n[DONE]{% else %})json"
     R"json({{test_list[0]}}\n{{test_list[1]}}\n{{test_list[2]}}{% endif %}",
      "target_delimiter": "", "fewshot_config": {"sampler": "first_n", "samples": "utils.list_fewshot_samples"},
      "metric_list": [{"metric": "utils.pass_at_1", "aggregation": "mean", "higher_is_better": true}],
      "output_type": "generate_until", "generation_kwargs": {"until": ["[DONE]"], "do_sample": false},
      "metadata": {"version": 1.0}})json"},
    {"perplexity:wikitext", "wikitext", lm_eval_metrics::wikitext, lm_eval_groups::none, R"json({
      "dataset_path": "EleutherAI/wikitext_document_level", "dataset_name": "wikitext-2-raw-v1",
      "training_split": "train", "validation_split": "validation", "test_split": "test",
      "doc_to_text": "", "doc_to_target": "preprocess_wikitext.wikitext_detokenizer",
      "process_results": "preprocess_wikitext.process_results",
      "metric_list": [{"metric": "word_perplexity"}, {"metric": "byte_perplexity"}, {"metric": "bits_per_byte"}],
      "output_type": "loglikelihood_rolling", "should_decontaminate": true,
      "doc_to_decontamination_query": "{{page}}", "metadata": {"version": 2.0}})json"},
};

// None: lm-eval has no such task.
[[nodiscard]] constexpr lm_eval_task const* find_lm_eval_task(std::string_view ours) {
    for (auto const& t : lm_eval_tasks)
        if (t.ours == ours) return &t;
    return nullptr;
}

} // namespace qeval
