// Facts about the machine and the process for reports.
#pragma once

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

#include <qeval/core/version.hpp>
#include <qeval/eval/result.hpp>

namespace qeval::cli {

// Highest resident memory of this process since it began, or since the last reset_peak_memory().
inline std::uint64_t peak_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("VmHWM:", 0) == 0) return std::stoull(line.substr(6)) * 1024;
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}
// Starts the count anew where the kernel allows it (Linux: clear_refs 5).
inline void reset_peak_memory() {
    if (std::FILE* f = std::fopen("/proc/self/clear_refs", "w")) {
        std::fputs("5", f);
        std::fclose(f);
    }
}

inline std::string processor() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (line.rfind("model name", 0) == 0 && line.find(": ") != std::string::npos) return line.substr(line.find(": ") + 2);
    }
    return "unknown";
}

inline bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

inline provenance host_facts() {
    return {{"processor", processor()}};
}
inline provenance build_facts() {
    return {{"qeval", std::string(version)}, {"compiler", std::string(compiler)}, {"instruction set", std::string(built_for)}};
}

} // namespace qeval::cli
