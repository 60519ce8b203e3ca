// Also tests json.hpp, json_value.hpp, json_limits.hpp, odd_numbers.hpp.
#include <cmath>
#include <limits>
#include <string>

#include <qeval/io/json/json_document.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;

void refused(std::string const& text, refusal const& wanted, qeval::json_limits const& limits = {}) {
    check_refused([&] { (void)qeval::parse_json(text, "a.json", limits); }, wanted);
}

} // namespace

TEST_CASE("a JSON document gives typed values and remembers where they stand") {
    auto const d = qeval::parse_json(R"({"a":{"b":[1,-2,0.5,"x",true,null]},"n":null})", "a.json");
    auto const b = d.at("a").at("b");
    CHECK(b.size() == 6);
    CHECK(b[0].integer(1, 1) == 1);
    CHECK(b[1].integer(-2, 0) == -2);
    CHECK(b[2].number(0, 1) == 0.5);
    CHECK(b[0].number(0, 1) == 1.0);
    CHECK(b[3].string() == "x");
    CHECK(b[4].boolean());
    CHECK(b[5].is_null());
    CHECK_FALSE(d.find("n").has_value()); // null is as good as absent
    CHECK_FALSE(d.find("z").has_value());
    CHECK(b[3].place() == "a.json, a.b[3]");
}
TEST_CASE("a document keeps its values in place when it is moved") {
    auto       first = qeval::parse_json(R"({"k":[7]})", "a.json");
    auto const value = first.at("k")[0];
    auto const moved = std::move(first);
    CHECK(value.integer(0, 9) == 7);
    CHECK(value.place() == "a.json, k[0]");
}
TEST_CASE("a value of another type or range is rejected with path, found and expected") {
    auto const d =
        qeval::parse_json(R"({"a b":[{"c":-1}],"f":16.5,"big":18446744073709551615,"s":"t","o":{}})", "a.json");
    check_refused([&] { (void)d.at("a b")[0].at("c").integer(0, 9); },
                  {"JS09", "a.json, \"a b\"[0].c", "-1", "an integer from 0 to 9"});
    check_refused([&] { (void)d.at("f").integer(0, 99); }, {"JS09", "a.json, f", "16.5", "an integer"});
    check_refused([&] { (void)d.at("big").integer(0, std::numeric_limits<std::int64_t>::max()); },
                  {"JS09", "big", "18446744073709551615", ""});
    check_refused([&] { (void)d.at("s").number(0, 1); }, {"JS09", "a.json, s", "the string \"t\"", "a number from"});
    check_refused([&] { (void)d.at("f").string(); }, {"JS09", "a.json, f", "16.5", "a string"});
    check_refused([&] { (void)d.at("s").boolean(); }, {"JS09", "a.json, s", "\"t\"", "true or false"});
    check_refused([&] { (void)d.at("o")[0]; }, {"JS09", "a.json, o", "an object", "an array"});
    check_refused([&] { (void)d.at("a b").at("k"); }, {"JS09", "\"a b\"", "an array of 1", "an object"});
    check_refused([&] { (void)d.at("a b")[1]; }, {"JS09", "\"a b\"", "1 elements", "more than 1"});
    check_refused([&] { (void)d.at("none"); },
                  {"JS09", "a.json, the root value", "no field \"none\"", "the field \"none\""});
}
TEST_CASE("JS01 what is no JSON is rejected with the byte where it breaks") {
    refused("", {"JS01", "a.json @ byte 0", "", "JSON", "incomplete download"});
    refused("{\"a\":[1,2", {"JS01", "a.json @ byte 9", "", "JSON", "incomplete download"});
    refused("{\"a\":\"b", {"JS01", "a.json @ byte", "", "JSON", "incomplete download"});
    refused("{} x", {"JS01", "a.json @ byte 3", "", "JSON"});
    for (std::string const text : {"{'a':1}", "[1,]", "[01]", "[NaN]", "[1e400]", "[-1e400]", "// c\n1", "[\"\xff\"]",
                                   "[\"\xc0\x80\"]", "[\"\xed\xa0\x80\"]", "[\"\\ud800\"]", "[\"\n\"]", "\xff\xfe[]"}) {
        INFO(text);
        refused(text, {"JS01", "a.json @ byte ", "", "JSON"});
    }
}
TEST_CASE("JS02 nesting deeper than 64 is rejected, 64 is not") {
    CHECK(qeval::parse_json(std::string(64, '[') + std::string(64, ']'), "a").root().is_array());
    refused(std::string(65, '[') + std::string(65, ']'), {"JS02", "a.json @ byte 65", "deeper than 64", "<= 64"});
    refused(std::string(2'000'000, '['), {"JS02", "a.json @ byte 65", "", ""});
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
    refused(objects, {"JS02", "a.json", "", ""});
}
TEST_CASE("JS03 a duplicate key is rejected at any depth, escaped or not") {
    refused(R"({"a":1,"a":2})", {"JS03", "a.json @ byte 10", "\"a\" twice", "distinct"});
    refused(R"([{"x":{"a":1,"\u0061":1}}])", {"JS03", "a.json", "\"a\" twice", ""});
    CHECK(qeval::parse_json(R"([{"a":1},{"a":1}])", "a").root().size() == 2);
}
TEST_CASE("JS04 and JS05 texts and element counts beyond the limits are rejected") {
    refused("[1,2,3]", {"JS04", "a.json @ byte 0", "7 bytes", "at most 6"}, {6, 100, 64, "JS09"});
    refused("[1,2,3]", {"JS05", "a.json", "more than 3 elements", ""}, {100, 3, 64, "JS09"});
    refused(R"({"a":1,"b":2})", {"JS05", "a.json", "more than 4", ""}, {100, 4, 64, "JS09"}); // keys count
    CHECK(qeval::parse_json("[1,2,3]", "a", {7, 4, 64, "JS09"}).root().size() == 3);
}
TEST_CASE("JS06 a byte order mark is rejected") {
    refused("\xef\xbb\xbf{}", {"JS06", "a.json @ byte 0", "byte order mark", ""});
}
TEST_CASE("JS07 a NUL in a key is rejected, in a string it is kept") {
    refused(R"({"a\u0000b":1})", {"JS07", "a.json", "\"a\\x00b\"", "without NUL"});
    CHECK(qeval::parse_json(R"(["a\u0000b"])", "a").root()[0].string() == std::string("a\0b", 3));
}
TEST_CASE("JS08 an integer beyond 64 bits is rejected, never rounded") {
    for (std::string const n : {"18446744073709551616", "-9223372036854775809", "1000000000000000000000000"}) {
        refused("[" + n + "]", {"JS08", "a.json", n, "at most 64 bits"});
    }
    auto const d = qeval::parse_json("[18446744073709551615,-9223372036854775808,-0,-0.0,1e2]", "a");
    CHECK(d.root()[0].dump() == "18446744073709551615");
    CHECK(d.root()[1].integer(std::numeric_limits<std::int64_t>::min(), 0) == std::numeric_limits<std::int64_t>::min());
    CHECK(d.root()[2].integer(0, 0) == 0);
    CHECK(std::signbit(d.root()[3].number(-1, 1)));
    CHECK_THROWS_AS(d.root()[4].integer(0, 1000), qeval::file_error); // a float, however round
}
TEST_CASE(
    "a number that nothing holds is of no type where files of publishers are read, and its neighbours are as ever") {
    qeval::json_limits limits;
    limits.odd_numbers = true;
    std::string const beyond(400, '9');
    for (std::string const n : {"1000000000000000019884624838656", "-9223372036854775809", "NaN", "Infinity",
                                "-Infinity", "1e999", "-1.5E+999", beyond.c_str()}) {
        INFO(n);
        std::string const text = "{\"a\":0.5,\"n\":" + n + ",\"b\":[7," + n + "],\"s\":\"NaN 1e999 \\\" " + n + "\"}";
        auto const        d    = qeval::parse_json(text, "a.json", limits);
        CHECK(d.at("a").number(0, 1) == 0.5);
        CHECK(d.at("b")[0].integer(7, 7) == 7);
        CHECK(d.at("s").string() == "NaN 1e999 \" " + n);
        CHECK(d.text() == text);
        CHECK_FALSE(d.at("n").is_number());
        CHECK_FALSE(d.at("n").is_string());
        auto const shown = n.substr(0, 60);
        check_refused([&] { (void)d.at("n").integer(0, 1); }, {"JS09", "a.json, n", "the number", "an integer"});
        check_refused([&] { (void)d.at("n").integer_within(0, 1); }, {"JS09", "a.json, n", shown, "an integer"});
        check_refused([&] { (void)d.at("n").number(-1e308, 1e308); }, {"JS09", "a.json, n", shown, "a number"});
        check_refused([&] { (void)d.at("n").string(); }, {"JS09", "a.json, n", shown, "a string"});
        check_refused([&] { (void)d.at("b")[1].boolean(); }, {"JS09", "a.json, b[1]", shown, "true or false"});
    }
    // What is no JSON but for such numbers stays refused, at its place.
    for (std::string const text : {"[NaN,]", "[nan]", "[-NaN]", "[+Infinity]", "[01e999]", "[1.e999]", "[1e999",
                                   "[NaNNaN]", "[1e999 1]", "{NaN:1}", "[Infinity,\"\\x\"]"}) {
        INFO(text);
        refused(text, {"JS01", "a.json @ byte ", "", "JSON"}, limits);
    }
    refused("[NaN,NaN,,1]", {"JS01", "a.json @ byte 9", "", "JSON"}, limits);
    refused("{\"a\":1e999,\"a\":1}", {"JS03", "a.json", "twice", ""}, limits);
}
TEST_CASE("a number outside of a range that means none is told from what is no integer") {
    auto const d = qeval::parse_json("[-1,7,18446744073709551615,0.5]", "a.json");
    CHECK_FALSE(d.root()[0].integer_within(0, 9));
    CHECK(d.root()[1].integer_within(0, 9) == 7);
    CHECK_FALSE(d.root()[2].integer_within(0, 9));
    check_refused([&] { (void)d.root()[3].integer_within(0, 9); }, {"JS09", "a.json, [3]", "0.5", "an integer"});
}
TEST_CASE("output keeps the order of keys and survives text that is no UTF-8") {
    qeval::json out;
    out["z"] = 1;
    out["a"] = "x\xffy";
    CHECK(qeval::json_text(out) == "{\"z\":1,\"a\":\"x\xef\xbf\xbdy\"}");
}
