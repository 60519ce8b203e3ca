// A sandbox that does not start says why: a missing program, a limit, or namespaces that are not allowed.
#include <string>

#include <sys/resource.h>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/sandbox.hpp>

#include <qeval/eval/code/code_checker.hpp>
#include <qeval/eval/sandbox/sandbox_faults.hpp>

namespace {

qeval::code_problem const problem = {"def f(x):\n", "def check(c):\n    assert c(1) == 2\n", "f"};

template <class F>
std::string refusal_with(F const& change) {
    qeval::code_checker checker;
    checker.loosen(change);
    try {
        return checker.check(problem, "    return x + 1\n").text;
    } catch (qeval::environment_error const& e) {
        return e.what();
    }
}

// The text of the refusal while this process may have `most` of a resource.
std::string refusal_under(int resource, rlim_t most) {
    rlimit before{};
    ::getrlimit(static_cast<__rlimit_resource>(resource), &before);
    rlimit const now{most, before.rlim_max};
    ::setrlimit(static_cast<__rlimit_resource>(resource), &now);
    auto const text = refusal_with([](qeval::sandbox_setup&) {});
    ::setrlimit(static_cast<__rlimit_resource>(resource), &before);
    return text;
}

} // namespace

TEST_CASE("programs that are missing are named, with their package") {
    using setup = qeval::sandbox_setup;
    struct row {
        std::string setup::*program;
        std::string         name, package;
    };
    for (auto const& [member, name, package] :
         {row{&setup::bubblewrap, "/nowhere/bwrap", "bubblewrap"}, row{&setup::python, "/nowhere/python3", "python3"},
          row{&setup::set_limits, "/nowhere/prlimit", "util-linux"}}) {
        auto const text = refusal_with([&, member = member, name = name](setup& s) { s.*member = name; });
        INFO(text);
        CHECK(text.find("SB01") != text.npos);
        CHECK(text.find(name) != text.npos);
        CHECK(text.find("no such program") != text.npos);
        CHECK(text.find("apt-get install " + package) != text.npos);
        CHECK(text.find("namespaces") == text.npos);
    }
}
TEST_CASE("limits are named as limits") {
    if (!qeval_test::sandbox_works()) return;
    auto const files = refusal_under(RLIMIT_NOFILE, 5);
    INFO(files);
    CHECK(files.find("SB05") != files.npos);
    CHECK(files.find("ulimit -n") != files.npos);
    auto const processes = refusal_under(RLIMIT_NPROC, 1);
    INFO(processes);
    CHECK(processes.find("SB05") != processes.npos);
    CHECK(processes.find("ulimit -u") != processes.npos);
}
TEST_CASE("what bubblewrap and its helpers say has one meaning each") {
    struct row {
        char const *said, *id, *likely;
    };
    for (auto const& r : {
             row{"bwrap: No permissions to create new namespace, likely because the kernel does not allow "
                 "non-privileged user namespaces.",
                 "SB02", "user namespaces are not allowed"},
             row{"bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded "
                 "(ENOSPC)",
                 "SB02", "user.max_user_namespaces"},
             row{"bwrap: setting up uid map: Permission denied", "SB02", "apparmor_restrict_unprivileged_userns"},
             row{"bwrap: Creating new namespace failed: Resource temporarily unavailable", "SB05", "ulimit -u"},
             row{"bwrap: Can't fork for pid 1: Resource temporarily unavailable", "SB05", "processes"},
             row{"bwrap: Creating new namespace failed: Cannot allocate memory", "SB05", "ulimit -v"},
             row{"prlimit: failed to set the AS resource limit: Operation not permitted", "SB05", "ulimit -Ha"},
             row{"bwrap: execvp /usr/bin/python3: No such file or directory", "SB01", "missing"},
             row{"setpriv: failed to execute /usr/bin/bwrap: No such file or directory", "SB01", "missing"},
             row{"setpriv: setresuid failed: Invalid argument", "SB02", "user 65534"},
             row{"something new", "SB02", "qeval doctor"},
         }) {
        auto const fault = qeval::fault_of(r.said);
        INFO(r.said);
        CHECK(fault.id == r.id);
        CHECK(fault.likely.find(r.likely) != fault.likely.npos);
    }
}
