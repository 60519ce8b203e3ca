// No process of a sandbox is left, not even as one that nobody waited for.
#include <chrono>
#include <string>
#include <thread>

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/sandbox.hpp>
#include <unistd.h>

#include <qeval/eval/code/code_checker.hpp>

namespace {

qeval::code_problem const successor = {"def f(x):\n", "def check(c):\n    assert c(1) == 2\n", "f"};

// 0: all right answers passed. 1: not. 2: no sandbox here.
int checked() {
    try {
        qeval::code_checker const checker;
        for (char const* body :
             {"    return x + 1\n", "    import time\n    time.sleep(60)\n", "    import os\n    os._exit(0)\n"})
            if ((checker.check(successor, body).text == "passed") != (body[11] == 'x')) return 1;
        return 0;
    } catch (qeval::environment_error const&) {
        return 2;
    }
}

} // namespace

TEST_CASE("a process 1 that waits for nobody is left with no dead process of a sandbox") {
    if (!qeval_test::sandbox_works()) return;
    pid_t const outside = ::fork();
    if (outside == 0) {
        if (::unshare(CLONE_NEWPID | CLONE_NEWNS) != 0) ::_exit(3);
        pid_t const first = ::fork(); // process 1 of its namespace
        if (first == 0) {
            if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
                ::mount("proc", "/proc", "proc", 0, nullptr) != 0)
                ::_exit(3);
            pid_t const worker = ::fork();
            if (worker == 0) ::_exit(checked());
            int status = 0;
            ::waitpid(worker, &status, 0); // and for nobody else
            std::this_thread::sleep_for(std::chrono::milliseconds(500));
            siginfo_t  dead{};
            bool const left = ::waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) == 0 && dead.si_pid != 0;
            ::_exit(left ? 10 : WEXITSTATUS(status));
        }
        int status = 0;
        ::waitpid(first, &status, 0);
        ::_exit(WEXITSTATUS(status));
    }
    int status = 0;
    ::waitpid(outside, &status, 0);
    if (WEXITSTATUS(status) == 3) return qeval_test::skip("no process namespace without root");
    CHECK(WEXITSTATUS(status) == 0);
}
TEST_CASE("a program that is killed while it starts leaves nothing, either") {
    if (!qeval_test::sandbox_works()) return;
    qeval::sandbox_setup const setup;
    for (int i = 0; i < 20; ++i) qeval::sandboxed_program const program(setup, "import time\ntime.sleep(60)\n");
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1); // no child, dead or alive
}
