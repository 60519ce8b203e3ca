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

// A time in ISO 8601, UTC: "2026-01-31T23:59:59Z".
[[nodiscard]] inline std::string utc_text(std::chrono::system_clock::time_point time) {
    std::time_t const seconds = std::chrono::system_clock::to_time_t(time);
    std::tm           parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}
[[nodiscard]] inline std::string utc_now() { return utc_text(std::chrono::system_clock::now()); }

// The time now with microseconds: two runs in the same second have different times.
[[nodiscard]] inline std::string precise_utc_now() {
    using namespace std::chrono;
    auto const  now    = floor<microseconds>(system_clock::now());
    auto const  second = floor<seconds>(now);
    std::string digits = std::to_string((now - second).count()), text = utc_text(second);
    digits.insert(0, 6 - digits.size(), '0');
    return text.insert(text.size() - 1, "." + digits);
}

} // namespace qeval
