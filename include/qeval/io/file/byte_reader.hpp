// Little-endian numbers and strings from a file, front to back, through one buffer: no seek per element, and never
// past an end that is known before anything is allocated.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/file/mapped_file.hpp>

namespace qeval {

static_assert(std::endian::native == std::endian::little, "qeval: the file readers assume a little-endian machine");

class byte_reader {
public:
    // Reads [0, min(size, limit)); `truncated` is the error id for running out of bytes.
    byte_reader(mapped_file const& file, std::uint64_t limit, std::string truncated)
        : file_(file), end_(std::min(file.size(), limit)), truncated_(std::move(truncated)) {}

    [[nodiscard]] mapped_file const& file() const { return file_; }
    [[nodiscard]] std::uint64_t      position() const { return position_; }
    [[nodiscard]] std::uint64_t      remaining() const { return end_ - position_; }
    // Where the field that was read last begins.
    [[nodiscard]] std::string place() const { return file_.name() + " @ byte " + std::to_string(field_); }

    // `what` names the field for the message.
    template <class T>
    [[nodiscard]] T number(std::string_view what) {
        field_ = position_;
        require(sizeof(T), what);
        T value;
        copy(std::as_writable_bytes(std::span<T, 1>(&value, 1)));
        return value;
    }
    void require(std::uint64_t bytes, std::string_view what) const {
        if (bytes > remaining()) {
            fail(truncated_, what, std::to_string(remaining()) + " bytes left", std::to_string(bytes) + " bytes",
                 "an incomplete download");
        }
    }
    void copy(std::span<std::byte> out) { // the caller has checked remaining(), or gets the error of require()
        require(out.size(), "bytes");
        while (!out.empty()) {
            if (at_ == buffer_.size()) fill();
            std::size_t const n = std::min(out.size(), buffer_.size() - at_);
            std::memcpy(out.data(), buffer_.data() + at_, n);
            at_ += n;
            position_ += n;
            out = out.subspan(n);
        }
    }
    [[noreturn]] void fail(std::string_view id, std::string_view what, std::string found, std::string expected,
                           std::string likely = {}) const {
        throw file_error{{std::string(id), place() + ", " + std::string(what), std::move(found), std::move(expected),
                          std::move(likely)}};
    }

private:
    void fill() {
        buffer_.resize(std::size_t(std::min<std::uint64_t>(remaining(), 1u << 16)));
        file_.read(position_, buffer_);
        at_ = 0;
    }

    mapped_file const&     file_;
    std::uint64_t          end_;
    std::string            truncated_;
    std::uint64_t          position_ = 0;
    std::uint64_t          field_    = 0;
    std::vector<std::byte> buffer_;
    std::size_t            at_ = 0;
};

} // namespace qeval
