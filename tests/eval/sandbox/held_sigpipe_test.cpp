// A write to a closed pipe is an error of that write: the process lives on, and other signals are as they were.
// Also tests descriptor.hpp.
#include <cerrno>
#include <csignal>

#include <tests/support/catch.hpp>
#include <unistd.h>

#include <qeval/eval/sandbox/descriptor.hpp>
#include <qeval/eval/sandbox/held_sigpipe.hpp>

namespace {

sigset_t blocked() {
    sigset_t s;
    ::sigemptyset(&s);
    ::pthread_sigmask(SIG_SETMASK, nullptr, &s);
    return s;
}
bool pending() {
    sigset_t s;
    ::sigpending(&s);
    return ::sigismember(&s, SIGPIPE) == 1;
}

TEST_CASE(
    "a write to a pipe that nobody reads fails with EPIPE, and SIGPIPE neither ends the process nor stays pending") {
    auto* const usual = std::signal(SIGPIPE, SIG_DFL); // it would end this process
    for (int round = 0; round < 3; ++round) {
        auto pipe = qeval::make_pipe();
        pipe.read.close();
        {
            qeval::held_sigpipe const held;
            CHECK(::write(pipe.write.get(), "x", 1) == -1);
            CHECK(errno == EPIPE);
        }
        CHECK_FALSE(pending());
        sigset_t const now = blocked();
        CHECK(::sigismember(&now, SIGPIPE) == 0);
    }
    std::signal(SIGPIPE, usual);
}

TEST_CASE("a SIGPIPE that was pending before stays so, and one that a caller holds back stays held back") {
    sigset_t only, before;
    ::sigemptyset(&only);
    ::sigaddset(&only, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &only, &before);
    ::raise(SIGPIPE);
    { qeval::held_sigpipe const held; }
    CHECK(pending());
    sigset_t const now = blocked();
    CHECK(::sigismember(&now, SIGPIPE) == 1);
    timespec const at_once{};
    CHECK(::sigtimedwait(&only, nullptr, &at_once) == SIGPIPE);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

} // namespace
