// Names the file when a mapped file was cut under the program's feet. Mappings are always remembered; a program that
// wants the message calls report_sigbus() once, since signal handlers belong to programs, not to libraries.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include <unistd.h>

namespace qeval {

struct mapping_record {
    std::atomic<std::uintptr_t> begin{0}; // 0: free; written last
    std::atomic<std::size_t>    size{0};
    char                        name[256] = {}; // fixed: a handler may not touch the heap
};

// More mappings than this are not remembered; that costs a file name in one message.
inline std::array<mapping_record, 1024>& mapping_records() {
    static std::array<mapping_record, 1024> records;
    return records;
}

inline void remember_mapping(void const* memory, std::size_t size, std::string const& name) {
    for (auto& r : mapping_records()) {
        std::uintptr_t expected = 0;
        constexpr auto claimed  = std::uintptr_t(1);
        if (!r.begin.compare_exchange_strong(expected, claimed)) continue;
        std::size_t const kept = std::min(name.size(), sizeof r.name - 1);
        std::memcpy(r.name, name.data() + (name.size() - kept), kept); // the end of a path says most
        r.name[kept] = '\0';
        r.size.store(size);
        r.begin.store(reinterpret_cast<std::uintptr_t>(memory));
        return;
    }
}

inline void forget_mapping(void const* memory) {
    for (auto& r : mapping_records()) {
        auto expected = reinterpret_cast<std::uintptr_t>(memory);
        if (r.begin.compare_exchange_strong(expected, 0)) return;
    }
}

// Makes async-signal-safe calls only. Exit code 3 means a bad input file.
inline void sigbus_handler(int, siginfo_t* info, void*) {
    auto const say = [](char const* text) {
        ssize_t const written = ::write(STDERR_FILENO, text, std::strlen(text));
        (void)written;
    };
    auto const address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (auto& r : mapping_records()) {
        auto const begin = r.begin.load();
        if (begin < 4096 || address < begin || address - begin >= r.size.load()) continue;
        say("error[IO03] ");
        say(r.name);
        say(": found a file that was shortened while in use, expected its bytes to stay. Likely: a download that "
            "restarted; --no-mmap reads a copy instead\n");
        ::_exit(3);
    }
    std::signal(SIGBUS, SIG_DFL); // not ours
    ::raise(SIGBUS);
}

inline void report_sigbus() {
    mapping_records(); // constructed before any signal
    struct sigaction action {};
    action.sa_sigaction = sigbus_handler;
    action.sa_flags     = SA_SIGINFO;
    ::sigaction(SIGBUS, &action, nullptr);
}

} // namespace qeval
