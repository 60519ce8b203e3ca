// A comparison of one metric between a scheme and the reference, on the same items.
#pragma once

#include <cstdint>
#include <string>

#include <qeval/core/view.hpp>
#include <qeval/eval/statistics/estimate.hpp>

namespace qeval {

// How comparisons are made. Results record it.
struct comparison_options {
    std::uint64_t seed       = 1234;
    index         replicates = 10000; // of the bootstrap and of the sign-flip test
    double        level      = 0.05;  // two-sided
    double        power      = 0.8;   // for the detectable effect and the needed items
    // The largest share of a task's items that the reference may have failed and still be a baseline for the others.
    double max_failed = 0;
};

enum class paired_test : std::uint8_t { mcnemar_exact, sign_flip };

[[nodiscard]] inline char const* name_of(paired_test t) {
    return t == paired_test::mcnemar_exact ? "exact McNemar" : "paired sign-flip";
}

struct comparison {
    index       n = 0;
    estimate    difference;     // scheme - reference, in the metric's unit; paired standard error
    interval    bootstrap;      // 1 - level percentile interval of the difference
    index       better     = 0; // items on which the scheme did better (0 -> 1 for a proportion)
    index       worse      = 0; // items on which it did worse
    paired_test test       = paired_test::mcnemar_exact;
    double      p          = 1;               // two-sided, of this test alone
    double      p_holm     = 1;               // corrected for all comparisons of the table
    double      detectable = undefined_value; // smallest difference that n items show with the chosen power
    double      needed     = undefined_value; // items that would show the observed difference; infinite if it is 0
    std::string sentence;                     // the comparison in words
};

} // namespace qeval
