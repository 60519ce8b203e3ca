// Malformed data sets, over every task that reads one: lines that are too long or break off, bytes of another encoding,
// rows of another layout, ids that come twice, archives that are damaged or bombs.
// Also tests data/item_ids.hpp, data/item_rows.hpp.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <tests/eval/question_of.hpp>
#include <tests/eval/small_data_sets.hpp>
#include <tests/io/data/packed.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/counted_memory.hpp>
#include <tests/support/data.hpp>
#include <tests/support/sanitized.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/builtin_tasks.hpp>
#include <qeval/io/json/json.hpp>

using namespace qeval_test;

namespace {

// Where files of many MiB make a case take seconds.
std::vector<data_set> one_of_each_layout() {
    std::vector<data_set> some;
    std::set<layout>      seen;
    for (auto const& set : all_sets())
        if (seen.insert(set.form).second) some.push_back(set);
    return some;
}

// What the engine would be asked and what counts as right, item by item.
template <class Item>
std::string right_answer(Item const& item) {
    if constexpr (requires { item.answer + 1; })
        return std::to_string(item.answer);
    else if constexpr (requires { item.target.size(); })
        return item.target;
    else if constexpr (requires { item.solution; })
        return item.solution + item.test;
    else if constexpr (requires { item.problem; })
        return item.problem.prompt + item.problem.test + item.problem.entry_point;
    else
        return item.answer;
}
template <class T>
std::vector<std::string> items_of(T const& task) {
    scripted_engine engine; // a token is a byte
    engine.context = 4096;
    engine.size    = 224;
    std::vector<std::string> items;
    if constexpr (qeval::text_task<T>) {
        auto const text = task.windows(engine);
        for (qeval::index w = 0; w < text.count(); ++w)
            items.push_back(qeval::name_of_window(text.at(w), text.window(w).first, ""));
    } else {
        for (std::size_t i = 0; i < task.items.size(); ++i) {
            items.push_back(task.items[i].id + " " + qeval::name_of(question_of(engine, task, i)) + " " +
                            right_answer(task.items[i]));
        }
    }
    return items;
}

std::vector<std::string> read(data_set const& set, std::filesystem::path const& folder) {
    qeval::task_options options;
    options.code.allow = true;
    options.ctx        = 16;
    if (set.form == layout::csv || set.form == layout::csv_with_header) options.shots = 2;
    std::vector<std::string> items;
    qeval::builtin_tasks::for_named(set.task, [&]<class T>() {
        items = items_of(T::load(folder / (set.loaded.empty() ? set.attacked : set.loaded), options));
    });
    return items;
}
std::vector<std::string> read_with(data_set set, std::string const& bytes) {
    scratch const dir;
    set.files[set.attacked] = bytes;
    for (auto const& [name, text] : set.files) put_file(dir / name, text);
    return read(set, dir.path());
}

// One error: of the data, at the file and, where the case has one, the line, with all its parts.
void check_data_refused(data_set const& set, std::string const& bytes, std::string const& id, std::string const& line,
                        refusal const& rest = {}) {
    INFO(set.task << " with another " << set.attacked << ": " << bytes.substr(0, 400));
    refusal wanted = rest;
    wanted.id      = id;
    wanted.place   = std::filesystem::path(set.attacked).filename().string();
    bool all       = false;
    check_refused(
        [&] {
            try {
                (void)read_with(set, bytes);
            } catch (qeval::file_error const& e) {
                auto const& why = e.why();
                all             = !why.found.empty() && !why.expected.empty() && !why.likely.empty() &&
                      why.place.find(line) != std::string::npos;
                throw;
            }
        },
        wanted);
    CHECK(all);
}

std::size_t line_count(std::string const& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}
std::string last_line(std::string const& text) { return "line " + std::to_string(line_count(text)); }
std::size_t last_row(std::string const& text) { return text.rfind('\n', text.size() - 2) + 1; }
std::string replaced_once(std::string text, std::string const& from, std::string const& to) {
    auto const at = text.rfind(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
}
bool is_csv(data_set const& set) { return set.form == layout::csv || set.form == layout::csv_with_header; }

// Loads a hostile file, which must be refused, within the memory that any hostile file may take.
void check_memory(data_set set, std::string const& bytes, std::string const& id, std::string const& place) {
    INFO(set.task << ", " << set.attacked);
    scratch const dir;
    set.files[set.attacked] = bytes;
    for (auto const& [name, text] : set.files) put_file(dir / name, text);
    std::optional<qeval::error> refused;
    std::size_t const           used = peak_of([&] {
        try {
            (void)read(set, dir.path());
        } catch (qeval::error const& e) {
            refused = e;
        }
    });
    REQUIRE(refused);
    check_refused([&] { throw qeval::error(*refused); }, {id, place, "", "", ""});
    CHECK_FALSE(refused->why().likely.empty());
    CHECK(used <= 64 * mib + 4 * bytes.size());
}

} // namespace

TEST_CASE("every task that qeval brings is among the data sets of this sweep, and each of them loads") {
    std::set<std::string> swept;
    for (auto const& set : all_sets()) {
        INFO(set.task << ", " << set.attacked);
        CHECK_FALSE(read_with(set, set.bytes()).empty());
        swept.insert(set.task);
    }
    for (auto const& name : qeval::builtin_tasks::names()) CHECK(swept.count(std::string(name)) == 1);
}
TEST_CASE("CRLF, a byte order mark and a missing last line break change no item of any task") {
    for (auto const& set : all_sets()) {
        bool const raw = set.form == layout::text && set.task.find("llmc") == set.task.npos;
        if (raw) continue; // a text is scored byte for byte, as the tools do whose numbers it is compared with
        INFO(set.task << ", " << set.attacked);
        auto const  clean = read_with(set, set.bytes());
        std::string crlf;
        for (char const c : set.bytes()) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
        CHECK(read_with(set, "\xef\xbb\xbf" + crlf) == clean);
        CHECK(read_with(set, set.bytes().substr(0, set.bytes().size() - 1)) == clean);
    }
}
TEST_CASE("a last row that breaks off at any byte is refused, or holds all that is read of it") {
    for (auto const& set : all_sets()) {
        if (set.form == layout::text || set.form == layout::six_lines) continue; // a line of text ends where it ends
        std::string const& bytes = set.bytes();
        std::size_t const  end   = bytes.size() - 1;
        auto const         clean = is_csv(set) ? read_with(set, bytes) : std::vector<std::string>();
        for (std::size_t size = last_row(bytes) + 1; size < end; ++size) {
            std::string const torn = bytes.substr(0, size);
            if (!is_csv(set)) {
                check_data_refused(set, torn, "DS02", last_line(bytes));
                continue;
            }
            INFO(set.task << ", " << set.attacked << " cut after " << torn.substr(last_row(bytes)));
            std::optional<qeval::diagnostic> refused;
            std::vector<std::string>         items;
            try {
                items = read_with(set, torn);
            } catch (qeval::file_error const& e) {
                refused = e.why();
            }
            if (!refused) {
                CHECK(items == clean); // the explanation, which is not read, breaks off
                continue;
            }
            CHECK((refused->id == "DS04" || refused->id == "DS05" || refused->id == "DS06" || refused->id == "DS07"));
            CHECK_THAT(refused->place, Catch::Contains(last_line(bytes)));
            CHECK_FALSE(refused->likely.empty());
            if (refused->id == "DS07") CHECK(refused->likely == "an incomplete download"); // within a character
        }
    }
}
TEST_CASE("a CSV whose quotes do not balance is refused at the quote, even where the next row's quote closes it") {
    for (auto const& set : all_sets()) {
        if (!is_csv(set)) continue;
        std::string const& bytes = set.bytes();
        std::size_t const  row   = last_row(bytes);
        check_data_refused(set, bytes.substr(0, row) + "\"" + replaced_once(bytes.substr(row), ",", "\",\""), "DS04",
                           last_line(bytes));
        // The row before loses a closing quote; the last row has quotes.
        std::string quoted = set.form == layout::csv ? "\"What?,1,2,3,4,C\n\"Which, now?\",5,6,7,8,D\n"
                                                     : "0,\"What?,1,2,3,4,C\n1,\"Which, now?\",5,6,7,8,D\n";
        if (set.form == layout::csv_with_header) quoted = bytes.substr(0, bytes.find('\n') + 1) + quoted;
        check_data_refused(set, quoted, "DS04", "line " + std::to_string(line_count(quoted) - 1));
    }
}
TEST_CASE("a label that names no answer is refused in its row") {
    for (auto const& set : all_sets()) {
        if (set.wrong_label.first.empty()) continue;
        std::string const bytes = replaced_once(set.bytes(), set.wrong_label.first, set.wrong_label.second);
        check_data_refused(set, bytes, set.label_error, set.form == layout::six_lines ? "line 8" : last_line(bytes));
    }
}
TEST_CASE("a member of a row that is missing or of another type is refused by name, in its row") {
    for (auto const& set : all_sets()) {
        if (set.form != layout::json_lines) continue;
        std::string const& bytes = set.bytes();
        auto const         row   = qeval::json_node::parse(bytes.substr(last_row(bytes)));
        for (auto const& [member, value] : row.items()) {
            bool const unread = set.optional_members.count(member) == 1 && member != set.id;
            if (unread) continue;
            for (bool const missing : {true, false}) {
                if (missing && set.optional_members.count(member) == 1) continue;
                auto broken = row;
                missing ? void(broken.erase(member)) : void(broken[member] = true);
                std::string const text = bytes.substr(0, last_row(bytes)) + broken.dump() + "\n";
                // llmc's rows may be called "sentence" instead.
                bool const other = missing && set.task.find("llmc") != set.task.npos;
                check_data_refused(set, text, "DS06", last_line(text),
                                   missing
                                       ? refusal{"", "", "no field \"" + (other ? "sentence" : member) + "\"", "", ""}
                                       : refusal{"", "", "true", "", ""});
            }
        }
        check_data_refused(set, bytes.substr(0, last_row(bytes)) + "[]\n", "DS06", last_line(bytes),
                           {"", "", "an array", "an object", ""});
    }
}
TEST_CASE("a row of more or fewer fields or lines than published is refused") {
    for (auto const& set : all_sets()) {
        std::string const& bytes = set.bytes();
        if (is_csv(set)) {
            check_data_refused(set, replaced_once(bytes, ",", ",,"), "DS06", last_line(bytes));
            check_data_refused(set, bytes + "alone\n", "DS06", last_line(bytes + "alone\n"));
        }
        if (set.form == layout::csv_with_header)
            check_data_refused(set, replaced_once(bytes, ",C,", ",K,"), "DS06", "line 1", {"", "", "\"C\"", "", ""});
        if (set.form == layout::six_lines)
            check_data_refused(set, bytes.substr(0, last_row(bytes)), "DS06", "",
                               {"", "", "11 lines", "six lines", ""});
    }
}
TEST_CASE("bytes that are not UTF-8 are refused with their place by every task") {
    for (auto const& set : all_sets()) {
        // Latin-1 in the last row, the overlong form of "/", half of a surrogate pair.
        for (std::string const bad : {"\xe9", "\xc0\xaf", "\xed\xa0\x80"}) {
            std::string bytes = set.bytes();
            auto        at    = last_row(bytes);
            if (set.form == layout::json_lines) at = bytes.find("\": \"", at) + 4;
            check_data_refused(set, bytes.insert(at, bad), "DS07", last_line(bytes),
                               {"", "", "not UTF-8", "UTF-8", "encoding"});
        }
    }
}
TEST_CASE("a data set without items is refused by every task") {
    for (auto const& set : all_sets()) {
        std::vector<std::string> empty = {""};
        if (set.form != layout::six_lines) empty.emplace_back("\n\r\n\n");
        if (set.form == layout::csv_with_header) empty = {set.bytes().substr(0, set.bytes().find('\n') + 1)};
        for (auto const& bytes : empty) check_data_refused(set, bytes, "DS08", "");
    }
}
TEST_CASE(
    "a gzip file that is cut, or has a changed checksum or length, is refused by every task; a whole one is read") {
    for (auto const& set : all_sets()) {
        std::string const whole = gzipped(set.bytes());
        INFO(set.task << ", " << set.attacked);
        CHECK(read_with(set, whole) == read_with(set, set.bytes()));
        for (std::size_t const size : {std::size_t{3}, whole.size() / 2, whole.size() - 9, whole.size() - 1}) {
            check_data_refused(set, whole.substr(0, size), "DS09", "",
                               {"", "", "breaks off", "complete", "incomplete download"});
        }
        for (std::size_t const back : {8u, 4u}) { // CRC, length
            std::string broken = whole;
            broken[broken.size() - back] ^= 1;
            check_data_refused(set, broken, "DS09", "", {"", "", "incorrect", "gzip data", "damaged"});
        }
    }
}
TEST_CASE("a decompression bomb is refused by every task before it takes memory") {
    std::string const zeros = std::string(96 * mib, '\0'), gzip_bomb = gzipped(zeros), bzip2_bomb = bzipped(zeros);
    auto const name = [](data_set const& set) { return std::filesystem::path(set.attacked).filename().string(); };
    for (auto const& set : sanitized ? one_of_each_layout() : all_sets())
        check_memory(set, gzip_bomb, "DS09", name(set));
    for (auto const& set : one_of_each_layout()) check_memory(set, bzip2_bomb, "DS09", name(set));
}
TEST_CASE("a row beyond 16 MiB is refused by every task before it takes memory") {
    std::string const wide(17 * mib, 'x'), commas(17 * mib, ','), list(17 * mib, '[');
    auto const        check = [](data_set const& set, std::string const& row) {
        if (set.form == layout::text || set.form == layout::six_lines) return; // a text may be one line
        std::string const bytes = set.bytes() + row + "\n";
        check_memory(set, bytes, "DS01", last_line(bytes));
    };
    for (auto const& set : sanitized ? one_of_each_layout() : all_sets())
        check(set, is_csv(set) ? "1," + wide : R"({"text": ")" + wide + "\"}");
    for (auto const& set : one_of_each_layout()) check(set, is_csv(set) ? commas : list);
}
TEST_CASE("an item whose id comes a second time is refused in its row, and a second file of one name") {
    for (auto const& set : all_sets()) {
        std::string const& bytes = set.bytes();
        if (!set.id.empty()) {
            std::string const twice = bytes + bytes.substr(last_row(bytes));
            check_data_refused(set, twice, "DS10", last_line(twice), {"", "", "a second time", "ids that differ", ""});
        }
        if (is_csv(set)) {
            data_set                    copied     = set;
            std::filesystem::path const file       = set.attacked;
            copied.files[set.loaded + "/copy/" + file.parent_path().filename().string() + "/" +
                         file.filename().string()] = bytes;
            check_refused([&] { (void)read_with(copied, bytes); },
                          {"DS10", set.loaded, file.filename().string(), "one", "archive"});
        }
    }
}
