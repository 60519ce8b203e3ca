#include <map>
#include <string>

#include <qeval/io/data/data_files.hpp>

#include "tests/io/data/packed.hpp"
#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;
using files = std::map<std::string, qeval::data_file>;

std::string tar_of(std::map<std::string, std::string> const& entries) {
    std::string out;
    for (auto const& [name, text] : entries) out += tarred(name, text);
    return out + tar_end_mark;
}
files val_of(std::filesystem::path const& where) { return qeval::data_files(where).in_folder("val", "_val.csv"); }

} // namespace

TEST_CASE("a compressed file has the bytes and the hash of its text, whatever it is called") {
    std::string const text = "question,answer\n1+1,2\n";
    scratch const     dir;
    for (auto const& bytes : {text, gzipped(text), bzipped(text)}) {
        put_file(dir / "rows", bytes);
        auto const file = qeval::read_data_file(dir / "rows");
        CHECK(file.bytes == text);
        CHECK(file.sha256 == qeval::sha256_hex(text));
        CHECK(file.name == (dir / "rows").string());
    }
}

TEST_CASE("a data set is the same in a folder, below other folders, and in plain or compressed archives") {
    std::map<std::string, std::string> const entries = {{"data/val/law_val.csv", "a\n"},
                                                        {"data/val/art_val.csv", "b\n"},
                                                        {"data/val/readme", ""},
                                                        {"data/test/law_val.csv", "c\n"},
                                                        {"law_val.csv", "d\n"}};
    scratch const                            folder, tar, compressed;
    for (auto const& [name, text] : entries) put_file(folder / name, text);
    put_file(tar / "data.tar", tar_of(entries));
    put_file(compressed / "deep" / "data.tgz", gzipped(tar_of(entries)));
    auto const plain = val_of(folder.path());
    REQUIRE(plain.size() == 2); // not those of another folder or with another ending
    CHECK(plain.at("law_val.csv").bytes == "a\n");
    CHECK(plain.at("art_val.csv").bytes == "b\n");
    for (auto const& where : {tar.path(), tar / "data.tar", compressed.path()}) {
        auto const packed = val_of(where);
        REQUIRE(packed.size() == 2);
        for (auto const& [name, file] : packed) {
            CHECK(file.bytes == plain.at(name).bytes);
            CHECK(file.sha256 == plain.at(name).sha256);
            CHECK_THAT(file.name, Catch::EndsWith("data/val/" + name)); // where in the archive it lies
        }
        CHECK(qeval::sha256_of(packed) == qeval::sha256_of(plain));
    }
    auto other                     = plain;
    other.at("art_val.csv").sha256 = qeval::sha256_hex("c\n");
    CHECK(qeval::sha256_of(other) != qeval::sha256_of(plain));
}

TEST_CASE("DS10: a file that lies there twice, beside the archive that it came from, is refused") {
    scratch const dir;
    put_file(dir / "val" / "law_val.csv", "a\n");
    put_file(dir / "all.tar", tar_of({{"val/law_val.csv", "a\n"}}));
    check_refused([&] { (void)val_of(dir.path()); },
                  {"DS10", dir.path().string(), "two files val/law_val.csv", "one", "an archive beside the folder"});
}

TEST_CASE("a Git LFS pointer and an archive that breaks off are refused by their own names") {
    scratch const dir;
    put_file(dir / "rows", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4969539560\n");
    check_refused([&] { (void)qeval::read_data_file(dir / "rows"); }, {"IX07", "rows", "a Git LFS pointer", ""});
    put_file(dir / "torn.tar", tar_of({{"val/a_val.csv", "a\n"}}).substr(0, 700));
    check_refused([&] { (void)qeval::data_files(dir / "torn.tar"); }, {"DS11", "torn.tar", "", "", "download"});
}

TEST_CASE("what a compressed file may become grows with it and ends at 4 GiB") {
    CHECK(qeval::decompressed_limit(0) == 1u << 20);
    CHECK(qeval::decompressed_limit(1000) == (1u << 20) + 100'000);
    CHECK(qeval::decompressed_limit(std::size_t{1} << 40) == qeval::data_byte_limit);
}
