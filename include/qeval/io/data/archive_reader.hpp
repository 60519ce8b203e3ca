// An archive or a compressed text in memory, read by libarchive: entry by entry. The only header that includes it.
#pragma once

#include <algorithm>
#include <clocale>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <archive.h>
#include <archive_entry.h>

#include <qeval/core/error.hpp>

namespace qeval {

class archive_reader {
public:
    static constexpr auto tar   = &archive_read_support_format_tar;
    static constexpr auto bzip2 = &archive_read_support_filter_bzip2;
    static constexpr auto text  = &archive_read_support_format_raw; // one entry: whatever was compressed, or was not
    static constexpr auto empty = &archive_read_support_format_empty;

    // `bytes` must outlive the reader; `what` of the above may be found in them.
    archive_reader(std::string_view bytes, std::initializer_list<int (*)(archive*)> what) {
        if (!archive_) throw std::bad_alloc();
        for (auto const support : what) support(archive_.get());
        status_ = archive_read_open_memory(archive_.get(), bytes.data(), bytes.size());
    }

    // Goes to the next entry; false at the end and after a failure.
    [[nodiscard]] bool next() {
        if (status_ != ARCHIVE_OK) return false;
        utf8_names const here;
        status_ = archive_read_next_header(archive_.get(), &entry_);
        return status_ == ARCHIVE_OK;
    }
    [[nodiscard]] bool is_bzip2() const { return archive_filter_code(archive_.get(), 0) == ARCHIVE_FILTER_BZIP2; }
    [[nodiscard]] bool at_end() const { return status_ == ARCHIVE_EOF; }
    [[nodiscard]] std::string failure() const {
        char const* const said = archive_error_string(archive_.get());
        return said == nullptr ? "nothing that can be read" : qeval::quoted(said);
    }

    // Whether the entry is a regular file; links are none.
    [[nodiscard]] bool is_file() const {
        return archive_entry_filetype(entry_) == AE_IFREG && archive_entry_hardlink(entry_) == nullptr;
    }
    [[nodiscard]] std::string name() const {
        utf8_names const  here;
        char const* const spelled = archive_entry_pathname(entry_);
        return spelled == nullptr ? "" : spelled;
    }
    [[nodiscard]] std::uint64_t size() const { return static_cast<std::uint64_t>(archive_entry_size(entry_)); }
    // All its bytes where they lie, or nothing where they are not there in one piece.
    [[nodiscard]] std::optional<std::string_view> bytes() const {
        void const* data = nullptr;
        std::size_t got  = 0;
        la_int64_t  at   = 0;
        if (size() > 0 && archive_read_data_block(archive_.get(), &data, &got, &at) != ARCHIVE_OK) return std::nullopt;
        if (got != size() || at != 0) return std::nullopt;
        return std::string_view(static_cast<char const*>(data), got);
    }
    // Its next bytes; how many, 0 at its end, nothing after a failure.
    [[nodiscard]] std::optional<std::size_t> read(std::span<char> into) {
        auto const got = archive_read_data(archive_.get(), into.data(), into.size());
        return got < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(got));
    }

    // Where the entry begins or, at the end, where the archive's end mark should; and how far it was read.
    [[nodiscard]] std::size_t place() const {
        return static_cast<std::size_t>(std::max<la_int64_t>(0, archive_read_header_position(archive_.get())));
    }
    [[nodiscard]] std::size_t consumed() const {
        return static_cast<std::size_t>(archive_filter_bytes(archive_.get(), -1));
    }

private:
    // libarchive spells names for the thread's locale; this makes them UTF-8 whatever the program's is.
    class utf8_names {
    public:
        utf8_names() : before_(uselocale(made_.get())) {}
        utf8_names(utf8_names const&)            = delete;
        utf8_names& operator=(utf8_names const&) = delete;
        ~utf8_names() { uselocale(before_); }

    private:
        std::unique_ptr<std::remove_pointer_t<locale_t>, decltype(&freelocale)> made_{
            newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{}), &freelocale};
        locale_t before_;
    };

    std::unique_ptr<archive, decltype(&archive_read_free)> archive_{archive_read_new(), &archive_read_free};
    archive_entry*                                         entry_  = nullptr;
    int                                                    status_ = ARCHIVE_FATAL;
};

} // namespace qeval
