// Measures the time since it was made, by a clock that no change of the system's time affects.
#pragma once

#include <chrono>
#include <ctime>
#include <string>

namespace qeval {

class stopwatch {
public:
    [[nodiscard]] double seconds() const { return std::chrono::duration<double>(clock::now() - start_).count(); }

private:
    using clock              = std::chrono::steady_clock;
    clock::time_point start_ = clock::now();
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
