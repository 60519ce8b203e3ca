// A file descriptor that is closed when its owner is destroyed. Those made here have close-on-exec, so that no child
// inherits them by accident.
#pragma once

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
        int const high = ::fcntl(fd_, F_DUPFD_CLOEXEC, 64);
        if (high < 0) return;
        close();
        fd_ = high;
    }

private:
    int fd_ = -1;
};

struct pipe_ends {
    descriptor read, write;
};
[[nodiscard]] inline pipe_ends make_pipe() {
    int fds[2] = {-1, -1};
    if (::pipe2(fds, O_CLOEXEC) != 0) return {};
    pipe_ends p{descriptor(fds[0]), descriptor(fds[1])};
    p.read.raise();
    p.write.raise();
    return p;
}
inline void set_nonblocking(descriptor const& d) { ::fcntl(d.get(), F_SETFL, ::fcntl(d.get(), F_GETFL) | O_NONBLOCK); }

} // namespace qeval
