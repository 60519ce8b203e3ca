// Seconds since it was made, by a clock that nobody sets.
#pragma once

#include <chrono>

namespace qeval {

class stopwatch {
public:
    [[nodiscard]] double seconds() const { return std::chrono::duration<double>(clock::now() - start_).count(); }

private:
    using clock              = std::chrono::steady_clock;
    clock::time_point start_ = clock::now();
};

} // namespace qeval
