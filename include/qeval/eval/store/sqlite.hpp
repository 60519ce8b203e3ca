// Wraps SQLite: a connection, prepared statements with typed parameters, errors as exceptions. The only header that
// includes it.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <sqlite3.h>

#include <qeval/core/error.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/io/file/mapped_file.hpp>

namespace qeval {

class sqlite_database {
public:
    // Removes a database that nobody has open, together with the files that SQLite keeps beside it.
    static void remove(std::filesystem::path const& path) {
        input_guard::refuse_output(path);
        for (char const* end : {"", "-wal", "-shm", "-journal"}) {
            std::error_code ignored; // a file that cannot be removed causes an error when it is opened
            std::filesystem::remove(path.string().append(end), ignored);
        }
    }

    explicit sqlite_database(std::filesystem::path const& path) : name_(display_name(path)) {
        input_guard::refuse_output(path);
        int const status = ::sqlite3_open_v2(path.c_str(), &db_,
                                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
        if (status != SQLITE_OK) {
            std::string const why = db_ != nullptr ? ::sqlite3_errmsg(db_) : "out of memory";
            ::sqlite3_close(db_);
            db_ = nullptr;
            throw environment_error{
                {"DB01", name_, why, "a store that can be written", "no permission, or a full disk"}};
        }
        ::sqlite3_busy_timeout(db_, 10'000);
    }
    sqlite_database(sqlite_database const&)            = delete;
    sqlite_database& operator=(sqlite_database const&) = delete;
    ~sqlite_database() { ::sqlite3_close_v2(db_); }

    void run(char const* sql) {
        if (::sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
    }
    [[nodiscard]] std::string const& name() const { return name_; }
    [[nodiscard]] sqlite3*           handle() const { return db_; }

    [[noreturn]] void fail() const {
        int const         code = ::sqlite3_errcode(db_);
        std::string const why  = ::sqlite3_errmsg(db_);
        if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) {
            throw file_error{
                {"DB02", name_, why, "a store that qeval wrote", "a damaged file, or one of another program"}};
        }
        throw environment_error{{"DB01", name_, why, "a store that can be written",
                                 code == SQLITE_FULL
                                     ? "the disk is full; what is stored stays, the same command resumes"
                                 : code == SQLITE_BUSY ? "another qeval writes to it"
                                                       : "no permission, or a full disk; what is stored stays"}};
    }

private:
    std::string name_;
    sqlite3*    db_ = nullptr;
};

// A statement that is prepared once. Parameters are numbered from 1, columns from 0.
class sqlite_statement {
public:
    sqlite_statement(sqlite_database& db, std::string_view sql) : db_(&db) {
        if (::sqlite3_prepare_v3(db.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                 &statement_, nullptr) != SQLITE_OK)
            db.fail();
    }
    sqlite_statement(sqlite_statement const&)            = delete;
    sqlite_statement& operator=(sqlite_statement const&) = delete;
    ~sqlite_statement() { ::sqlite3_finalize(statement_); }

    sqlite_statement& bind(int at, std::string_view text) {
        if (::sqlite3_bind_text(statement_, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT) !=
            SQLITE_OK)
            db_->fail();
        return *this;
    }
    sqlite_statement& bind_bytes(int at, std::string_view bytes) {
        if (::sqlite3_bind_blob(statement_, at, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT) !=
            SQLITE_OK)
            db_->fail();
        return *this;
    }
    sqlite_statement& bind(int at, std::int64_t number) {
        if (::sqlite3_bind_int64(statement_, at, number) != SQLITE_OK) db_->fail();
        return *this;
    }
    sqlite_statement& bind(int at, double number) {
        if (::sqlite3_bind_double(statement_, at, number) != SQLITE_OK) db_->fail();
        return *this;
    }
    // Goes to the next row; returns false behind the last one. The statement may then be bound and run again.
    bool next() {
        int const status = ::sqlite3_step(statement_);
        if (status == SQLITE_ROW) return true;
        ::sqlite3_reset(statement_);
        if (status != SQLITE_DONE) db_->fail();
        return false;
    }
    void run() {
        while (next()) {}
    }
    [[nodiscard]] std::string text(int column) const {
        auto const* bytes = static_cast<char const*>(::sqlite3_column_blob(statement_, column));
        return bytes == nullptr
                   ? std::string()
                   : std::string(bytes, static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column)));
    }
    [[nodiscard]] std::int64_t number(int column) const { return ::sqlite3_column_int64(statement_, column); }
    // SQLite keeps a NaN as NULL.
    [[nodiscard]] double real(int column) const {
        return ::sqlite3_column_type(statement_, column) == SQLITE_NULL ? std::nan("")
                                                                        : ::sqlite3_column_double(statement_, column);
    }

private:
    sqlite_database* db_;
    sqlite3_stmt*    statement_ = nullptr;
};

} // namespace qeval
