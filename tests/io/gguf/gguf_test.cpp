// Also tests gguf_metadata.hpp, gguf_value.hpp, ../file/byte_reader.hpp.
#include <limits>
#include <string>
#include <vector>

#include <qeval/io/gguf/gguf.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"

namespace {

using namespace qeval_test;
using dims = std::vector<std::uint64_t>;

qeval::gguf_file read(scratch const& dir, std::string const& bytes) {
    put_file(dir / "m.gguf", bytes);
    return qeval::read_gguf(dir / "m.gguf", gguf_types);
}
// A file of a few hundred bytes with every part a file can have.
gguf_bytes small() {
    gguf_bytes g;
    g.alignment = 8;
    g.u32("general.alignment", 8).text("name", "x").number("b", 7, std::uint8_t{1}).strings("s", {"", "ab"});
    g.numbers<std::uint16_t>("n", 2, {1, 2, 3}).tensor("w", {32, 2}, 2, 36).tensor("v", {3}, 0, 12);
    return g;
}

} // namespace

TEST_CASE("a well-formed GGUF file gives its tensors, outermost dimension first") {
    scratch const dir;
    gguf_bytes    g;
    g.text("k", "v").tensor("w", {64, 3}, 8, 204).tensor("b", {3}, 0, 12);
    g.data[224]  = '\5'; // the first byte of b, behind 204 bytes padded to 224
    auto const f = read(dir, g.bytes());
    CHECK(f.version == 3);
    REQUIRE(f.tensors.size() == 2);
    CHECK(f.tensors[0].name == "w");
    CHECK(f.tensors[0].type == "Q8_0");
    CHECK(f.tensors[0].shape == std::vector<qeval::index>{3, 64});
    CHECK(f.tensors[0].bytes.size() == 204);
    CHECK(f.tensors[1].bytes.size() == 12);
    CHECK(f.tensors[1].bytes[0] == std::byte{5});
    CHECK(f.metadata.at("k").string() == "v");
}

TEST_CASE("GGUF version 2 and a file without tensors are read") {
    scratch const dir;
    gguf_bytes    g;
    g.version = 2;
    CHECK(read(dir, g.u32("a", 7).bytes()).metadata.at("a").integer(0, 10) == 7);
    CHECK(read(dir, small().bytes()).tensors.size() == 2);
}

TEST_CASE("GG01 a bad magic number is rejected") {
    gguf_bytes g;
    g.magic = 0x67676d66; // "ggmf", before GGUF
    check_gguf_refused(g.bytes(), {"GG01", "m.gguf @ byte 0, the magic number", "0x67676d66", "GGUF"});
}
TEST_CASE("GG02 versions 0, 1, 4 and a byte-swapped one are rejected") {
    for (std::uint32_t v : {0u, 1u, 4u, 0xffffffffu}) {
        gguf_bytes g;
        g.version = v;
        check_gguf_refused(g.bytes(), {"GG02", "@ byte 4, the version", std::to_string(v), "2 or 3"});
    }
    gguf_bytes g;
    g.version = 0x03000000;
    check_gguf_refused(g.bytes(), {"GG02", "the version", "big-endian", "little-endian"});
}
TEST_CASE("GG03 a count of tensors or entries beyond what fits is rejected before memory is taken") {
    for (std::uint64_t n : {std::uint64_t{1} << 63, ~std::uint64_t{0}, std::uint64_t{1} << 40, std::uint64_t{3}}) {
        gguf_bytes g;
        g.tensor_count = n;
        check_gguf_refused(g.bytes() + std::string(90, '\0'),
                           {"GG03", "the tensor count", std::to_string(n), "<= 2 (9", "incomplete"});
        gguf_bytes h;
        h.entry_count = n;
        check_gguf_refused(h.bytes() + std::string(41, '\0'),
                           {"GG03", "metadata count", std::to_string(n), "<= 2 (41 bytes left)", ""});
    }
}
TEST_CASE("GG04 a key longer than 65535 or than the file is rejected") {
    check_gguf_refused(gguf_bytes().u32(std::string(65536, 'k'), 1).bytes(),
                       {"GG04", "@ byte 24, the key of entry 0", "65536", "<= 65535"});
    gguf_bytes g;
    g.entry_count     = 1;
    std::string bytes = g.bytes();
    append(bytes, std::uint64_t{100});
    check_gguf_refused(bytes + std::string(10, 'k'), {"GG04", "the key of entry 0", "100", "<= 10"});
    scratch const dir;
    CHECK(read(dir, gguf_bytes().u32(std::string(65535, 'k'), 1).bytes()).metadata.values().size() == 1);
}
TEST_CASE("GG05 an empty or repeated key is rejected") {
    check_gguf_refused(gguf_bytes().u32("", 1).raw("b", 4, "1234").bytes(),
                       {"GG05", "the key of entry 0", "empty", "a name"});
    check_gguf_refused(gguf_bytes().u32("a", 1).u32("b", 1).u32("a", 2).bytes(),
                       {"GG05", "key \"a\"", "a second time", "distinct"});
}
TEST_CASE("GG06 a value type beyond 12 is rejected") {
    for (std::uint32_t kind : {13u, 14u, 255u, 0xffffffffu}) {
        check_gguf_refused(gguf_bytes().raw("a", kind, "1234").bytes(),
                           {"GG06", "the type of key \"a\"", std::to_string(kind), "0 to 12"});
        check_gguf_refused(gguf_bytes().array("a", kind, 1, "1234").bytes(),
                           {"GG06", "the element type of key \"a\"", std::to_string(kind), "0 to 12"});
    }
}
TEST_CASE("GG07 an array of arrays is rejected") {
    check_gguf_refused(gguf_bytes().array("a", 9, 1, std::string(20, '\0')).bytes(),
                       {"GG07", "key \"a\"", "an array of arrays", "an array of numbers"});
}
TEST_CASE("GG08 an array count beyond the file, or whose size wraps, is rejected") {
    for (std::uint64_t n : {std::uint64_t{3}, std::uint64_t{1} << 61, ~std::uint64_t{0}}) {
        check_gguf_refused(gguf_bytes().array("a", 10, n, std::string(16, '\0')).bytes(),
                           {"GG08", "the count of key \"a\"", std::to_string(n), "<= 2 (16 bytes left)"});
        check_gguf_refused(gguf_bytes().array("a", 8, n, std::string(16, '\0')).bytes(),
                           {"GG08", "the count of key \"a\"", std::to_string(n), "<= 2"});
    }
}
TEST_CASE("GG09 a string longer than the file is rejected") {
    for (std::uint64_t n : {std::uint64_t{11}, ~std::uint64_t{0}, ~std::uint64_t{0} - 40}) {
        std::string payload;
        append(payload, n);
        check_gguf_refused(gguf_bytes().raw("a", 8, payload + "0123456789").bytes(),
                           {"GG09", "a string of key \"a\"", std::to_string(n), "<= 10"});
        check_gguf_refused(gguf_bytes().array("a", 8, 1, payload + "0123456789").bytes(),
                           {"GG09", "a string of key \"a\"", std::to_string(n), "<= 10"});
    }
}
TEST_CASE("GG10 a bool other than 0 and 1 is rejected") {
    check_gguf_refused(gguf_bytes().raw("a", 7, "\2").bytes(), {"GG10", "key \"a\"", "a bool of 2", "0 or 1"});
    check_gguf_refused(gguf_bytes().array("a", 7, 3, std::string("\0\1\xff", 3)).bytes(),
                       {"GG10", "key \"a\"", "a bool of 255", "0 or 1"});
}
TEST_CASE("GG11 an alignment that is no power of two from 8 to 2^24, or no u32, is rejected") {
    for (std::uint32_t a : {0u, 1u, 3u, 24u, 1u << 31, 0xffffffffu}) {
        check_gguf_refused(gguf_bytes().u32("general.alignment", a).bytes(),
                           {"GG11", "key \"general.alignment\"", std::to_string(a), "a power of two"});
    }
    check_gguf_refused(gguf_bytes().number("general.alignment", 10, std::uint64_t{32}).bytes(),
                       {"GG11", "general.alignment", "u64", "u32"});
    check_gguf_refused(gguf_bytes().text("general.alignment", "32").bytes(),
                       {"GG11", "general.alignment", "string", "u32"});
    check_gguf_refused(gguf_bytes().array("general.alignment", 4, 1, std::string(" \0\0\0", 4)).bytes(),
                       {"GG11", "general.alignment", "an array of 1 u32", "u32"});
}
TEST_CASE("GG12 0 or more than 4 dimensions are rejected") {
    for (std::size_t n : {std::size_t{0}, std::size_t{5}}) {
        check_gguf_refused(gguf_bytes().info("w", dims(n, 1), 0, 0).bytes() + std::string(64, '\0'),
                           {"GG12", "tensor \"w\", dimension count", std::to_string(n), "1 to 4"});
    }
}
TEST_CASE("GG13 a dimension of 0, beyond 63 bits, or a product that wraps is rejected") {
    check_gguf_refused(gguf_bytes().tensor("w", {4, 0}, 0, 0).bytes(),
                       {"GG13", "tensor \"w\", dimension 1", "0", "1 to"});
    check_gguf_refused(gguf_bytes().info("w", {std::uint64_t(-1)}, 0, 0).bytes(),
                       {"GG13", "tensor \"w\", dimension 0", "18446744073709551615", "1 to"});
    std::uint64_t const half = std::uint64_t{1} << 32;
    check_gguf_refused(gguf_bytes().info("w", {half, half}, 0, 0).bytes(), // wraps to 0
                       {"GG13", "tensor \"w\", the product", "2^63", ""});
    check_gguf_refused(gguf_bytes().info("w", {274177, 67280421310721}, 0, 0).bytes(), // wraps to 1
                       {"GG13", "tensor \"w\", the product", "2^63", ""});
}
TEST_CASE("GG14 a removed, unknown or negative tensor type is rejected with its number") {
    for (std::uint32_t type : {4u, 5u, 31u, 39u, 10000u, 0xffffffffu}) {
        check_gguf_refused(
            gguf_bytes().tensor("w", {32}, type, 32).bytes(),
            {"GG14", "tensor \"w\", type", std::to_string(type), "one of the types read here (0, 1, 2, 8, 12)"});
    }
}
TEST_CASE("GG15 a row that is no multiple of the block size is rejected") {
    check_gguf_refused(gguf_bytes().tensor("w", {33, 32}, 2, 1024).bytes(),
                       {"GG15", "tensor \"w\", row length", "33", "a multiple of 32 (block size of Q4_0)"});
    check_gguf_refused(gguf_bytes().tensor("w", {128, 2}, 12, 144).bytes(), {"GG15", "row length", "128", "256"});
}
TEST_CASE("GG16 a size that wraps, alone or when padded, is rejected") {
    check_gguf_refused(gguf_bytes().info("w", {(std::uint64_t{1} << 62) - 1}, 0, 0).bytes(), // 2^64 - 4 bytes
                       {"GG16", "tensor \"w\", size of", "more than 64 bits", "fits the file"});
    check_gguf_refused(gguf_bytes().info("w", {std::uint64_t{1} << 62}, 0, 0).bytes(),
                       {"GG16", "tensor \"w\", size of", "more than 64 bits", ""});
}
TEST_CASE("GG17 an offset that is not aligned, or a tensor beyond the file, is rejected") {
    auto const with = [](std::uint64_t offset, std::uint64_t count) {
        gguf_bytes g;
        g.data.assign(128, '\0');
        return g.info("w", {count}, 0, offset).bytes();
    };
    check_gguf_refused(with(4, 1), {"GG17", "@ byte 24, tensor \"w\", offset", "4", "a multiple of 32"});
    check_gguf_refused(with(128, 1), {"GG17", "tensor \"w\", offset", "128 and a size of 4 bytes",
                                      "<= 128 (data section)", "incomplete"});
    check_gguf_refused(with(0, 33), {"GG17", "tensor \"w\", offset", "0 and a size of 132 bytes", "<= 128"});
    check_gguf_refused(with(~std::uint64_t{31}, 16),
                       {"GG17", "tensor \"w\", offset", "18446744073709551584", "<= 128"}); // sum wraps
    check_gguf_refused(with(64, (std::uint64_t{1} << 62) - 16), {"GG17", "tensor \"w\"", "", "<= 128"});
    scratch const dir;
    CHECK(read(dir, with(96, 8)).tensors[0].bytes.size() == 32);
}
TEST_CASE("GG17 tensors that overlap are rejected, whatever their order") {
    gguf_bytes g;
    g.data.assign(256, '\0');
    check_gguf_refused(g.info("b", {16}, 0, 64).info("a", {24}, 0, 0).bytes(),
                       {"GG17", "tensor \"b\", offset", "64", ">= 96 (end of tensor \"a\")"});
    gguf_bytes h;
    h.data.assign(256, '\0');
    check_gguf_refused(h.info("a", {16}, 0, 0).info("b", {16}, 0, 0).bytes(), {"GG17", "offset", "0", ">= 64"});
}
TEST_CASE("GG18 a tensor name used twice, empty, or of 64 bytes is rejected") {
    check_gguf_refused(gguf_bytes().tensor("w", {1}, 0, 4).tensor("v", {1}, 0, 4).tensor("w", {1}, 0, 4).bytes(),
                       {"GG18", "tensor \"w\", name", "a second time", "distinct"});
    check_gguf_refused(gguf_bytes().tensor(std::string(64, 'n'), {1}, 0, 4).bytes(),
                       {"GG18", "the name of tensor 0", "64", "1 to 63"});
    check_gguf_refused(gguf_bytes().tensor("", {1}, 0, 4).bytes(), {"GG18", "the name of tensor 0", "0", "1 to 63"});
    scratch const dir;
    CHECK(read(dir, gguf_bytes().tensor(std::string(63, 'n'), {1}, 0, 4).bytes()).tensors[0].name.size() == 63);
}

TEST_CASE("GG19 a file cut at any byte is rejected") {
    scratch const     dir;
    std::string const whole = small().bytes();
    REQUIRE(read(dir, whole).tensors.size() == 2);
    std::size_t const needed = whole.size() - 4; // the last tensor's padding holds nothing
    for (std::size_t n = 0; n < needed; ++n) {
        INFO("cut at " << n);
        put_file(dir / "m.gguf", whole.substr(0, n));
        try {
            (void)qeval::read_gguf(dir / "m.gguf", gguf_types);
            FAIL_CHECK("accepted");
        } catch (qeval::file_error const& e) {
            CHECK_THAT(e.why().place, Catch::Contains("m.gguf @ byte "));
            CHECK(e.status() == qeval::exit_status::bad_file);
        }
    }
    put_file(dir / "m.gguf", whole.substr(0, 23));
    check_refused([&] { (void)qeval::read_gguf(dir / "m.gguf", gguf_types); },
                  {"GG19", "@ byte 16, the metadata count", "7 bytes left", "8 bytes", "incomplete download"});
}
TEST_CASE("GG20 a file with any single bit flipped is read within its bounds or rejected") {
    scratch const dir;
    std::string   whole    = small().bytes();
    std::size_t   accepted = 0, rejected = 0;
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        whole[bit / 8] = char(whole[bit / 8] ^ (1 << (bit % 8)));
        try {
            auto const f = read(dir, whole);
            for (auto const& t : f.tensors) {
                CHECK(t.count() > 0);
                CHECK(t.bytes.size() <= whole.size());
                CHECK(t.bytes.data() + t.bytes.size() <= f.tensors[0].bytes.data() + whole.size());
            }
            ++accepted;
        } catch (qeval::file_error const& e) {
            CHECK(e.id().substr(0, 2) == "GG");
            ++rejected;
        }
        whole[bit / 8] = char(whole[bit / 8] ^ (1 << (bit % 8)));
    }
    CHECK(accepted >= (36 + 12) * 8); // the data bits at least
    CHECK(rejected > 24 * 8);         // the file header at least
}

TEST_CASE("a Git LFS pointer in place of a GGUF file is recognised") {
    check_gguf_refused("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1185376\n",
                       {"IX07", "m.gguf", "a Git LFS pointer", "the file it points to", "git lfs pull"});
}

TEST_CASE("the stories260K GGUF file is read") {
    auto const path = data("models/stories260K/stories260K.gguf");
    if (!path) return;
    auto const f = qeval::read_gguf(*path, gguf_types);
    CHECK(f.tensors.size() == 48);
    CHECK(f.metadata.at("llama.embedding_length").integer(1, 1024) == 64);
    qeval::index total = 0;
    for (auto const& t : f.tensors) total += t.count();
    CHECK(total == 260'032 + 512 * 64); // the output matrix is stored beside the equal embedding
}
