// Also tests decode_utf8.hpp, printable_text.hpp.
#include <string>

#include <tests/support/catch.hpp>

#include <qeval/core/error.hpp>
#include <qeval/core/printable_text.hpp>

TEST_CASE("an error reads: id, place, found, expected, likely") {
    qeval::file_error const e{{"ST07", "model-00002.safetensors @ byte 1234, tensor \"x\", data_offsets[1]", "4096",
                               "<= 2048 (data section is 2048 bytes)", "truncated download"}};
    CHECK(std::string(e.what()) ==
          "error[ST07] model-00002.safetensors @ byte 1234, tensor \"x\", data_offsets[1]: found 4096, "
          "expected <= 2048 (data section is 2048 bytes). Likely: truncated download");
    CHECK(e.id() == "ST07");
    CHECK(e.why().expected == "<= 2048 (data section is 2048 bytes)");
}

TEST_CASE("without a likely cause the text ends after what was expected") {
    CHECK(qeval::diagnostic{"X01", "a", "b", "c", ""}.text() == "error[X01] a: found b, expected c.");
}

TEST_CASE("every error carries the exit code that other tools rely on") {
    auto const code = [](qeval::error const& e) { return int(e.status()); };
    CHECK(code(qeval::usage_error{{}}) == 2);
    CHECK(code(qeval::file_error{{}}) == 3);
    CHECK(code(qeval::environment_error{{}}) == 4);
    CHECK(code(qeval::internal_error{{}}) == 70);
    CHECK(int(qeval::exit_status::ok) == 0);
    CHECK(int(qeval::exit_status::remote) == 5);
    CHECK(int(qeval::exit_status::item_errors) == 6);
    CHECK(int(qeval::exit_status::interrupted) == 130);
}

TEST_CASE("text from a file cannot reach the terminal raw") {
    CHECK(qeval::quoted("model.norm") == "\"model.norm\"");
    CHECK(qeval::quoted("a\"b\\c") == "\"a\\x22b\\x5cc\"");
    CHECK(qeval::quoted(std::string("\x1b[2J\0", 5)) == "\"\\x1b[2J\\x00\"");
    CHECK(qeval::quoted("\xff\xc3\xa9") == "\"\\xff\xc3\xa9\"");
    CHECK(qeval::quoted(std::string(80, 'x')) == '"' + std::string(80, 'x') + '"');
    CHECK(qeval::quoted(std::string(81, 'x')) == '"' + std::string(80, 'x') + "...(81 bytes)\"");
    for (int c = 0; c < 256; ++c)
        for (char out : qeval::quoted(std::string(1, char(c)))) CHECK((out >= 0x20 && out < 0x7f));
}
TEST_CASE("characters that a terminal shows stand in messages as themselves, all others as bytes") {
    for (char const* shown : {"caf\u00e9", "\u4e2d\u6587", "\U0001f600", "\u0301", "\u0645", "\ufffd"})
        CHECK(qeval::quoted(shown) == '"' + std::string(shown) + '"');
    for (char const* hidden : {"\u0085", "\u00ad", "\u200b", "\u202e", "\u2066", "\u2028", "\ufeff", "\ue000", "\ufffe",
                               "\U000e0041", "\U0010ffff", "\xed\xa0\x80", "\xc3", "\xf0\x9f\x98"})
        for (char const c : qeval::quoted(hidden)) CHECK((c >= 0x20 && c < 0x7f));
    CHECK(qeval::quoted("\u4e2d\u6587", 4) == "\"\u4e2d...(6 bytes)\""); // no character is cut
    CHECK(qeval::ascii_message("found \"\u00e9\".") == "found \"\\xc3\\xa9\".");
}
