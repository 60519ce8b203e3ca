// Bytes as a file with a path, without a disk: the readers under test take paths, so that what is fuzzed is what runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

namespace qeval_fuzz {

class memory_file {
public:
    memory_file(std::uint8_t const* data, std::size_t size) : fd_(::memfd_create("input", MFD_CLOEXEC)) {
        if (fd_ < 0) std::abort();
        while (size > 0) {
            ssize_t const done = ::write(fd_, data, size);
            if (done <= 0) std::abort();
            data += done;
            size -= std::size_t(done);
        }
    }
    memory_file(memory_file const&)            = delete;
    memory_file& operator=(memory_file const&) = delete;
    ~memory_file() { ::close(fd_); }

    [[nodiscard]] std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_); }

private:
    int fd_;
};

// What an accepted input promises; std::abort makes libFuzzer keep the input.
inline void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace qeval_fuzz
