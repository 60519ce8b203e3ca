// The statistics of evaluation, in the order in which a comparison uses them.
#pragma once

// clang-format off: the order tells the story
#include <qeval/eval/bootstrap.hpp>  // intervals by resampling items
#include <qeval/eval/compare.hpp>    // all of these for one metric
#include <qeval/eval/holm.hpp>       // many comparisons
#include <qeval/eval/intervals.hpp>  // Wilson's interval for one proportion
#include <qeval/eval/mcnemar.hpp>    // paired proportions: exact test
#include <qeval/eval/mean.hpp>       // means and their standard errors
#include <qeval/eval/normal.hpp>     // the normal distribution
#include <qeval/eval/percentile.hpp> // order statistics
#include <qeval/eval/power.hpp>      // detectable effect, needed items
#include <qeval/eval/sign_flip.hpp>  // paired means: randomisation test
#include <qeval/eval/verdict.hpp>    // the result in words
// clang-format on
