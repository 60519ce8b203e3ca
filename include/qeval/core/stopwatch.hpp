// Time: a stopwatch that no change of the system's time affects, and the date.
#pragma once

#include <chrono>
#include <ctime>
#include <functional>
#include <string>
#include <utility>

namespace qeval {

// Seconds since some instant; never runs back.
using seconds_clock = std::function<double()>;

[[nodiscard]] inline double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Measures the time since it was made.
class stopwatch {
public:
    explicit stopwatch(seconds_clock now = steady_seconds) : now_(std::move(now)), start_(now_()) {}

    [[nodiscard]] double seconds() const { return now_() - start_; }

private:
    seconds_clock now_;
    double        start_;
};

// The time now in ISO 8601, UTC: "2026-01-31T23:59:59Z".
[[nodiscard]] inline std::string utc_now() {
    std::time_t const now = std::time(nullptr);
    std::tm           parts{};
    ::gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

} // namespace qeval
