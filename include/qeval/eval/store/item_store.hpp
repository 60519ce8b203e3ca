// The answers of a run on disk, each with what it took, so that a run that was killed goes on where it stopped, with
// the same results. Each run, and each shard, has one SQLite file (in WAL mode: a row that was acknowledged survives
// kill -9).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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
    static constexpr int version = 2; // of the tables

    // `fingerprint` has everything that can change an answer, by name ("weights sha256", "task mmlu"). A store that has
    // another value under one of the names is refused; the error lists the names that differ (usage_error EV12). Other
    // errors: DB01 (cannot be written), DB02 (no store), DB04 (tables of another version).
    item_store(std::filesystem::path const& path, provenance const& fingerprint) : db_(path) {
        db_.run("PRAGMA journal_mode = WAL");
        db_.run("PRAGMA synchronous = NORMAL");
        db_.run("BEGIN IMMEDIATE");
        if (is_new(db_)) db_.run(("PRAGMA user_version = " + std::to_string(version)).c_str());
        refuse_other_versions(db_);
        db_.run("CREATE TABLE IF NOT EXISTS fingerprint (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
        // Both kinds of answers have the same columns; eval/task/answer_work.hpp explains those behind the body.
        for (char const* table : {"outcome", "reading"})
            db_.run(("CREATE TABLE IF NOT EXISTS " + std::string(table) +
                     " (scheme TEXT, task TEXT, item INTEGER, request TEXT, body BLOB NOT NULL, read INTEGER NOT NULL, "
                     "written INTEGER NOT NULL, computed INTEGER NOT NULL, seconds REAL, process TEXT NOT "
                     "NULL, PRIMARY KEY (scheme, task, item, request)) WITHOUT ROWID")
                        .c_str());
        db_.run("CREATE TABLE IF NOT EXISTS process (scheme TEXT, process TEXT, load_seconds REAL NOT NULL, peak_bytes "
                "INTEGER "
                "NOT NULL, threads INTEGER NOT NULL, PRIMARY KEY (scheme, process)) WITHOUT ROWID");
        db_.run("CREATE TABLE IF NOT EXISTS scheme (name TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID");
        db_.run("CREATE TABLE IF NOT EXISTS command (place INTEGER PRIMARY KEY, word TEXT NOT NULL)");
        compare(fingerprint);
        db_.run("COMMIT");
        std::string const found  = "SELECT body, read, written, computed, seconds, process FROM ",
                          key    = " WHERE scheme = ?1 AND task = ?2 AND item = ?3 AND request = ?4",
                          insert = "INSERT OR REPLACE INTO ",
                          values = " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        find_.emplace(db_, found + "outcome" + key);
        put_.emplace(db_, insert + "outcome" + values);
        find_window_.emplace(db_, found + "reading" + key);
        put_window_.emplace(db_, insert + "reading" + values);
    }

    [[nodiscard]] std::optional<item_outcome> find(std::string_view scheme, std::string_view task, index item,
                                                   std::string_view request) override {
        at(*find_, scheme, task, item, request);
        std::optional<item_outcome> found;
        while (find_->next()) {
            found       = outcome_from_text(find_->text(0), db_.name());
            found->work = work_of_row(*find_);
        }
        return found;
    }
    void put(std::string_view scheme, std::string_view task, std::span<entry const> entries) override {
        together([&] {
            for (auto const& e : entries)
                run_with(at(*put_, scheme, task, e.item, e.request).bind(5, outcome_text(*e.outcome)), e.outcome->work);
        });
    }
    [[nodiscard]] std::optional<window_reading> find_window(std::string_view scheme, std::string_view task,
                                                            index window, std::string_view request,
                                                            index positions) override {
        at(*find_window_, scheme, task, window, request);
        std::optional<window_reading> found;
        while (find_window_->next()) {
            found       = window_from_bytes(find_window_->text(0), static_cast<std::size_t>(positions), db_.name());
            found->work = work_of_row(*find_window_);
        }
        return found;
    }
    void put_windows(std::string_view scheme, std::string_view task, std::span<window_entry const> entries) override {
        together([&] {
            for (auto const& e : entries)
                run_with(at(*put_window_, scheme, task, e.window, e.request).bind_bytes(5, window_bytes(e.reading)),
                         e.reading.work);
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

    [[nodiscard]] std::optional<scheme_process> find_process(std::string_view   scheme,
                                                             std::string const& process) override {
        sqlite_statement find(
            db_, "SELECT load_seconds, peak_bytes, threads FROM process WHERE scheme = ?1 AND process = ?2");
        std::optional<scheme_process> found;
        for (find.bind(1, scheme).bind(2, process); find.next();)
            found = {process, find.real(0), static_cast<std::uint64_t>(find.number(1)),
                     static_cast<int>(find.number(2))};
        return found;
    }
    void put_process(std::string_view scheme, scheme_process const& p) override {
        sqlite_statement(db_, "INSERT OR REPLACE INTO process VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind(1, scheme)
            .bind(2, p.process)
            .bind(3, p.load_seconds)
            .bind(4, static_cast<std::int64_t>(p.peak_bytes))
            .bind(5, static_cast<std::int64_t>(p.threads))
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
            for (char const* table : {"outcome", "reading", "scheme", "process"})
                db_.run(("INSERT OR IGNORE INTO " + std::string(table) + " SELECT * FROM other." + table).c_str());
        });
        db_.run("DETACH other");
    }
    [[nodiscard]] static provenance fingerprint_of(std::filesystem::path const& path) {
        sqlite_database db(path);
        refuse_other_versions(db);
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
    static void run_with(sqlite_statement& answer, answer_work const& w) {
        answer.bind(6, w.read).bind(7, w.written).bind(8, w.computed).bind(9, w.seconds).bind(10, w.process).run();
    }
    [[nodiscard]] static answer_work work_of_row(sqlite_statement const& row) {
        return {row.number(1), row.number(2), row.number(3), row.real(4), row.text(5)};
    }
    [[nodiscard]] static provenance fingerprint_of(sqlite_database& db) {
        sqlite_statement rows(db, "SELECT name, value FROM fingerprint ORDER BY name");
        provenance       all;
        while (rows.next()) all.emplace_back(rows.text(0), rows.text(1));
        return all;
    }
    [[nodiscard]] static std::int64_t number_of(sqlite_database& db, char const* query) {
        sqlite_statement rows(db, query);
        std::int64_t     found = 0;
        while (rows.next()) found = rows.number(0);
        return found;
    }
    [[nodiscard]] static bool is_new(sqlite_database& db) {
        return number_of(db, "SELECT count(*) FROM sqlite_master") == 0;
    }
    static void refuse_other_versions(sqlite_database& db) {
        auto const found = number_of(db, "PRAGMA user_version");
        if (found == version) return;
        throw usage_error{{"DB04", db.name(), "tables of version " + std::to_string(found),
                           "version " + std::to_string(version),
                           "a store of another qeval; --restart forgets it, another --output-path keeps it"}};
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
