// Handles SIGINT and SIGTERM. The first signal asks the command to stop at the next item; the second ends the process.
#pragma once

#include <atomic>
#include <csignal>

#include <signal.h>

#include <qeval/core/error.hpp>

namespace qeval::cli {

class interrupt {
public:
    static void watch() {
        struct sigaction action {};
        action.sa_handler = [](int) { requested_.store(true); };
        action.sa_flags   = static_cast<int>(SA_RESETHAND); // the second signal has its usual effect
        sigaction(SIGINT, &action, nullptr);
        sigaction(SIGTERM, &action, nullptr);
        std::signal(SIGPIPE, SIG_IGN);
    }
    // Throws where a signal has asked to stop. Commands call it between items.
    static void check() {
        if (!requested_.load()) return;
        throw error(exit_status::interrupted,
                    {"IN02", "the run", "a signal to stop", "the end", "the same command starts again"});
    }

private:
    inline static std::atomic<bool> requested_{false};
};

} // namespace qeval::cli
