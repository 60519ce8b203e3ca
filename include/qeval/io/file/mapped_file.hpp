// A regular file, opened once and read in two ways: headers by pread (a short read is an error), tensors through a
// read-only mapping or, with file_access::read, a private copy.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <qeval/core/checked.hpp>
#include <qeval/core/decode_utf8.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/printable_text.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/io/file/sigbus.hpp>

namespace qeval {

// A file cut while it is mapped kills the process by SIGBUS at the next touch. Copying avoids that, at the price of
// the memory; sigbus.hpp at least names the file.
enum class file_access { map, read };

// A path as messages print it: one with characters that show nothing, or could move the cursor, is escaped.
[[nodiscard]] inline std::string display_name(std::filesystem::path const& path) {
    std::string const text = path.string();
    for (std::size_t i = 0; i < text.size();) {
        code_point const c = decode_utf8(text, i);
        if (!c.valid || !is_printable(c.value)) return qeval::quoted(text, 4096);
        i += c.length;
    }
    return text;
}

// Bytes of a file in memory, unmapped with the last of those who keep them.
class mapped_region {
public:
    mapped_region(void* memory, std::size_t size) : memory_(memory), size_(size) {}
    mapped_region(mapped_region const&)            = delete;
    mapped_region& operator=(mapped_region const&) = delete;
    ~mapped_region() {
        forget_mapping(memory_);
        ::munmap(memory_, size_);
    }

private:
    void*       memory_;
    std::size_t size_;
};

class mapped_file {
public:
    explicit mapped_file(std::filesystem::path const& path, file_access access = file_access::map)
        : name_(display_name(path)), access_(access) {
        fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO must not block before it is refused
        if (fd_ < 0) {
            throw file_error{{"IO01", name_, std::strerror(errno), "a readable file",
                              errno == ENOENT ? "a misspelt path or an incomplete download" : ""}};
        }
        try {
            auto const s = status();
            if (!S_ISREG(s.st_mode)) throw file_error{{"IX06", name_, kind_of(s.st_mode), "a regular file", ""}};
            input_guard::remember(s);
            size_     = std::uint64_t(s.st_size);
            modified_ = s.st_mtim;
        } catch (...) {
            ::close(fd_);
            throw;
        }
    }
    mapped_file(mapped_file&& other) noexcept
        : name_(std::move(other.name_)),
          access_(other.access_),
          fd_(std::exchange(other.fd_, -1)),
          size_(other.size_),
          modified_(other.modified_),
          memory_(std::move(other.memory_)) {}
    mapped_file& operator=(mapped_file&& other) noexcept {
        mapped_file taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~mapped_file() {
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] std::string const& name() const { return name_; }
    [[nodiscard]] std::uint64_t      size() const { return size_; }

    // Fills `out` from byte `offset` on.
    void read(std::uint64_t offset, std::span<std::byte> out) const {
        if (!fits(offset, out.size(), size_)) short_read(offset, out.size());
        while (!out.empty()) {
            ssize_t const got = ::pread(fd_, out.data(), out.size(), off_t(offset));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) {
                throw file_error{{"IO02", name_ + " @ byte " + std::to_string(offset), std::strerror(errno),
                                  std::to_string(out.size()) + " bytes", "a failing disk or network file system"}};
            }
            if (got == 0) short_read(offset, out.size());
            out = out.subspan(std::size_t(got));
            offset += std::uint64_t(got);
        }
    }
    [[nodiscard]] std::string read_text(std::uint64_t offset, std::uint64_t length) const {
        if (!fits(offset, length, size_)) short_read(offset, length);
        std::string text(length, '\0');
        read(offset, std::as_writable_bytes(std::span(text)));
        return text;
    }

    // The whole file; mapped or copied at the first call. Not before the header has been checked against size(). Valid
    // as long as this file or somebody who has memory().
    [[nodiscard]] std::span<std::byte const> bytes() {
        if (memory_ == nullptr && size_ != 0) {
            check_unchanged();
            int const   flags  = access_ == file_access::map ? MAP_PRIVATE : MAP_PRIVATE | MAP_ANONYMOUS;
            int const   rights = access_ == file_access::map ? PROT_READ : PROT_READ | PROT_WRITE;
            void* const memory = ::mmap(nullptr, size_, rights, flags, access_ == file_access::map ? fd_ : -1, 0);
            if (memory == MAP_FAILED) {
                throw environment_error{{"IO04", name_, std::strerror(errno),
                                         std::to_string(size_) + " bytes of address space", "too little memory"}};
            }
            auto region = std::make_shared<mapped_region>(memory, size_);
            if (access_ == file_access::map) {
                remember_mapping(memory, size_, name_);
            } else {
                read(0, {static_cast<std::byte*>(memory), size_});
                ::mprotect(memory, size_, PROT_READ);
            }
            memory_ = std::shared_ptr<void const>(std::move(region), memory);
        }
        return {static_cast<std::byte const*>(memory_.get()), std::size_t(size_)};
    }
    // What keeps bytes() valid.
    [[nodiscard]] std::shared_ptr<void const> const& memory() const { return memory_; }

    // Refuses a file that was written to since it was opened.
    void check_unchanged() const {
        auto const s = status();
        if (std::uint64_t(s.st_size) != size_) {
            throw file_error{{"IO03", name_, std::to_string(s.st_size) + " bytes now",
                              std::to_string(size_) + " bytes, as when it was opened", "a download still running"}};
        }
        if (s.st_mtim.tv_sec != modified_.tv_sec || s.st_mtim.tv_nsec != modified_.tv_nsec) {
            throw file_error{
                {"IO03", name_, "a newer modification time", "the file as it was opened", "a download still running"}};
        }
    }

private:
    struct stat status() const {
        struct stat s {};
        if (::fstat(fd_, &s) != 0) throw file_error{{"IO01", name_, std::strerror(errno), "a readable file", ""}};
        return s;
    }
    static char const* kind_of(mode_t mode) {
        if (S_ISDIR(mode)) return "a directory";
        if (S_ISFIFO(mode)) return "a FIFO";
        if (S_ISSOCK(mode)) return "a socket";
        return "a device";
    }
    [[noreturn]] void short_read(std::uint64_t offset, std::uint64_t wanted) const {
        throw file_error{{"IO02", name_ + " @ byte " + std::to_string(offset),
                          "the end of the file (" + std::to_string(size_) + " bytes)",
                          std::to_string(wanted) + " more bytes", "an incomplete download"}};
    }
    void swap(mapped_file& other) noexcept {
        std::swap(name_, other.name_);
        std::swap(access_, other.access_);
        std::swap(fd_, other.fd_);
        std::swap(size_, other.size_);
        std::swap(modified_, other.modified_);
        std::swap(memory_, other.memory_);
    }

    std::string                 name_;
    file_access                 access_;
    int                         fd_       = -1;
    std::uint64_t               size_     = 0;
    timespec                    modified_ = {};
    std::shared_ptr<void const> memory_;
};

// Weights replaced by the text that Git LFS leaves when the real file was not fetched.
[[nodiscard]] inline bool is_lfs_pointer(mapped_file const& file) {
    constexpr std::string_view mark = "version https://git-lfs.github.com/spec/";
    return file.size() < 1024 && file.size() >= mark.size() && file.read_text(0, mark.size()) == mark;
}
inline void refuse_lfs_pointer(mapped_file const& file) {
    if (!is_lfs_pointer(file)) return;
    throw file_error{{"IX07", file.name(), "a Git LFS pointer of " + std::to_string(file.size()) + " bytes",
                      "the file it points to", "cloned without Git LFS; run `git lfs pull`"}};
}

} // namespace qeval
