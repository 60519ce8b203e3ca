// The verdicts of programs that were judged so far, so that a judgement that was stopped or killed goes on. (SQLite in
// WAL mode: a row that was acknowledged survives kill -9.)
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <qeval/core/view.hpp>
#include <qeval/eval/store/sqlite.hpp>

namespace qeval {

class verdict_store {
public:
    // `conditions`: what can change a verdict beside problem and program. Verdicts under others are forgotten. Errors:
    // DB01 (cannot be written), DB02 (another program's file).
    verdict_store(std::filesystem::path const& path, std::string_view conditions) : path_(path), db_(path) {
        db_.run("PRAGMA journal_mode = WAL");
        db_.run("PRAGMA synchronous = NORMAL");
        db_.run("CREATE TABLE IF NOT EXISTS verdict (conditions TEXT, sample INTEGER, request TEXT, verdict TEXT NOT "
                "NULL, PRIMARY KEY (sample, request)) WITHOUT ROWID");
        sqlite_statement(db_, "DELETE FROM verdict WHERE conditions <> ?1").bind(1, conditions).run();
        find_.emplace(db_, "SELECT verdict FROM verdict WHERE sample = ?1 AND request = ?2");
        put_.emplace(db_, "INSERT OR REPLACE INTO verdict VALUES (?1, ?2, ?3, ?4)");
        put_->bind(1, conditions);
    }

    [[nodiscard]] std::optional<std::string> find(index sample, std::string_view request) {
        std::optional<std::string> found;
        for (find_->bind(1, sample).bind(2, request); find_->next();) found = find_->text(0);
        return found;
    }
    void keep(index sample, std::string_view request, std::string_view verdict) {
        put_->bind(2, sample).bind(3, request).bind(4, verdict).run();
    }
    // Everything has been written elsewhere.
    void remove() { sqlite_database::remove(path_); }

private:
    std::filesystem::path           path_;
    sqlite_database                 db_;
    std::optional<sqlite_statement> find_, put_;
};

} // namespace qeval
