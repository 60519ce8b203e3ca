// The processes that bubblewrap is, and their end. An outer one waits; an inner one is process 1 of the sandbox's own
// process namespace, and everything in there dies with it.
#pragma once

#include <cerrno>
#include <csignal>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace qeval {

class sandbox_processes {
public:
    sandbox_processes() = default;
    // outer: a child of this process, which leads a process group. The inner one stays in that group.
    explicit sandbox_processes(pid_t outer) : outer_(outer) {}
    sandbox_processes(sandbox_processes const&)            = delete;
    sandbox_processes& operator=(sandbox_processes const&) = delete;
    sandbox_processes& operator=(sandbox_processes&& other) noexcept {
        end();
        outer_ = std::exchange(other.outer_, -1);
        return *this;
    }
    ~sandbox_processes() { end(); }

    // A process that loses its parent goes to this process, not to process 1, which in containers often waits for
    // nobody.
    static void adopt_orphans() { ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

    // Whether the outer process is no more; an inner one may then wait for it for ever.
    [[nodiscard]] bool broken() const {
        siginfo_t state{};
        return outer_ >= 0 && ::waitid(P_PID, static_cast<id_t>(outer_), &state, WEXITED | WNOHANG | WNOWAIT) == 0 &&
               state.si_pid != 0;
    }
    // Kills all, and waits for the outer process and then for the inner one, which by then is an orphan of this
    // process.
    void end() {
        if (outer_ < 0) return;
        ::kill(-outer_, SIGKILL);
        ::kill(outer_, SIGKILL); // it may not lead its group yet
        wait_for(outer_);
        while (wait_for(-outer_)) {}
        outer_ = -1;
    }

private:
    // A process, or a member of the group of a negative number. False: this process has none to wait for.
    static bool wait_for(pid_t which) {
        pid_t ended;
        while ((ended = ::waitpid(which, nullptr, 0)) < 0 && errno == EINTR) {}
        return ended > 0;
    }

    pid_t outer_ = -1;
};

} // namespace qeval
