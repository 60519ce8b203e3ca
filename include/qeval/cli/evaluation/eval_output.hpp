// The output of qeval eval: files in the output path, tables on standard output.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/eval/result/asked_texts.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/report/further_results.hpp>
#include <qeval/report/published/lm_eval_model.hpp>

namespace qeval::cli {

QEVAL_DRIVER_ONCE void write_results(eval_options const& options, evaluation_result const& result,
                                     further_results const& further, lm_eval_model const& model,
                                     asked_texts const& texts);
QEVAL_DRIVER_ONCE void print_results(eval_options const& options, evaluation_result const& result,
                                     further_results const& further);

} // namespace qeval::cli

#if !defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/cli/evaluation/eval_output_body.hpp>
#endif
