// Also tests safetensors_header.hpp, safetensors_dtype.hpp.
#include <ctime>
#include <limits>
#include <string>

#include <qeval/io/safetensors/safetensors.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;

// Reads a file of these bytes, which must be refused.
void refused(std::string const& bytes, refusal const& wanted) {
    scratch const dir;
    put_file(dir / "m.safetensors", bytes);
    check_refused([&] { (void)qeval::read_safetensors(dir / "m.safetensors"); }, wanted);
}
// One tensor "x" with everything else as given.
void refused_tensor(std::string const& dtype, std::string const& shape, std::string const& offsets, std::size_t data,
                    refusal const& wanted) {
    refused(safetensors_bytes("{" + tensor_entry("x", dtype, shape, offsets) + "}", std::string(data, '\0')), wanted);
}
qeval::safetensors_file accepted(scratch const& dir, std::string const& header, std::size_t data) {
    put_file(dir / "m.safetensors", safetensors_bytes(header, std::string(data, '\7')));
    return qeval::read_safetensors(dir / "m.safetensors");
}
std::string length_only(std::uint64_t length) {
    std::string bytes;
    append(bytes, length);
    return bytes + "{}      ";
}

} // namespace

TEST_CASE("a well-formed safetensors file gives its tensors in the order of their data") {
    scratch const dir;
    auto const    f =
        accepted(dir,
                 "{\"__metadata__\":{\"format\":\"pt\",\"n\":\"\"}," + tensor_entry("b", "F32", "[2,3]", "[4,28]") +
                     "," + tensor_entry("a", "BF16", "[2]", "[0,4]") + "}",
                 28);
    REQUIRE(f.tensors.size() == 2);
    CHECK(f.tensors[0].name == "a");
    CHECK(f.tensors[0].type == "BF16");
    CHECK(f.tensors[1].shape == std::vector<qeval::index>{2, 3});
    CHECK(f.tensors[1].count() == 6);
    CHECK(f.tensors[1].bytes.size() == 24);
    CHECK(f.tensors[1].bytes[0] == std::byte{7});
    REQUIRE(f.metadata.size() == 2);
    CHECK(f.metadata[0].first == "format");
    CHECK(f.metadata[0].second == "pt");
}

TEST_CASE("a private copy holds the same bytes as a mapping") {
    scratch const dir;
    auto const    mapped = accepted(dir, "{" + tensor_entry("a", "U8", "[5]", "[0,5]") + "}", 5);
    auto const    copied = qeval::read_safetensors(dir / "m.safetensors", qeval::file_access::read);
    REQUIRE(copied.tensors.size() == 1);
    CHECK(std::equal(mapped.tensors[0].bytes.begin(), mapped.tensors[0].bytes.end(), copied.tensors[0].bytes.begin()));
}

TEST_CASE("zero-size tensors, scalars, space padding and null metadata are accepted") {
    scratch const dir;
    auto const    f = accepted(dir,
                               "{\"__metadata__\":null," + tensor_entry("none", "F32", "[0,7]", "[0,0]") + "," +
                                   tensor_entry("scalar", "F64", "[]", "[0,8]") + "," +
                                   tensor_entry("last", "I8", "[3,0]", "[8,8]") + "}      ",
                               8);
    REQUIRE(f.tensors.size() == 3);
    CHECK(f.tensors[0].name == "none");
    CHECK(f.tensors[0].count() == 0);
    CHECK(f.tensors[1].shape.empty());
    CHECK(f.tensors[1].count() == 1);
    CHECK(f.tensors[1].bytes.size() == 8);
    CHECK(accepted(dir, "{}", 0).tensors.empty());
}

TEST_CASE("every dtype of the format has its size") {
    scratch const dir;
    for (auto const& d : qeval::safetensors_dtypes) {
        std::string const bytes = std::to_string(d.bits); // 8 elements take as many bytes as one has bits
        auto const        f =
            accepted(dir, "{" + tensor_entry("x", std::string(d.name), "[8]", "[0," + bytes + "]") + "}", d.bits);
        CHECK(f.tensors.at(0).type == d.name);
    }
}

TEST_CASE("ST01 a file shorter than 8 bytes is rejected") {
    for (std::size_t n = 0; n < 8; ++n) {
        refused(std::string(n, '\1'),
                {"ST01", "m.safetensors @ byte 0", std::to_string(n) + " bytes", "at least 8", "incomplete download"});
    }
}
TEST_CASE("ST02 a header length of 0 is rejected") {
    refused(length_only(0), {"ST02", "@ byte 0, header length", "0", "at least 2"});
}
TEST_CASE("ST03 a header longer than the file is rejected") {
    refused(length_only(9), {"ST03", "header length", "9", "<= 8 (file size - 8)", "incomplete download"});
}
TEST_CASE("ST04 a header length near 2^64 is rejected") {
    for (std::uint64_t n : {std::uint64_t{1} << 63, ~std::uint64_t{0}, ~std::uint64_t{0} - 7}) {
        refused(length_only(n), {"ST04", "header length", std::to_string(n), "<= 8"});
    }
}
TEST_CASE("ST05 a header beyond the cap is rejected before it is read") {
    refused(length_only(100'000'001), {"ST05", "header length", "100000001", "<= 100000000"});
}
TEST_CASE("ST06 a header that is not UTF-8 is rejected") {
    refused(safetensors_bytes("{\"a\xff\":{}}"), {"ST06", "@ byte 11", "\\xff", "UTF-8"});
    refused(safetensors_bytes("{\"\xc0\x80\":{}}"), {"ST06", "@ byte 10", "\\xc0", "UTF-8"}); // overlong NUL
}
TEST_CASE("ST07 data that end beyond the file are rejected with what is missing") {
    scratch const     dir;
    std::string const header = "{" + tensor_entry("w", "U8", "[4096]", "[0,4096]") + "}";
    put_file(dir / "model-00002.safetensors", safetensors_bytes(header, std::string(2048, 'x')));
    std::string const at = std::to_string(8 + 1);
    check_refused([&] { (void)qeval::read_safetensors(dir / "model-00002.safetensors"); },
                  {"ST07", "model-00002.safetensors @ byte " + at + ", tensor \"w\", data_offsets[1]", "4096",
                   "<= 2048 (data section is 2048 bytes)", "2048 are missing"});
}
TEST_CASE("ST08 bytes behind the last tensor are rejected") {
    refused_tensor("U8", "[4]", "[0,4]", 5, {"ST08", "end of the data", "1 more bytes", "the end of the file"});
    refused(safetensors_bytes("{}", "PK"), {"ST08", "@ byte 10", "2 more bytes", ""});
}
TEST_CASE("ST09 a header that does not begin with a brace is rejected") {
    for (std::string const header : {" {}", "[]", "\xef\xbb\xbf{}", "#!/bin/sh"}) {
        refused(safetensors_bytes(header), {"ST09", "@ byte 8, header", "", "\"{\""});
    }
}
TEST_CASE("ST10 a root that is no object is rejected") {
    // Behind the brace check only the parser's own root can differ: it is asked directly.
    for (std::string const text : {"[]", "5", "-5", "1.5", "\"a\"", "null", "true"}) {
        std::string const name = "m.safetensors";
        check_refused([&] { (void)qeval::safetensors_header_reader(name, text).read(); },
                      {"ST10", "m.safetensors @ byte", "", "an object"});
    }
}
TEST_CASE("a header that is no JSON is rejected with the byte where it breaks") {
    refused(safetensors_bytes("{\"a\":"), {"JS01", "m.safetensors @ byte 1", "", "JSON"});
    refused(safetensors_bytes("{} {}"), {"JS01", "m.safetensors @ byte 1", "", "JSON"});
    refused(safetensors_bytes("{\"a\":nan}"), {"JS01", "m.safetensors @ byte 1", "", "JSON"});
}
TEST_CASE("ST11 a tensor name used twice is rejected") {
    auto const one = tensor_entry("x", "U8", "[1]", "[0,1]"), two = tensor_entry("x", "U8", "[1]", "[1,2]");
    refused(
        safetensors_bytes("{" + one + "," + two + "}", "ab"),
        {"ST11", "@ byte " + std::to_string(9 + one.size() + 1) + ", tensor \"x\", name", "a second time", "distinct"});
    refused(safetensors_bytes("{\"__metadata__\":{},\"__metadata__\":{}}"), {"ST11", "__metadata__", "", ""});
}
TEST_CASE("ST12 a field given twice inside a tensor is rejected") {
    for (std::string const field : {"\"dtype\":\"U8\"", "\"shape\":[1]", "\"data_offsets\":[0,1]"}) {
        refused(safetensors_bytes("{\"x\":{" + field + "," + field + "}}", "a"),
                {"ST12", "tensor \"x\"", "a second time", "one"});
    }
}
TEST_CASE("ST13 nesting of 100 000 is rejected without recursion") {
    std::string const deep(100'000, '[');
    refused(safetensors_bytes("{\"x\":" + deep),
            {"ST13", "tensor \"x\", nesting", "an array", "as the format has them"});
    refused(safetensors_bytes("{\"x\":{\"shape\":" + deep), {"ST13", "tensor \"x\", nesting", "an array", ""});
    std::string objects = "{\"x\":{\"dtype\":";
    for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
    refused(safetensors_bytes(objects), {"ST13", "tensor \"x\", nesting", "an object", ""});
}
TEST_CASE("ST14 a hole between tensors, or before the first, is rejected") {
    auto const a = tensor_entry("a", "U8", "[2]", "[0,2]"), b = tensor_entry("b", "U8", "[2]", "[3,5]");
    refused(safetensors_bytes("{" + a + "," + b + "}", "12345"),
            {"ST14", "tensor \"b\", data_offsets[0]", "3", "2 (end"});
    refused_tensor("U8", "[2]", "[1,3]", 3, {"ST14", "tensor \"x\", data_offsets[0]", "1", "0 (end"});
}
TEST_CASE("ST15 overlapping tensors are rejected") {
    auto const a = tensor_entry("a", "U8", "[4]", "[0,4]"), b = tensor_entry("b", "U8", "[2]", "[3,5]");
    refused(safetensors_bytes("{" + a + "," + b + "}", "12345"),
            {"ST15", "tensor \"b\", data_offsets[0]", "3", "4 (end"});
}
TEST_CASE("ST15 100 000 names on one range are rejected within seconds") {
    std::string header = "{";
    for (int i = 0; i < 100'000; ++i) {
        header += (i == 0 ? "" : ",") + tensor_entry("t" + std::to_string(i), "U8", "[4]", "[0,4]");
    }
    std::clock_t const start = std::clock(); // processor time: the machine may be busy
    refused(safetensors_bytes(header + "}", "1234"), {"ST15", "data_offsets[0]", "0", "4 (end"});
    auto const spent = double(std::clock() - start) / CLOCKS_PER_SEC;
    CHECK(spent < 20); // under a sanitizer; 0.2 s without; a quadratic scan takes minutes
}
TEST_CASE("ST16 an offset pair that runs backwards is rejected") {
    refused_tensor("U8", "[2]", "[4,2]", 4, {"ST16", "tensor \"x\", data_offsets", "4 and 2", "begin <= end"});
}
TEST_CASE("ST17 a negative offset is rejected") {
    refused_tensor("U8", "[2]", "[-2,0]", 0, {"ST17", "tensor \"x\", data_offsets[0]", "-2", ">= 0"});
    refused_tensor("U8", "[2]", "[0,-2]", 0, {"ST17", "tensor \"x\", data_offsets[1]", "-2", ">= 0"});
}
TEST_CASE("ST18 an offset that is no integer up to 2^53 is rejected") {
    for (std::string const offset : {"2.0", "2e0", "\"2\"", "true", "null", "9007199254740993", "18446744073709551615",
                                     "18446744073709551616", "-0.0"}) {
        refused_tensor("U8", "[2]", "[0," + offset + "]", 2,
                       {"ST18", "tensor \"x\", data_offsets[1]", "", "an integer <= 2^53"});
    }
}
TEST_CASE("ST19 data_offsets of 0, 1 or 3 entries are rejected") {
    refused_tensor("U8", "[2]", "[]", 2, {"ST19", "tensor \"x\", data_offsets", "0 entries", "exactly 2"});
    refused_tensor("U8", "[2]", "[0]", 2, {"ST19", "tensor \"x\", data_offsets", "1 entries", "exactly 2"});
    refused_tensor("U8", "[2]", "[0,2,2]", 2, {"ST19", "tensor \"x\", data_offsets", "more than 2", "exactly 2"});
}
TEST_CASE("ST20 a shape product that wraps to 0 is rejected") {
    refused_tensor("U8", "[4294967296,4294967296]", "[0,0]", 0,
                   {"ST20", "tensor \"x\", shape", "[4294967296, 4294967296]", "0 bytes"});
}
TEST_CASE("ST21 a shape product that wraps to a small number is rejected") {
    // 274177 * 67280421310721 = 2^64 + 1
    refused_tensor("U8", "[274177,67280421310721]", "[0,1]", 1,
                   {"ST21", "tensor \"x\", shape", "1 when wrapped", "1 bytes"});
    refused_tensor("U8", "[18446744073709551615]", "[0,1]", 1,
                   {"ST21", "tensor \"x\", shape", "18446744073709551615", ""});
    refused_tensor("U8", "[18446744073709551617]", "[0,1]", 1,
                   {"ST21", "tensor \"x\", shape[0]", "18446744073709551617", "63 bits"});
    refused_tensor("U8", "[0,9223372036854775808]", "[0,0]", 0,
                   {"ST20", "tensor \"x\", shape", "9223372036854775808", ""});
}
TEST_CASE("ST22 a shape whose bytes wrap is rejected") {
    // 2^59 F64 = 2^65 bits
    refused_tensor("F64", "[576460752303423488]", "[0,0]", 0,
                   {"ST22", "tensor \"x\", shape", "beyond 64 bits", "0 bytes"});
}
TEST_CASE("ST23 a dimension that is no count is rejected") {
    for (std::string const n :
         {"-1", "-9223372036854775808", "-18446744073709551616", "1.0", "1e1", "\"4\"", "null", "false"}) {
        refused_tensor("U8", "[2," + n + "]", "[0,2]", 2, {"ST23", "tensor \"x\", shape[1]", "", "a count >= 0"});
    }
}
TEST_CASE("ST24 a size that differs from shape times dtype is rejected in both directions") {
    refused_tensor("F32", "[2]", "[0,7]", 7, {"ST24", "tensor \"x\", data_offsets", "7 bytes", "8 ([2] of F32)"});
    refused_tensor("F32", "[2]", "[0,9]", 9, {"ST24", "tensor \"x\", data_offsets", "9 bytes", "8 ([2] of F32)"});
    refused_tensor("F32", "[0]", "[0,4]", 4, {"ST24", "tensor \"x\", data_offsets", "4 bytes", "0 ([0] of F32)"});
}
TEST_CASE("ST25 an unknown dtype is rejected, never skipped") {
    refused_tensor("F31", "[1]", "[0,4]", 4, {"ST25", "tensor \"x\", dtype", "\"F31\"", "a dtype of the safetensors"});
    refused_tensor("f32", "[1]", "[0,4]", 4, {"ST25", "tensor \"x\", dtype", "\"f32\"", ""});
    refused(safetensors_bytes("{\"x\":{\"dtype\":32}}"), {"ST25", "tensor \"x\", dtype", "32", ""});
}
TEST_CASE("ST26 a sub-byte tensor that does not end on a byte is rejected") {
    refused_tensor("F4", "[3]", "[0,2]", 2, {"ST26", "tensor \"x\", shape", "12 bits", "a multiple of 8"});
    refused_tensor("F6_E2M3", "[2]", "[0,2]", 2, {"ST26", "tensor \"x\", shape", "12 bits", ""});
}
TEST_CASE("ST27 more than 8 dimensions are rejected") {
    refused_tensor("U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]", 1,
                   {"ST27", "tensor \"x\", shape", "more than 8", "at most 8"});
    scratch const dir;
    CHECK(accepted(dir, "{" + tensor_entry("x", "U8", "[1,1,1,1,1,1,1,1]", "[0,1]") + "}", 1).tensors[0].shape.size() ==
          8);
}
TEST_CASE("ST28 metadata that are no map of strings are rejected") {
    for (std::string const value : {"5", "[]", "{}", "null", "true", "1.5"}) {
        refused(safetensors_bytes("{\"__metadata__\":{\"k\":" + value + "}}"),
                {"ST28", "__metadata__, \"k\"", "", "a string"});
    }
    for (std::string const value : {"5", "[]", "\"a\"", "false"}) {
        refused(safetensors_bytes("{\"__metadata__\":" + value + "}"),
                {"ST28", "__metadata__", "", "an object or null"});
    }
}
TEST_CASE("ST29 an empty name or one with control bytes is rejected, and escaped in the message") {
    refused(safetensors_bytes("{" + tensor_entry("", "U8", "[1]", "[0,1]") + "}", "a"),
            {"ST29", "a name", "empty", ""});
    refused(safetensors_bytes("{" + tensor_entry("a\\u0000b", "U8", "[1]", "[0,1]") + "}", "a"),
            {"ST29", "a name", "\"a\\x00b\"", "no control bytes"});
    refused(safetensors_bytes("{" + tensor_entry("a\\nb\\u001b[31m", "U8", "[1]", "[0,1]") + "}", "a"),
            {"ST29", "a name", "\"a\\x0ab\\x1b[31m\"", "no control bytes"});
}
TEST_CASE("ST30 a name of a megabyte is rejected and cut in the message") {
    scratch const dir;
    put_file(dir / "m",
             safetensors_bytes("{" + tensor_entry(std::string(1 << 20, 'n'), "U8", "[1]", "[0,1]") + "}", "a"));
    try {
        (void)qeval::read_safetensors(dir / "m");
        FAIL("accepted");
    } catch (qeval::file_error const& e) {
        CHECK(e.id() == "ST30");
        CHECK_THAT(e.why().found, Catch::StartsWith("1048576 bytes (\"nnn"));
        CHECK(std::string(e.what()).size() < 400 + dir.path().string().size());
    }
}
TEST_CASE("ST31 a missing or foreign field is rejected") {
    refused(safetensors_bytes("{\"x\":{\"shape\":[1],\"data_offsets\":[0,1]}}", "a"),
            {"ST31", "tensor \"x\", dtype", "no such", ""});
    refused(safetensors_bytes("{\"x\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", "a"),
            {"ST31", "tensor \"x\", shape", "no such", ""});
    refused(safetensors_bytes("{\"x\":{\"dtype\":\"U8\",\"shape\":[1]}}", "a"),
            {"ST31", "tensor \"x\", data_offsets", "no such", ""});
    refused(safetensors_bytes("{\"x\":{}}"), {"ST31", "tensor \"x\"", "no such", ""});
    refused(safetensors_bytes("{\"x\":5}"), {"ST31", "tensor \"x\"", "5", "an object"});
    refused(safetensors_bytes("{\"x\":null}"), {"ST31", "tensor \"x\"", "null", "an object"});
    refused(safetensors_bytes("{\"x\":{\"strides\":[1]}}"),
            {"ST31", "tensor \"x\"", "\"strides\"", "dtype, shape or data_offsets"});
    refused(safetensors_bytes("{\"x\":{\"shape\":4}}"), {"ST31", "tensor \"x\", shape", "4", "an array"});
    refused(safetensors_bytes("{\"x\":{\"data_offsets\":\"0-4\"}}"), {"ST31", "tensor \"x\", data_offsets", "0-4", ""});
}

TEST_CASE("a file cut at any byte is rejected") {
    scratch const     dir;
    std::string const whole =
        safetensors_bytes("{\"__metadata__\":{\"a\":\"b\"}," + tensor_entry("w", "F16", "[2,3]", "[0,12]") + "," +
                              tensor_entry("v", "F32", "[2]", "[12,20]") + "}  ",
                          std::string(20, 'x'));
    for (std::size_t n = 0; n < whole.size(); ++n) {
        put_file(dir / "m", whole.substr(0, n));
        INFO("cut at " << n);
        CHECK_THROWS_AS(qeval::read_safetensors(dir / "m"), qeval::file_error);
    }
    put_file(dir / "m", whole);
    CHECK(qeval::read_safetensors(dir / "m").tensors.size() == 2);
}

TEST_CASE("a file with any single bit flipped is read or refused, never worse") {
    scratch const dir;
    std::string   whole =
        safetensors_bytes("{" + tensor_entry("w", "F16", "[2,3]", "[0,12]") + "}", std::string(12, 'x'));
    std::size_t accepted = 0, rejected = 0;
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        whole[bit / 8] = char(whole[bit / 8] ^ (1 << (bit % 8)));
        put_file(dir / "m", whole);
        try {
            auto const f = qeval::read_safetensors(dir / "m");
            for (auto const& t : f.tensors) CHECK(t.bytes.size() <= whole.size());
            ++accepted;
        } catch (qeval::file_error const&) {
            ++rejected;
        }
        whole[bit / 8] = char(whole[bit / 8] ^ (1 << (bit % 8)));
    }
    CHECK(accepted >= 12 * 8); // at least the data bits
    CHECK(rejected > accepted);
}

TEST_CASE("real safetensors files are read") {
    auto const path = data("models/stories260K/hf");
    if (!path) return;
    auto const one = qeval::read_safetensors(*path / "model-00001-of-00002.safetensors");
    auto const two = qeval::read_safetensors(*path / "model-00002-of-00002.safetensors");
    CHECK(one.tensors.size() + two.tensors.size() == 47);
    auto const big = data("models/babyllama-tok105/hf/model.safetensors");
    if (!big) return;
    auto const   f     = qeval::read_safetensors(*big);
    qeval::index total = 0;
    for (auto const& t : f.tensors) total += t.count();
    CHECK(total == 936'448);
}
