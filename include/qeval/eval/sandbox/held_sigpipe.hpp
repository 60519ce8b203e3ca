// Lets a thread write to a program that may have died. It needs no signal handler, since handlers belong to programs
// and not to libraries.
#pragma once

#include <csignal>
#include <ctime>

namespace qeval {

// While this object exists, a write of this thread to a pipe that nobody reads fails with EPIPE and has no other
// effect: SIGPIPE is blocked for the thread, and a signal that came meanwhile is removed at the end. Signals of other
// threads, and one that was pending before, are not touched.
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
