#include <string>

#include <tests/support/catch.hpp>

#include <qeval/core/error.hpp>

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
    CHECK(qeval::quoted("\xff\xc3\xa9") == "\"\\xff\\xc3\\xa9\"");
    CHECK(qeval::quoted(std::string(80, 'x')) == '"' + std::string(80, 'x') + '"');
    CHECK(qeval::quoted(std::string(81, 'x')) == '"' + std::string(80, 'x') + "...(81 bytes)\"");
    for (int c = 0; c < 256; ++c)
        for (char out : qeval::quoted(std::string(1, char(c)))) CHECK((out >= 0x20 && out < 0x7f));
}
