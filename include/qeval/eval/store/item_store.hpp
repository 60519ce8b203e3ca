// The answers of a run on disk, so that a run that was killed goes on where it stopped, with the same results. Each
// run, and each shard, has one SQLite file (in WAL mode: a row that was acknowledged survives kill -9).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/store/outcome_memory.hpp>
#include <qeval/eval/store/outcome_text.hpp>
#include <qeval/eval/store/scheme_facts_text.hpp>
#include <qeval/eval/store/sqlite.hpp>
#include <qeval/eval/store/window_bytes.hpp>
#include <qeval/eval/task/outcome.hpp>

namespace qeval {

class item_store final : public outcome_memory {
public:
    static constexpr int version = 1; // of the tables

    // `fingerprint` has everything that can change an answer, by name ("weights sha256", "task mmlu"). A store that has
    // another value under one of the names is refused; the error lists the names that differ (usage_error EV12). Other
    // errors: DB01 (cannot be written), DB02 (no store), DB04 (tables of another version).
    item_store(std::filesystem::path const& path, provenance const& fingerprint) : db_(path) {
        db_.run("PRAGMA journal_mode = WAL");
        db_.run("PRAGMA synchronous = NORMAL");
        db_.run("BEGIN IMMEDIATE");
        refuse_other_versions();
        db_.run("CREATE TABLE IF NOT EXISTS fingerprint (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
        db_.run("CREATE TABLE IF NOT EXISTS outcome (scheme TEXT, task TEXT, item INTEGER, request TEXT, body TEXT NOT "
                "NULL, "
                "PRIMARY KEY (scheme, task, item, request)) WITHOUT ROWID");
        db_.run("CREATE TABLE IF NOT EXISTS reading (scheme TEXT, task TEXT, window INTEGER, request TEXT, body BLOB "
                "NOT NULL, "
                "PRIMARY KEY (scheme, task, window, request)) WITHOUT ROWID");
        db_.run("CREATE TABLE IF NOT EXISTS scheme (name TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID");
        db_.run("CREATE TABLE IF NOT EXISTS command (place INTEGER PRIMARY KEY, word TEXT NOT NULL)");
        compare(fingerprint);
        db_.run("COMMIT");
        find_.emplace(db_, "SELECT body FROM outcome WHERE scheme = ?1 AND task = ?2 AND item = ?3 AND request = ?4");
        put_.emplace(db_, "INSERT OR REPLACE INTO outcome VALUES (?1, ?2, ?3, ?4, ?5)");
        find_window_.emplace(
            db_, "SELECT body FROM reading WHERE scheme = ?1 AND task = ?2 AND window = ?3 AND request = ?4");
        put_window_.emplace(db_, "INSERT OR REPLACE INTO reading VALUES (?1, ?2, ?3, ?4, ?5)");
    }

    // Removes a store, together with the files that SQLite keeps beside it.
    static void forget(std::filesystem::path const& path) {
        for (char const* end : {"", "-wal", "-shm", "-journal"}) {
            std::error_code ignored; // a file that cannot be removed causes an error when it is opened
            std::filesystem::remove(path.string().append(end), ignored);
        }
    }

    [[nodiscard]] std::optional<item_outcome> find(std::string_view scheme, std::string_view task, index item,
                                                   std::string_view request) override {
        at(*find_, scheme, task, item, request);
        std::optional<item_outcome> found;
        while (find_->next()) found = outcome_from_text(find_->text(0), db_.name());
        return found;
    }
    void put(std::string_view scheme, std::string_view task, std::span<entry const> entries) override {
        together([&] {
            for (auto const& e : entries)
                at(*put_, scheme, task, e.item, e.request).bind(5, outcome_text(*e.outcome)).run();
        });
    }
    [[nodiscard]] std::optional<window_reading> find_window(std::string_view scheme, std::string_view task,
                                                            index window, std::string_view request,
                                                            index positions) override {
        at(*find_window_, scheme, task, window, request);
        std::optional<window_reading> found;
        while (find_window_->next())
            found = window_from_bytes(find_window_->text(0), static_cast<std::size_t>(positions), db_.name());
        return found;
    }
    void put_windows(std::string_view scheme, std::string_view task, std::span<window_entry const> entries) override {
        together([&] {
            for (auto const& e : entries)
                at(*put_window_, scheme, task, e.window, e.request).bind_bytes(5, window_bytes(e.reading)).run();
        });
    }
    [[nodiscard]] std::optional<scheme_facts> find_scheme(std::string_view scheme) override {
        sqlite_statement            find(db_, "SELECT facts FROM scheme WHERE name = ?1");
        std::optional<scheme_facts> found;
        for (find.bind(1, scheme); find.next();) found = scheme_facts_from_text(find.text(0), db_.name());
        return found;
    }
    void put_scheme(std::string_view scheme, scheme_facts const& facts) override {
        sqlite_statement(db_, "INSERT OR REPLACE INTO scheme VALUES (?1, ?2)")
            .bind(1, scheme)
            .bind(2, scheme_facts_text(facts))
            .run();
    }

    // Keeps the command line that fills this store: merging shards repeats it.
    void keep_command(std::vector<std::string> const& words) {
        together([&] {
            db_.run("DELETE FROM command");
            sqlite_statement add(db_, "INSERT INTO command VALUES (?1, ?2)");
            for (std::size_t i = 0; i < words.size(); ++i)
                add.bind(1, static_cast<std::int64_t>(i)).bind(2, words[i]).run();
        });
    }
    // Copies everything that another store has. Where both fingerprints have a name, the values must be equal (EV12).
    void take_over(std::filesystem::path const& other) {
        compare(fingerprint_of(other));
        sqlite_statement(db_, "ATTACH ?1 AS other").bind(1, other.string()).run();
        together([&] {
            for (char const* table : {"outcome", "reading", "scheme"})
                db_.run(("INSERT OR IGNORE INTO " + std::string(table) + " SELECT * FROM other." + table).c_str());
        });
        db_.run("DETACH other");
    }
    [[nodiscard]] static provenance fingerprint_of(std::filesystem::path const& path) {
        sqlite_database db(path);
        return fingerprint_of(db);
    }
    // Those of which a store has every answer of its run.
    [[nodiscard]] static std::vector<std::string> schemes_of(std::filesystem::path const& path) {
        sqlite_database          db(path);
        sqlite_statement         names(db, "SELECT name FROM scheme ORDER BY name");
        std::vector<std::string> all;
        while (names.next()) all.push_back(names.text(0));
        return all;
    }
    [[nodiscard]] static std::vector<std::string> command_of(std::filesystem::path const& path) {
        sqlite_database          db(path);
        sqlite_statement         words(db, "SELECT word FROM command ORDER BY place");
        std::vector<std::string> all;
        while (words.next()) all.push_back(words.text(0));
        return all;
    }

private:
    // The statement for one answer: its first four parameters are the same in all.
    static sqlite_statement& at(sqlite_statement& statement, std::string_view scheme, std::string_view task, index item,
                                std::string_view request) {
        return statement.bind(1, scheme).bind(2, task).bind(3, item).bind(4, request);
    }
    [[nodiscard]] static provenance fingerprint_of(sqlite_database& db) {
        sqlite_statement rows(db, "SELECT name, value FROM fingerprint ORDER BY name");
        provenance       all;
        while (rows.next()) all.emplace_back(rows.text(0), rows.text(1));
        return all;
    }
    void refuse_other_versions() {
        sqlite_statement tables(db_, "SELECT count(*) FROM sqlite_master"), mark(db_, "PRAGMA user_version");
        std::int64_t     count = 0, found = 0;
        while (tables.next()) count = tables.number(0);
        while (mark.next()) found = mark.number(0);
        if (count == 0) return db_.run(("PRAGMA user_version = " + std::to_string(version)).c_str());
        if (found == version) return;
        throw usage_error{{"DB04", db_.name(), "tables of version " + std::to_string(found),
                           "version " + std::to_string(version),
                           "a store of another qeval; choose another --output-path"}};
    }
    // Runs f() in one transaction: all its statements take effect, or none.
    template <class F>
    void together(F const& f) {
        db_.run("BEGIN IMMEDIATE");
        try {
            f();
            db_.run("COMMIT");
        } catch (...) {
            try {
                db_.run("ROLLBACK");
            } catch (error const&) {} // the first error says what happened
            throw;
        }
    }
    // Adds the names that the store does not know yet (those of a further task). The values of all others must be
    // equal.
    void compare(provenance const& fingerprint) {
        sqlite_statement find(db_, "SELECT value FROM fingerprint WHERE name = ?1"),
            add(db_, "INSERT INTO fingerprint VALUES (?1, ?2)");
        std::string found, expected;
        for (auto const& [name, value] : fingerprint) {
            std::optional<std::string> old;
            for (find.bind(1, name); find.next();) old = find.text(0);
            if (!old) {
                add.bind(1, name).bind(2, value).run();
            } else if (*old != value) {
                found += (found.empty() ? "" : "; ") + name + " " + *old;
                expected += (expected.empty() ? "" : "; ") + name + " " + value;
            }
        }
        if (!found.empty()) {
            throw usage_error{{"EV12", db_.name(), found, expected,
                               "another run's results, or a program that was built anew; --restart forgets them, "
                               "another --output-path keeps them"}};
        }
    }

    sqlite_database                 db_;
    std::optional<sqlite_statement> find_, put_, find_window_, put_window_;
};

} // namespace qeval
