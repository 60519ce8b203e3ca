// Writing to a program that may have died, without a signal handler: those belong to programs, not to libraries.
#pragma once

#include <csignal>
#include <ctime>

namespace qeval {

// While it lives, a write of this thread to a line that nobody reads fails with EPIPE and nothing else: SIGPIPE is held
// back, and taken away at the end if it came. What other threads get, or what was pending before, is left alone.
class held_sigpipe {
public:
    held_sigpipe() : was_pending_(pending()) {
        sigset_t const only = signals();
        ::pthread_sigmask(SIG_BLOCK, &only, &before_);
    }
    held_sigpipe(held_sigpipe const&)            = delete;
    held_sigpipe& operator=(held_sigpipe const&) = delete;
    ~held_sigpipe() {
        sigset_t const only = signals();
        timespec const now{};
        if (!was_pending_ && pending()) ::sigtimedwait(&only, nullptr, &now);
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

private:
    static sigset_t signals() {
        sigset_t s;
        ::sigemptyset(&s);
        ::sigaddset(&s, SIGPIPE);
        return s;
    }
    static bool pending() {
        sigset_t s;
        return ::sigpending(&s) == 0 && ::sigismember(&s, SIGPIPE) == 1;
    }

    bool     was_pending_;
    sigset_t before_{};
};

} // namespace qeval
