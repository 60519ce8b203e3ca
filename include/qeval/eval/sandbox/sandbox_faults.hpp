// Why a sandbox did not start, said as what it is: a program that is missing, a limit, or namespaces that are not
// allowed.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <unistd.h>

#include <qeval/core/error.hpp>

namespace qeval {

// What bubblewrap, its helpers or the system say, and what that means. SB05: a limit, which fewer programs at a time
// may keep. The first row whose words occur is the cause.
struct sandbox_fault {
    std::string_view said, id, likely;
};
inline constexpr std::string_view namespaces_are_off =
    "unprivileged user namespaces are not allowed here. Allow them: sysctl kernel.unprivileged_userns_clone=1 and "
    "user.max_user_namespaces above 0, on Ubuntu 24.04 kernel.apparmor_restrict_unprivileged_userns=0, in Docker a "
    "seccomp "
    "profile that permits them; inside a chroot there are none. Tasks without programs need none of this";
inline constexpr sandbox_fault sandbox_faults[] = {
    {"setresuid failed", "SB02",
     "root of a container that has no user 65534, who runs the programs: give it one, or start qeval as another user"},
    {"prlimit: failed to set", "SB05",
     "a hard limit of this shell is below the sandbox's own: `ulimit -Ha` shows them"},
    {"Resource temporarily unavailable", "SB05",
     "no more processes are allowed: `ulimit -u` and the container's limit; each check takes eight, and --workers says "
     "how "
     "many run at a time"},
    {"Cannot allocate memory", "SB05", "memory is used up or limited: `ulimit -v` and the container's limit"},
    {"MemoryError", "SB05", "memory is used up or limited: `ulimit -v` and the container's limit"},
    {"Too many open files", "SB05", "`ulimit -n` is used up; each check takes some twenty, so fewer --workers"},
    {"execvp", "SB01", "a program that is missing or cannot run on this machine"},
    {"failed to execute", "SB01", "a program that is missing or cannot run on this machine"},
    {"namespace", "SB02", namespaces_are_off},
    {"Operation not permitted", "SB02", namespaces_are_off},
    {"Permission denied", "SB02", namespaces_are_off},
};

[[nodiscard]] inline sandbox_fault fault_of(std::string_view said) {
    for (auto const& fault : sandbox_faults)
        if (said.find(fault.said) != said.npos) return fault;
    return {said, "SB02", "`qeval doctor` tries all that the sandbox needs"};
}

// The Debian package of a program that a sandbox starts.
[[nodiscard]] inline std::string_view package_of(std::string_view program) {
    if (program.ends_with("bwrap")) return "bubblewrap";
    return program.find("python") != program.npos ? "python3" : "util-linux";
}
inline void require_program(std::string const& path) {
    if (::access(path.c_str(), X_OK) == 0) return;
    throw environment_error{{"SB01", "the sandbox, " + path, errno == ENOENT ? "no such program" : std::strerror(errno),
                             "an installed program", std::string("apt-get install ").append(package_of(path))}};
}
// What was asked for, what the system said.
[[noreturn]] inline void refuse_start(std::string const& what, std::string const& said) {
    auto const fault = fault_of(said);
    throw environment_error{
        {std::string(fault.id), "the sandbox, " + what, said, "a program that starts", std::string(fault.likely)}};
}

} // namespace qeval
