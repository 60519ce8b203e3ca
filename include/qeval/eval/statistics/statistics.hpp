// The statistics of evaluation, in the order in which a comparison uses them.
#pragma once

// clang-format off: the order tells the story
#include <qeval/eval/statistics/bootstrap.hpp>  // intervals by resampling items
#include <qeval/eval/statistics/compare.hpp>    // all of these for one metric
#include <qeval/eval/statistics/holm.hpp>       // many comparisons
#include <qeval/eval/statistics/intervals.hpp>  // Wilson's interval for one proportion
#include <qeval/eval/statistics/mcnemar.hpp>    // paired proportions: exact test
#include <qeval/eval/statistics/mean.hpp>       // means and their standard errors
#include <qeval/eval/statistics/normal.hpp>     // the normal distribution
#include <qeval/eval/statistics/percentile.hpp> // order statistics
#include <qeval/eval/statistics/power.hpp>      // detectable effect, needed items
#include <qeval/eval/statistics/sign_flip.hpp>  // paired means: randomisation test
#include <qeval/eval/statistics/verdict.hpp>    // the result in words
// clang-format on
