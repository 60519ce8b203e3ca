// One Python program in a sandbox of its own (bubblewrap): no network, no files but /usr, no way to fork, limits on
// everything. It is spoken to by lines: it reads them from descriptor 3 and writes them to 4; what it prints is counted
// and thrown away.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <qeval/eval/sandbox/descriptor.hpp>
#include <qeval/eval/sandbox/held_sigpipe.hpp>
#include <qeval/eval/sandbox/sandbox_faults.hpp>
#include <qeval/eval/sandbox/sandbox_processes.hpp>

namespace qeval {

struct sandbox_limits {
    std::uint64_t memory = std::uint64_t{1} << 30, tmp = 16 << 20, shared = 4 << 20, file = 16 << 20; // bytes
    int           processes = 2, files = 64, cpu_seconds = 10;
    std::size_t   line = 32 << 20, printed = 8 << 20; // bytes of one message; of all output before the program is ended
};

// What all programs of a run share.
struct sandbox_setup {
    descriptor     filter; // a memory file with the system call filter; none: not filtered
    sandbox_limits limits;
    std::string    bubblewrap = "/usr/bin/bwrap", python = "/usr/bin/python3", set_user = "/usr/bin/setpriv",
                set_limits = "/usr/bin/prlimit";
    std::string tag;               // a last argument of the program, by which its processes can be told from others
    int         spare_uid = 65534; // who runs it where the caller is root: limits on processes do not hold for root

    // What must be installed.
    [[nodiscard]] std::vector<std::string> programs() const {
        std::vector<std::string> all{bubblewrap, set_limits, python};
        if (::geteuid() == 0) all.push_back(set_user);
        return all;
    }
    void require_programs() const {
        for (auto const& program : programs()) require_program(program);
    }
    [[nodiscard]] std::vector<std::string> command() const {
        auto const               text = [](auto n) { return std::to_string(n); };
        std::vector<std::string> c;
        if (::geteuid() == 0)
            c = {set_user, "--reuid=" + text(spare_uid), "--regid=" + text(spare_uid), "--clear-groups", "--"};
        for (std::string const& word :
             {bubblewrap, std::string("--unshare-user"), std::string("--unshare-all"), std::string("--disable-userns"),
              std::string("--cap-drop"), std::string("ALL")}) {
            c.push_back(word);
        }
        auto const add = [&](std::initializer_list<std::string> words) { c.insert(c.end(), words); };
        add({"--hostname", "s", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib",
             "/lib"});
        add({"--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev"});
        add({"--size", text(limits.shared), "--tmpfs", "/dev/shm", "--size", text(limits.tmp), "--tmpfs", "/tmp",
             "--ro-bind-data", "5", "/q/main.py"});
        add({"--remount-ro", "/dev", "--remount-ro", "/", "--die-with-parent", "--clearenv", "--setenv", "PATH",
             "/usr/bin"});
        add({"--setenv", "PYTHONHASHSEED", "0", "--setenv", "HOME", "/tmp", "--setenv", "LC_ALL", "C.UTF-8", "--chdir",
             "/tmp"});
        if (filter) add({"--seccomp", "6"});
        add({set_limits, "--as=" + text(limits.memory), "--nproc=" + text(limits.processes),
             "--fsize=" + text(limits.file), "--nofile=" + text(limits.files)});
        add({"--cpu=" + text(limits.cpu_seconds), "--core=0", python, "-S", "-B", "/q/main.py"});
        if (!tag.empty()) add({tag});
        return c;
    }
};

class sandboxed_program {
public:
    sandboxed_program(sandbox_setup const& setup, std::string_view source) : limits_(setup.limits) {
        auto       request = opened_pipe(), reply = opened_pipe(), printed = opened_pipe();
        auto       program = memory_file(source), filter = setup.filter ? opened_again(setup.filter) : descriptor();
        auto const words = setup.command();
        std::vector<char*>         argv;
        char*                      no_environment[] = {nullptr}; // bubblewrap's own environment can be read from inside
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t          attributes;
        for (auto const& w : words) argv.push_back(const_cast<char*>(w.c_str()));
        argv.push_back(nullptr);
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        for (auto const& [from, to] : {std::pair{printed.write.get(), 1},
                                       {printed.write.get(), 2},
                                       {request.read.get(), 3},
                                       {reply.write.get(), 4},
                                       {program.get(), 5},
                                       {filter.get(), 6}}) {
            if (from >= 0) ::posix_spawn_file_actions_adddup2(&actions, from, to);
        }
        ::posix_spawn_file_actions_addclosefrom_np(&actions, 7); // what this process was given without close-on-exec
        sigset_t none, defaults;
        ::sigemptyset(&none);
        ::sigfillset(&defaults);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &defaults);
        // A session, and so a process group, of its own: no terminal, and all processes can be told by it.
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
        sandbox_processes::adopt_orphans();
        pid_t     outer  = -1;
        int const status = ::posix_spawn(&outer, argv[0], &actions, &attributes, argv.data(), no_environment);
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
        if (status != 0) {
            require_program(words[0]);
            refuse_start(words[0], std::strerror(status));
        }
        processes_ = sandbox_processes(outer);
        requests_  = std::move(request.write);
        replies_   = std::move(reply.read);
        printed_   = std::move(printed.read);
        for (auto* d : {&requests_, &replies_, &printed_}) set_nonblocking(*d);
    }
    sandboxed_program(sandboxed_program const&)            = delete;
    sandboxed_program& operator=(sandboxed_program const&) = delete;

    void post(std::string_view line) {
        out_.append(line).push_back('\n');
        flush();
    }
    // The next whole line that it wrote.
    [[nodiscard]] std::optional<std::string> take() {
        std::size_t const end = in_.find('\n', searched_);
        searched_             = in_.size();
        if (end == in_.npos) return std::nullopt;
        std::string line = in_.substr(0, end);
        in_.erase(0, end + 1);
        searched_ = 0;
        return line;
    }
    [[nodiscard]] bool               has_input() const { return !in_.empty(); }
    [[nodiscard]] bool               ended() const { return !replies_; }            // it closed the line
    [[nodiscard]] bool               broken() const { return processes_.broken(); } // it cannot go on
    [[nodiscard]] std::string const& problem() const {
        return problem_;
    } // why it must be ended: "too much output"; empty: none
    [[nodiscard]] std::size_t        printed() const { return printed_bytes_; } // to stdout and stderr
    [[nodiscard]] std::string const& first_printed() const { return kept_; }

    void wait_for(std::vector<pollfd>& events) const {
        if (replies_) events.push_back({replies_.get(), POLLIN, 0});
        if (printed_) events.push_back({printed_.get(), POLLIN, 0});
        if (requests_ && !out_.empty()) events.push_back({requests_.get(), POLLOUT, 0});
    }
    // Reads and writes what can be without waiting.
    void advance() {
        flush();
        std::array<char, 65536> bytes;
        for (ssize_t n = 0; replies_ && problem_.empty();) {
            n = ::read(replies_.get(), bytes.data(), bytes.size());
            if (n > 0) {
                in_.append(bytes.data(), static_cast<std::size_t>(n));
                if (in_.size() > limits_.line)
                    problem_ = "an answer of more than " + std::to_string(limits_.line) + " bytes";
            } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
                replies_.close();
            } else if (errno == EAGAIN) {
                break;
            }
        }
        for (ssize_t n = 0; printed_ && problem_.empty();) {
            n = ::read(printed_.get(), bytes.data(), bytes.size());
            if (n > 0) {
                printed_bytes_ += static_cast<std::size_t>(n);
                if (kept_.size() < most_kept)
                    kept_.append(bytes.data(), std::min(static_cast<std::size_t>(n), most_kept - kept_.size()));
                if (printed_bytes_ > limits_.printed)
                    problem_ = "more than " + std::to_string(limits_.printed) + " bytes of output";
            } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
                printed_.close();
            } else if (errno == EAGAIN) {
                break;
            }
        }
    }

private:
    static constexpr std::size_t most_kept = 65536;

    static pipe_ends opened_pipe() {
        auto ends = make_pipe();
        if (!ends.read) refuse_start("a pipe", std::strerror(errno));
        return ends;
    }
    static descriptor memory_file(std::string_view text) {
        descriptor file(::memfd_create("qeval-program", MFD_CLOEXEC));
        file.raise();
        while (file && !text.empty()) {
            ssize_t const n = ::write(file.get(), text.data(), text.size());
            if (n <= 0) break;
            text.remove_prefix(static_cast<std::size_t>(n));
        }
        if (!file || !text.empty()) refuse_start("a memory file", std::strerror(errno));
        ::lseek(file.get(), 0, SEEK_SET);
        return file;
    }
    // Another open file description of a memory file: with an offset of its own.
    static descriptor opened_again(descriptor const& file) {
        descriptor again(::open(("/proc/self/fd/" + std::to_string(file.get())).c_str(), O_RDONLY | O_CLOEXEC));
        again.raise();
        if (!again) refuse_start("/proc/self/fd", std::strerror(errno));
        return again;
    }
    void flush() {
        held_sigpipe const held; // a program that died is noticed when its line closes
        while (requests_ && !out_.empty()) {
            ssize_t const n = ::write(requests_.get(), out_.data(), out_.size());
            if (n > 0) {
                out_.erase(0, static_cast<std::size_t>(n));
            } else if (n < 0 && errno == EINTR) {
                continue;
            } else {
                if (errno != EAGAIN) requests_.close();
                return;
            }
        }
    }

    sandbox_limits    limits_;
    sandbox_processes processes_; // ended with this object, with everything that they started
    descriptor        requests_, replies_, printed_;
    std::string       out_, in_, kept_;
    std::size_t       searched_      = 0; // of in_, without the end of a line
    std::size_t       printed_bytes_ = 0;
    std::string       problem_;
};

} // namespace qeval
