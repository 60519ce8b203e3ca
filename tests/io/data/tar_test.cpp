// Also tests archive_reader.hpp.
#include <string>
#include <utility>
#include <vector>

#include <qeval/io/data/tar.hpp>

#include "tests/io/data/packed.hpp"
#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;
using files = std::vector<std::pair<std::string, std::string>>; // name, bytes

// A record of a pax header: "LENGTH KEY=VALUE\n", LENGTH counting itself.
std::string record(std::string const& key, std::string const& value) {
    std::string const rest   = " " + key + "=" + value + "\n";
    std::size_t       length = rest.size() + 1;
    while (std::to_string(length).size() + rest.size() != length) ++length;
    return std::to_string(length) + rest;
}

files read(std::string const& archive) {
    files all;
    for (auto const& e : qeval::tar_entries(archive, "d.tar")) {
        all.emplace_back(e.name, e.bytes);
        bool const inside = e.bytes.empty() || (e.bytes.data() > archive.data() &&
                                                e.bytes.data() + e.bytes.size() < archive.data() + archive.size());
        CHECK(inside); // read where it lies
    }
    return all;
}
void refused(std::string const& archive, std::string const& found) {
    check_refused([&] { (void)read(archive); }, {"DS11", "d.tar @ byte", found, "", "download"});
}

} // namespace

TEST_CASE("a tar's regular files come out with their names, whatever those say; links and folders do not") {
    std::string const big(70'000, 'x');
    CHECK(read(tarred("folder/", "", '5') + tarred("folder/a", "one") + tarred("b", "", '1') + tarred("c", "", '2') +
               tarred("../../d", "") + tarred("/etc/e", big) + tar_end_mark) ==
          files{{"folder/a", "one"}, {"../../d", ""}, {"/etc/e", big}});
}
TEST_CASE("long names and names beyond ASCII are read from POSIX and from GNU records") {
    std::string name = "folder/law_\xe7\x94\xb2.csv";
    for (int i = 0; i < 60; ++i) name = "deep/" + name;
    std::string const pax = tarred("PaxHeaders/x", record("path", name) + record("mtime", "1.5"), 'x');
    std::string const gnu = tarred("././@LongLink", name + std::string(1, '\0'), 'L');
    CHECK(read(pax + tarred("short", "1") + tarred("next", "2") + tar_end_mark) == files{{name, "1"}, {"next", "2"}});
    CHECK(read(gnu + tarred("short", "1") + tarred("next", "2") + tar_end_mark) == files{{name, "1"}, {"next", "2"}});
}
TEST_CASE("a tar that breaks off anywhere is refused, between two entries, too") {
    std::string const whole = tarred("a", std::string(700, 'x')) + tarred("b", "two") + tar_end_mark.substr(512);
    CHECK(read(whole).size() == 2);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO(size);
        CHECK_THROWS_AS(read(whole.substr(0, size)), qeval::file_error);
    }
    refused(whole.substr(0, 1536), "no end mark");
}
TEST_CASE("a tar with a changed bit in a header is refused") {
    std::string const whole = tarred("a", "one") + tarred("b", "two") + tar_end_mark;
    for (std::size_t at = 0; at < 1536; ++at) {
        if (at >= 512 && at < 1024) continue;              // a body has no checksum
        if (at % 1024 >= 154 && at % 1024 < 156) continue; // behind the digits of the checksum
        std::string broken = whole;
        broken[at]         = char(broken[at] ^ 1);
        INFO(at);
        CHECK_THROWS_AS(read(broken), qeval::file_error);
    }
}
TEST_CASE("sizes that lie are refused before anything is allocated") {
    for (std::string const& size : {tar_octal(4, 11) + "", tar_octal(1u << 20, 11), std::string("77777777777"),
                                    std::string("\x80\0\0\0\x40\0\0\0\0\0\0\0", 12)}) {
        INFO(size);
        CHECK_THROWS_AS(read(tarred("a", "one", '0', size).substr(0, 512) + tar_end_mark.substr(0, 512) + "x"),
                        qeval::file_error);
    }
    refused(tarred("a", "one", '0', "77777777777") + tar_end_mark, "fewer bytes in one piece");
}
TEST_CASE("what is no tar, or has no files, is refused") {
    for (std::string const& bytes : {std::string(), std::string("hello"), std::string(5000, 'x'), tar_end_mark})
        CHECK_THROWS_AS(read(bytes), qeval::file_error);
    refused(tar_end_mark, "no files");
    refused(tarred("folder/", "", '5') + tar_end_mark, "no files");
    refused(tarred("a", "one") + std::string(1024, 'g'), "Damaged tar archive");
}
TEST_CASE("a sparse file is refused: its holes would be missing") {
    std::string const sparse = record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0") +
                               record("GNU.sparse.name", "holes") + record("GNU.sparse.realsize", "1000000");
    std::string map = "1\n999997\n3\n";
    map.resize(512, '\0');
    refused(tarred("PaxHeaders/x", sparse, 'x') + tarred("GNUSparseFile.0/holes", map + "end") + tar_end_mark,
            "fewer bytes in one piece");
}
