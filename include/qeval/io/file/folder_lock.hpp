// One writer per folder. Who writes results into a folder holds its lock, a file with the writer's name; the kernel
// frees it when the process ends, however it ends.
#pragma once

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <qeval/core/error.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/file/this_process.hpp>

namespace qeval {

// Several processes may each write one part of the results ("1-of-3") at a time; the whole ("") is written by one
// alone.
class folder_lock {
public:
    // Throws environment_error IO07, at once, where another process writes to the folder; the error says which. The
    // folder must exist.
    explicit folder_lock(std::filesystem::path const& folder, std::string_view part = {})
        : path_(folder / file_name(part)) {
        while (!lock(folder)) {}
        try {
            if (part.empty()) {
                for (auto const& entry : std::filesystem::directory_iterator(folder)) {
                    bool const is_lock = entry.path().filename().string().starts_with(stem) &&
                                         entry.path().extension() == ending && entry.path() != path_;
                    if (is_lock && is_held(entry.path())) refuse(folder, entry.path());
                }
            } else if (is_held(folder / file_name({}))) {
                refuse(folder, folder / file_name({}));
            }
        } catch (...) {
            free();
            throw;
        }
    }
    folder_lock(folder_lock const&)            = delete;
    folder_lock& operator=(folder_lock const&) = delete;
    ~folder_lock() { free(); }

private:
    static constexpr std::string_view stem = "writer", ending = ".lock";

    [[nodiscard]] static std::string file_name(std::string_view part) {
        return std::string(stem).append(part.empty() ? "" : "-").append(part).append(ending);
    }
    // Locks belong to the opened file, so that two writers of one process exclude each other, too.
    [[nodiscard]] static struct flock whole_file() {
        struct flock all {};
        all.l_type   = F_WRLCK;
        all.l_whence = SEEK_SET;
        return all;
    }
    [[nodiscard]] static bool is_held(std::filesystem::path const& path) {
        int const fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        if (fd < 0) return false; // it ended between two looks
        struct flock asked = whole_file();
        bool const   held  = ::fcntl(fd, F_OFD_GETLK, &asked) == 0 && asked.l_type != F_UNLCK;
        ::close(fd);
        return held;
    }
    // Takes the lock; false: its file was removed meanwhile by the process that had it.
    [[nodiscard]] bool lock(std::filesystem::path const& folder) {
        fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd_ < 0) fail("open");
        struct flock asked = whole_file();
        if (::fcntl(fd_, F_OFD_SETLK, &asked) != 0) {
            int const why = errno;
            ::close(std::exchange(fd_, -1));
            if (why == EAGAIN || why == EACCES) refuse(folder, path_);
            errno = why;
            fail("lock");
        }
        struct stat opened {
        }, named{};
        if (::fstat(fd_, &opened) != 0 || ::stat(path_.c_str(), &named) != 0 || opened.st_ino != named.st_ino) {
            ::close(std::exchange(fd_, -1));
            return false;
        }
        std::string const owner = this_process() + "\n";
        if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, owner.data(), owner.size(), 0) != ssize_t(owner.size()))
            fail("write");
        return true;
    }
    void free() {
        if (fd_ < 0) return;
        std::error_code ignored;
        std::filesystem::remove(path_, ignored); // before the lock is free: nobody else's file can be there
        ::close(std::exchange(fd_, -1));
    }
    [[noreturn]] static void refuse(std::filesystem::path const& folder, std::filesystem::path const& path) {
        char        owner[512];
        int const   fd   = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        auto const  size = fd < 0 ? 0 : ::pread(fd, owner, sizeof owner, 0);
        std::string text(owner, size > 0 ? static_cast<std::size_t>(size) : 0);
        if (fd >= 0) ::close(fd);
        if (text.ends_with('\n')) text.pop_back();
        throw environment_error{{"IO07", display_name(folder),
                                 "another process that writes to it: " +
                                     (text.empty() ? std::string("it has just begun") : qeval::quoted(text, 200)),
                                 "one writer", "wait for it or stop it, or choose another --output-path"}};
    }
    [[noreturn]] void fail(char const* step) {
        int const why = errno;
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
        throw environment_error{{"IO07", display_name(path_) + ", " + step, std::strerror(why), "a lock for the folder",
                                 "a full disk, no permission, or a file system without locks"}};
    }

    std::filesystem::path path_;
    int                   fd_ = -1;
};

} // namespace qeval
