// A file that appears complete or not at all: written beside its place, synced, renamed, and the directory synced.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <qeval/core/error.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/io/file/mapped_file.hpp>

namespace qeval {

// Takes the bytes of something in pieces, in order.
using byte_sink = std::function<void(std::span<std::byte const>)>;

class atomic_file {
public:
    // A target that this process has read under an input_guard is refused (CL06).
    explicit atomic_file(std::filesystem::path target) : target_(std::move(target)) {
        input_guard::refuse_output(target_);
        static std::atomic<unsigned> counter{0};
        temporary_ = target_;
        temporary_ += ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
        fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd_ < 0) fail("open", errno);
        buffer_.reserve(buffer_size);
    }
    atomic_file(atomic_file const&)            = delete;
    atomic_file& operator=(atomic_file const&) = delete;
    ~atomic_file() {
        if (fd_ >= 0) ::close(fd_);
        if (!committed_) ::unlink(temporary_.c_str());
    }

    void write(std::span<std::byte const> bytes) {
        if (bytes.size() > buffer_size - buffer_.size()) flush();
        if (bytes.size() >= buffer_size) return put(bytes);
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    }
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
    // The next bytes go there, counted from the start of the file; what is left out becomes zero.
    void seek(std::uint64_t offset) {
        flush();
        if (::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) < 0) fail("seek", errno);
    }

    // From here on the target is the new file, also after a power cut. Without it the destructor removes the draft.
    void commit() {
        flush();
        if (::fsync(fd_) != 0) fail("fsync", errno);
        int const fd = std::exchange(fd_, -1);
        if (::close(fd) != 0) fail("close", errno);
        if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("rename", errno);
        committed_           = true;
        auto const directory = target_.has_parent_path() ? target_.parent_path() : std::filesystem::path(".");
        int const  dir       = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir < 0) fail("open its directory", errno);
        int const synced = ::fsync(dir) != 0 && errno != EINVAL ? errno : 0; // EINVAL: a file system without it
        ::close(dir);
        if (synced != 0) fail("fsync its directory", synced);
    }

private:
    static constexpr std::size_t buffer_size = std::size_t{1} << 20;

    void flush() {
        put(buffer_);
        buffer_.clear();
    }
    void put(std::span<std::byte const> bytes) {
        while (!bytes.empty()) {
            ssize_t const done = ::write(fd_, bytes.data(), bytes.size());
            if (done < 0 && errno == EINTR) continue;
            if (done < 0) fail("write", errno);
            bytes = bytes.subspan(std::size_t(done));
        }
    }
    [[noreturn]] void fail(char const* step, int code) const {
        throw environment_error{{"IO05", display_name(target_) + ", " + step, std::strerror(code),
                                 "a file written completely",
                                 code == ENOSPC ? "the disk is full; nothing was left behind" : ""}};
    }

    std::filesystem::path  target_, temporary_;
    int                    fd_ = -1;
    std::vector<std::byte> buffer_;
    bool                   committed_ = false;
};

// A folder for results, with those above it.
inline void make_folder(std::filesystem::path const& folder) {
    std::error_code why;
    std::filesystem::create_directories(folder, why);
    if (why) throw environment_error{{"IO05", display_name(folder), why.message(), "a folder that can be made", ""}};
    if (::access(folder.c_str(), W_OK) != 0)
        throw environment_error{
            {"IO05", display_name(folder), std::strerror(errno), "a folder that can be written to", ""}};
}

// What a process that was killed left of files like these: NAME.tmp-PID-N. Not while another process writes to the
// folder.
inline void remove_unfinished_files(std::filesystem::path const& folder) {
    std::error_code ignored;
    for (auto const& entry : std::filesystem::directory_iterator(folder, ignored)) {
        std::string const name = entry.path().filename().string();
        auto const        at   = name.rfind(".tmp-");
        if (at != name.npos && name.find_first_not_of("0123456789-", at + 5) == name.npos &&
            !input_guard::is_input(entry.path()))
            std::filesystem::remove(entry.path(), ignored);
    }
}

inline void remove_file(std::filesystem::path const& target) {
    input_guard::refuse_output(target);
    std::error_code why;
    std::filesystem::remove(target, why);
    if (why) throw environment_error{{"IO05", display_name(target), why.message(), "a file that can be removed", ""}};
}

inline void write_file(std::filesystem::path const& target, std::string_view text) {
    atomic_file file(target);
    file.write(text);
    file.commit();
}

} // namespace qeval
