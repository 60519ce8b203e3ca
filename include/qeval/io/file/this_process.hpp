// What this process is called wherever several of them leave results.
#pragma once

#include <string>

#include <unistd.h>

#include <qeval/core/stopwatch.hpp>

namespace qeval {

// This process among those of all machines that share a folder: "pid 123 on host since 2026-01-31T23:59:59Z".
[[nodiscard]] inline std::string this_process() {
    static std::string const since     = utc_now();
    char                     host[256] = "";
    ::gethostname(host, sizeof host - 1);
    return "pid " + std::to_string(::getpid()) + " on " + host + " since " + since;
}

} // namespace qeval
