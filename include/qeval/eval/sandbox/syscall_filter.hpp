// The system calls that a sandboxed program may make: all but those that reach other processes, the network, mounts,
// keys or the kernel itself. The filter is a second defence behind the namespaces of bubblewrap, which reads it as BPF
// from a descriptor.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#if __has_include(<seccomp.h>)
#    include <sched.h>
#    include <seccomp.h>
#endif

#include <qeval/core/error.hpp>
#include <qeval/eval/sandbox/descriptor.hpp>

namespace qeval {

#if __has_include(<seccomp.h>)
inline constexpr bool has_syscall_filter = true;

// The filter in a memory file, whose position is at the beginning.
[[nodiscard]] inline descriptor make_syscall_filter() {
    struct context {
        scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
        ~context() { ::seccomp_release(filter); }
    } const c;
    auto const refuse = [&](std::uint32_t action, char const* name) {
        int const number = ::seccomp_syscall_resolve_name(name);
        if (number != __NR_SCMP_ERROR)
            ::seccomp_rule_add(c.filter, action, number, 0); // a call that this kernel lacks needs no rule
    };
    for (char const* name : {"ptrace",
                             "process_vm_readv",
                             "process_vm_writev",
                             "pidfd_getfd",
                             "pidfd_open",
                             "kcmp",
                             "mount",
                             "umount",
                             "umount2",
                             "pivot_root",
                             "chroot",
                             "fsopen",
                             "fsconfig",
                             "fsmount",
                             "fspick",
                             "open_tree",
                             "move_mount",
                             "mount_setattr",
                             "unshare",
                             "setns",
                             "bpf",
                             "perf_event_open",
                             "userfaultfd",
                             "io_uring_setup",
                             "io_uring_enter",
                             "io_uring_register",
                             "keyctl",
                             "add_key",
                             "request_key",
                             "open_by_handle_at",
                             "name_to_handle_at",
                             "kexec_load",
                             "kexec_file_load",
                             "init_module",
                             "finit_module",
                             "delete_module",
                             "socket",
                             "connect",
                             "bind",
                             "listen",
                             "accept",
                             "accept4",
                             "memfd_create",
                             "memfd_secret",
                             "quotactl",
                             "quotactl_fd",
                             "swapon",
                             "swapoff",
                             "reboot",
                             "acct",
                             "sethostname",
                             "setdomainname",
                             "iopl",
                             "ioperm",
                             "modify_ldt",
                             "syslog",
                             "personality",
                             "vhangup",
                             "landlock_create_ruleset"}) {
        refuse(SCMP_ACT_ERRNO(EPERM), name);
    }
    refuse(SCMP_ACT_ERRNO(ENOSYS),
           "clone3"); // its flags lie in memory, where no filter can see them; libc falls back to clone
    for (unsigned const flag :
         {0x02000000u /* CGROUP */, 0x04000000u /* UTS */, 0x08000000u /* IPC */, 0x10000000u /* USER */,
          0x20000000u /* PID */, 0x40000000u /* NET */, 0x00020000u /* mount: CLONE_NEWNS */, 0x00000080u /* TIME */}) {
        ::seccomp_rule_add(c.filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                           SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
    }
    ::seccomp_rule_add(c.filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                       SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, TIOCSTI));

    descriptor file(::memfd_create("qeval-filter", MFD_CLOEXEC));
    if (!file || ::seccomp_export_bpf(c.filter, file.get()) != 0 || ::lseek(file.get(), 0, SEEK_SET) != 0) {
        throw environment_error{{"SB03", "the system call filter", std::strerror(errno), "a BPF program", ""}};
    }
    return file;
}
#else
inline constexpr bool           has_syscall_filter = false;
[[nodiscard]] inline descriptor make_syscall_filter() {
    throw environment_error{{"SB03", "the system call filter", "a program built without libseccomp", "libseccomp",
                             "install libseccomp-dev and build again"}};
}
#endif

} // namespace qeval
