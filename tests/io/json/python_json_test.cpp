// Also tests python_json_walk.hpp.
#include <string>
#include <string_view>

#include <qeval/io/json/jsonl.hpp>
#include <qeval/io/json/python_json.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;

// As json.dumps writes it.
std::string ascii(std::string_view text) {
    std::string out = "\"";
    auto const  hex = [&](unsigned unit) {
        char digits[8];
        std::snprintf(digits, sizeof digits, "\\u%04x", unit);
        out += digits;
    };
    for (std::size_t i = 0; i < text.size();) {
        auto const                 byte    = [&](std::size_t k) { return static_cast<unsigned char>(text[i + k]); };
        constexpr std::string_view special = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
        if (auto const k = special.find(text[i]); k != special.npos) {
            out += {'\\', letters[k]};
            ++i;
        } else if (byte(0) < 0x80) {
            byte(0) < 0x20 || byte(0) == 0x7f ? hex(byte(0)) : out.push_back(text[i]);
            ++i;
        } else if (byte(0) < 0xe0) {
            hex((byte(0) & 0x1fU) << 6 | (byte(1) & 0x3fU));
            i += 2;
        } else if (byte(0) < 0xf0) {
            hex((byte(0) & 0xfU) << 12 | (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU));
            i += 3;
        } else {
            unsigned const c =
                ((byte(0) & 7U) << 18 | (byte(1) & 0x3fU) << 12 | (byte(2) & 0x3fU) << 6 | (byte(3) & 0x3fU)) - 0x10000;
            hex(0xd800 + (c >> 10));
            hex(0xdc00 + (c & 0x3ff));
            i += 4;
        }
    }
    return out + '"';
}
std::string described(qeval::python_json const& value) {
    std::string out;
    if (value.is_object()) {
        for (auto const& m : value.members())
            out += (out.empty() ? "" : ",") + ascii(m.name) + ":" + described(m.value);
        return "{" + out + "}";
    }
    if (value.is_array()) {
        for (auto const& e : value.elements()) out += (out.empty() ? "" : ",") + described(e);
        return "[" + out + "]";
    }
    if (value.is_string()) return ascii(value.string());
    std::string const text(value.text());
    return text == "null" || text == "true" || text == "false" ? text : value.is_integer() ? "int" : "float";
}

} // namespace

TEST_CASE("Python's JSON is read, and refused, as Python does") {
    std::size_t texts = 0;
    qeval::for_each_jsonl_row(source("tests/golden/python_json.jsonl"),
                              [&](std::size_t line, qeval::json_document const& row) {
                                  std::string const text = row.root()[0].string();
                                  std::string       outcome;
                                  bool              refused = false;
                                  try {
                                      outcome = described(qeval::python_json::of(text, "t"));
                                  } catch (qeval::file_error const& e) {
                                      refused = e.id() == "JS01";
                                  }
                                  INFO("line " << line << ": " << text);
                                  CHECK(refused == row.root()[1].is_null());
                                  if (!refused && !row.root()[1].is_null()) CHECK(outcome == row.root()[1].string());
                                  ++texts;
                              });
    CHECK(texts > 300);
}
TEST_CASE("nothing in Python's JSON is too deep") {
    std::string const deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
    CHECK(qeval::python_json::of(deep, "t").text().size() == deep.size());
}
TEST_CASE("what breaks Python's JSON is named with its byte, what is read with its place") {
    check_refused([] { (void)qeval::python_json::of("{\"a\": 1,}", "t"); },
                  {"JS01", "t @ byte 8", "}", "a name in double quotes", ""});
    check_refused([] { (void)qeval::python_json::of("{\"a\": [1", "t"); },
                  {"JS01", "t @ byte 8", "the end", "',' or ']'", "incomplete"});
    auto const value = qeval::python_json::of("{\"a b\": [1, NaN]}", "t");
    check_refused([&] { (void)value.members()[0].value.elements()[1].string(); },
                  {"DS06", "t, \"a b\"[1]", "NaN", "a string", ""});
}
