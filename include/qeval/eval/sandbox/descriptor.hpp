// A file descriptor that is closed when its owner is destroyed. Those made here have close-on-exec, so that no child
// inherits them by accident.
#pragma once

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace qeval {

class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int fd) : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        close();
        fd_ = std::exchange(other.fd_, -1);
        return *this;
    }
    ~descriptor() { close(); }

    [[nodiscard]] int get() const { return fd_; }
    explicit          operator bool() const { return fd_ >= 0; }

    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }
    // Gives the descriptor a number from 64 on. The numbers 0 to 9 of a child can then be assigned without closing a
    // descriptor that is still needed.
    void raise() {
        if (fd_ < 0) return;
        int const high = ::fcntl(fd_, F_DUPFD_CLOEXEC, 64);
        close();
        fd_ = high;
        if (high < 0 && errno == EINVAL) errno = EMFILE; // 64 is more than the limit of open files
    }

private:
    int fd_ = -1;
};

struct pipe_ends {
    descriptor read, write;
};
// Both ends are invalid where there can be no pipe; errno says why.
[[nodiscard]] inline pipe_ends make_pipe() {
    int fds[2] = {-1, -1};
    if (::pipe2(fds, O_CLOEXEC) != 0) return {};
    pipe_ends p{descriptor(fds[0]), descriptor(fds[1])};
    p.read.raise();
    if (p.read) p.write.raise();
    if (!p.read || !p.write) return {};
    return p;
}
inline void set_nonblocking(descriptor const& d) { ::fcntl(d.get(), F_SETFL, ::fcntl(d.get(), F_GETFL) | O_NONBLOCK); }

} // namespace qeval
