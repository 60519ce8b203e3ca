// All statistics of evaluation.
#pragma once

// clang-format off: the comments stand in one column
#include <qeval/eval/statistics/bootstrap.hpp>  // intervals by resampling of items
#include <qeval/eval/statistics/compare.hpp>    // the comparison of one metric, which uses the others
#include <qeval/eval/statistics/holm.hpp>       // correction for many comparisons
#include <qeval/eval/statistics/intervals.hpp>  // Wilson's interval for one proportion
#include <qeval/eval/statistics/mcnemar.hpp>    // paired proportions: exact test
#include <qeval/eval/statistics/mean.hpp>       // means and their standard errors
#include <qeval/eval/statistics/normal.hpp>     // the normal distribution
#include <qeval/eval/statistics/percentile.hpp> // order statistics
#include <qeval/eval/statistics/power.hpp>      // detectable effect, needed items
#include <qeval/eval/statistics/sign_flip.hpp>  // paired means: randomisation test
#include <qeval/eval/statistics/verdict.hpp>    // the result in words
// clang-format on
