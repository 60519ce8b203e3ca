#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <qeval/io/data/tar.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;
using files = std::vector<std::pair<std::string, std::string>>; // name, bytes

std::string octal(std::uint64_t value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*llo", digits, static_cast<unsigned long long>(value));
    return text;
}
// One entry as POSIX.1 lays it out: a header of 512 bytes whose checksum is right, and the body in blocks.
std::string entry(std::string const& name, std::string const& body, char type = '0', std::string size = "") {
    std::string header(512, '\0');
    if (size.empty()) size = octal(body.size(), 11);
    auto const put = [&](std::size_t at, std::string const& text) { header.replace(at, text.size(), text); };
    put(0, name.substr(0, 100)), put(100, "0000644"), put(108, "0000000"), put(116, "0000000");
    put(124, size), put(136, "00000000000"), put(148, "        ");
    header[156] = type;
    if (type == '1' || type == '2') put(157, "a");
    put(257, std::string("ustar\0", 6) + "00");
    std::uint64_t sum = 0;
    for (char const c : header) sum += static_cast<unsigned char>(c);
    put(148, octal(sum, 6) + std::string("\0 ", 2));
    return header + body + std::string((512 - body.size() % 512) % 512, '\0');
}
std::string const end_mark(1024, '\0');

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
    CHECK(read(entry("folder/", "", '5') + entry("folder/a", "one") + entry("b", "", '1') + entry("c", "", '2') +
               entry("../../d", "") + entry("/etc/e", big) + end_mark) ==
          files{{"folder/a", "one"}, {"../../d", ""}, {"/etc/e", big}});
}
TEST_CASE("long names and names beyond ASCII are read from POSIX and from GNU records") {
    std::string name = "folder/law_\xe7\x94\xb2.csv";
    for (int i = 0; i < 60; ++i) name = "deep/" + name;
    std::string const pax = entry("PaxHeaders/x", record("path", name) + record("mtime", "1.5"), 'x');
    std::string const gnu = entry("././@LongLink", name + std::string(1, '\0'), 'L');
    CHECK(read(pax + entry("short", "1") + entry("next", "2") + end_mark) == files{{name, "1"}, {"next", "2"}});
    CHECK(read(gnu + entry("short", "1") + entry("next", "2") + end_mark) == files{{name, "1"}, {"next", "2"}});
}
TEST_CASE("a tar that breaks off anywhere is refused, between two entries, too") {
    std::string const whole = entry("a", std::string(700, 'x')) + entry("b", "two") + end_mark.substr(512);
    CHECK(read(whole).size() == 2);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO(size);
        CHECK_THROWS_AS(read(whole.substr(0, size)), qeval::file_error);
    }
    refused(whole.substr(0, 1536), "no end mark");
}
TEST_CASE("a tar with a changed bit in a header is refused") {
    std::string const whole = entry("a", "one") + entry("b", "two") + end_mark;
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
    for (std::string const& size : {octal(4, 11) + "", octal(1u << 20, 11), std::string("77777777777"),
                                    std::string("\x80\0\0\0\x40\0\0\0\0\0\0\0", 12)}) {
        INFO(size);
        CHECK_THROWS_AS(read(entry("a", "one", '0', size).substr(0, 512) + end_mark.substr(0, 512) + "x"),
                        qeval::file_error);
    }
    refused(entry("a", "one", '0', "77777777777") + end_mark, "fewer bytes in one piece");
}
TEST_CASE("what is no tar, or has no files, is refused") {
    for (std::string const& bytes : {std::string(), std::string("hello"), std::string(5000, 'x'), end_mark})
        CHECK_THROWS_AS(read(bytes), qeval::file_error);
    refused(end_mark, "no files");
    refused(entry("folder/", "", '5') + end_mark, "no files");
    refused(entry("a", "one") + std::string(1024, 'g'), "Damaged tar archive");
}
TEST_CASE("a sparse file is refused: its holes would be missing") {
    std::string const sparse = record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0") +
                               record("GNU.sparse.name", "holes") + record("GNU.sparse.realsize", "1000000");
    std::string map = "1\n999997\n3\n";
    map.resize(512, '\0');
    refused(entry("PaxHeaders/x", sparse, 'x') + entry("GNUSparseFile.0/holes", map + "end") + end_mark,
            "fewer bytes in one piece");
}
