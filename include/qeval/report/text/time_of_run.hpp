// When a run began, "2026-03-04T05:06:07.123456Z", in the spellings of other programs' file names.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace qeval {

// "2026-03-04T05-06-07.123456", lm-eval's: two runs in one second have two names.
[[nodiscard]] inline std::string dashed_time(std::string_view started) {
    std::string out;
    for (char const c : started)
        if (c != 'Z') out += c == ':' ? '-' : c;
    return out;
}
// "20260304_050607", opencompass's.
[[nodiscard]] inline std::string packed_time(std::string_view started) {
    std::string out;
    for (char const c : started.substr(0, 19)) {
        if (c == 'T') out += '_';
        if (c >= '0' && c <= '9') out += c;
    }
    return out;
}
// Seconds since 1970; 0 where the text is no time.
[[nodiscard]] inline double unix_time(std::string_view started) {
    if (started.size() < 19) return 0;
    auto const number = [&](std::size_t at, std::size_t digits) {
        int n = 0;
        for (char const c : started.substr(at, digits)) n = 10 * n + (c - '0');
        return n;
    };
    using namespace std::chrono;
    auto const date =
        year(number(0, 4)) / month(static_cast<unsigned>(number(5, 2))) / day(static_cast<unsigned>(number(8, 2)));
    if (!date.ok()) return 0;
    auto const time =
        sys_days(date).time_since_epoch() + hours(number(11, 2)) + minutes(number(14, 2)) + seconds(number(17, 2));
    double fraction = 0, unit = 0.1;
    for (std::size_t at = 20; at < started.size() && started[at] >= '0' && started[at] <= '9'; ++at, unit /= 10)
        fraction += unit * (started[at] - '0');
    return static_cast<double>(duration_cast<seconds>(time).count()) + fraction;
}

} // namespace qeval
