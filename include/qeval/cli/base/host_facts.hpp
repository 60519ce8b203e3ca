// Facts about the machine and the process, for reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include <sys/resource.h>
#include <unistd.h>

#include <qeval/core/version.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/io/file/sha256.hpp>

namespace qeval::cli {

namespace detail {

// The number of bytes that /proc/self/status gives for a name; 0 where it has no such name.
inline std::uint64_t process_status(std::string_view name) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind(name, 0) == 0) return std::stoull(line.substr(name.size())) * 1024;
    }
    return 0;
}

} // namespace detail

// Resident memory of this process in bytes; 0 where it is not known.
inline std::uint64_t resident_memory() { return detail::process_status("VmRSS:"); }
// The highest resident memory since the process began, or since the last reset_peak_memory().
inline std::uint64_t peak_memory() {
    if (auto const peak = detail::process_status("VmHWM:")) return peak;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}
// Starts the measurement of peak_memory() anew, where the kernel allows it (Linux: clear_refs 5).
inline void reset_peak_memory() {
    if (std::FILE* f = std::fopen("/proc/self/clear_refs", "w")) {
        std::fputs("5", f);
        std::fclose(f);
    }
}

// The memory limit of the control group that this process is in; 0 where there is none.
inline std::uint64_t group_memory_limit() {
    for (char const* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
        std::ifstream file(path);
        std::uint64_t bytes = 0;
        if (file >> bytes && bytes < (std::uint64_t{1} << 60)) return bytes;
    }
    return 0;
}
inline std::uint64_t available_memory() {
    std::ifstream info("/proc/meminfo");
    for (std::string line; std::getline(info, line);) {
        if (line.starts_with("MemAvailable:")) return std::stoull(line.substr(13)) * 1024;
    }
    return 0;
}

inline std::string processor() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (line.rfind("model name", 0) == 0 && line.find(": ") != std::string::npos)
            return line.substr(line.find(": ") + 2);
    }
    return "unknown";
}

// The SHA-256 of the program that runs; empty where its file cannot be read.
inline std::string program_sha256() {
    std::ifstream program("/proc/self/exe", std::ios::binary);
    sha256        hash;
    std::string   piece(std::size_t{1} << 20, '\0');
    if (!program) return "";
    while (program.read(piece.data(), static_cast<std::streamsize>(piece.size())) || program.gcount() > 0) {
        hash.update(std::string_view(piece).substr(0, static_cast<std::size_t>(program.gcount())));
    }
    return hash.hex();
}

inline bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

inline provenance host_facts() { return {{"processor", processor()}}; }
inline provenance build_facts() {
    return {{"qeval", std::string(version)},
            {"compiler", std::string(compiler)},
            {"instruction set", std::string(built_for)}};
}

} // namespace qeval::cli
