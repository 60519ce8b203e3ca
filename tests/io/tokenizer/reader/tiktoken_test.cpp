#include <string>
#include <vector>

#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

#include "tests/io/hostile.hpp"
#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string                out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? digits[bits >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}
std::string id_of(std::string const& text) {
    return error_id([&] { static_cast<void>(read_tiktoken(text, "x.tiktoken")); });
}
std::string all_bytes() {
    std::string text;
    for (int b = 0; b < 256; ++b) text += base64(std::string(1, static_cast<char>(b))) + " " + std::to_string(b) + "\n";
    return text;
}

} // namespace

TEST_CASE("GPT-2's ranks give the ids of its vocabulary and merges") {
    auto const folder = data("tokenizers/gpt2");
    auto const inp    = data("tokenizers/ggml-vocab/ggml-vocab.inp");
    if (!folder || !inp) return;
    auto const  gpt2 = load_tokenizer(*folder);
    std::string text;
    for (token id = 0; id < 50256; ++id)
        text += base64(*bytes_of_letters(gpt2.piece(id))) + " " + std::to_string(id) + "\n";
    scratch const dir;
    put_file(dir / "r50k_base.tiktoken", text);
    put_file(dir / "tokenizer.model", text); // an extension that does not tell
    auto const ranks = load_tokenizer(dir / "r50k_base.tiktoken");
    CHECK(ranks.vocab_size() == 50257);
    CHECK(ranks.hash() == load_tokenizer(dir / "tokenizer.model").hash());
    REQUIRE(ranks.notes().size() == 1);
    CHECK_THAT(ranks.notes()[0], Catch::Contains("50256 ranks") && Catch::Contains("r50k_base"));
    auto const golden = json_file(source("tests/golden/tokenizer/sentencepiece.json"));
    auto       texts  = shared_texts(*inp);
    golden.at("texts").for_each_element([&](std::size_t, json_value t) { texts.push_back(t.string()); });
    for (auto const& one : texts) {
        INFO(qeval::quoted(one, 200));
        CHECK(ranks.encode(one) == gpt2.encode(one));
        CHECK(ranks.decode(ranks.encode(one)) == one);
    }
    CHECK(ranks.encode_with_specials("a<|endoftext|>") == std::vector<token>{64, 50256});
}

TEST_CASE("what is no rank file, or one of an unknown encoding, is refused") {
    auto const whole = all_bytes();
    CHECK(id_of(whole) == "TK06"); // 256 ranks
    CHECK(id_of(whole + "YWI=\n") == "TK11");
    CHECK(id_of(whole + "YWI= \n") == "TK11");
    CHECK(id_of(whole + "YWI= x\n") == "TK11");
    CHECK(id_of(whole + "YWI= 256 1\n") == "TK11");
    CHECK(id_of(whole + "YWI 256\n") == "TK11");
    CHECK(id_of(whole + " 256\n") == "TK11");
    CHECK(id_of(whole + "YWI= -1\n") == "TK04");
    CHECK(id_of(whole + "YWI= 255\n") == "TK04");
    CHECK(id_of(whole + "QQ== 256\n") == "TK04"); // a second rank for one text
    CHECK(id_of(whole + "YWI= 900000\n") == "TK04");
    CHECK(id_of(whole.substr(whole.find('\n') + 1)) == "TK08");
    for (std::size_t n = 0; n < whole.size(); n += 37) CHECK(!id_of(whole.substr(0, n)).empty());
}

TEST_CASE("a file is taken for ranks where its first line is one") {
    CHECK(is_tiktoken("IQ== 0\nIg== 1\n"));
    CHECK(is_tiktoken("IQ== 0\r\n"));
    for (std::string const text : {"", "\n", "IQ==", "IQ== x\n", " 0\n", "I 0\n", "\x0a\x0e\x0a\x05<unk>"})
        CHECK(!is_tiktoken(text));
}
