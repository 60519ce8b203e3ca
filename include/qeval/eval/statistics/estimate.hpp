// A measured number and its standard error, in the same unit. Either is NaN where it is not defined (too few values).
#pragma once

#include <limits>

namespace qeval {

inline constexpr double undefined_value = std::numeric_limits<double>::quiet_NaN();

struct estimate {
    double value = undefined_value;
    double error = undefined_value; // one standard error
};

// An interval with both its ends.
struct interval {
    double low  = undefined_value;
    double high = undefined_value;
};

} // namespace qeval
