// Also tests ranked_bytes.hpp, tiktoken_encodings.hpp.
#include <string>
#include <vector>

#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

#include "tests/io/hostile.hpp"
#include "tests/io/tokenizer/reader/rank_files.hpp"
#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

std::string id_of(std::string const& text) {
    return error_id([&] { static_cast<void>(read_tiktoken(text, "x.tiktoken")); });
}
} // namespace

TEST_CASE("GPT-2's ranks give the ids of its vocabulary and merges") {
    auto const folder = data("tokenizers/gpt2");
    auto const inp    = data("tokenizers/ggml-vocab/ggml-vocab.inp");
    if (!folder || !inp) return;
    auto const    gpt2 = load_tokenizer(*folder);
    auto const    text = rank_lines(gpt2_tokens(gpt2));
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
    auto const whole = rank_lines(every_byte());
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

TEST_CASE("every encoding of the list reads a file of its number of ranks, with its special tokens behind them") {
    for (auto encoding : tiktoken_encodings) {
        INFO(encoding.name);
        encoding.ranks = 257;
        encoding.first = 300;
        tokenizer const t(read_tiktoken(rank_lines(every_byte({"ab"})), "x.tiktoken", {&encoding, 1}));
        CHECK(t.encode("ab") == std::vector<token>{256});
        CHECK(t.decode(t.encode("a b\r\n 12'll \xc3\xa9")) == "a b\r\n 12'll \xc3\xa9");
        token id = 300;
        for (auto const& name : split_texts(std::string(encoding.specials), " ")) {
            INFO(name);
            CHECK(t.encode_with_specials("ab" + name) == std::vector<token>{256, id});
            CHECK(t.kind(id) == piece_kind::control);
            CHECK(t.encode(name).size() > 1);
            ++id;
        }
        CHECK(id > 300);
        CHECK(t.vocab_size() == static_cast<std::size_t>(id));
    }
}

TEST_CASE("a changed bit of a rank file is refused or read, never more") {
    auto encoding    = tiktoken_encodings[0];
    encoding.ranks   = 258;
    auto const whole = rank_lines(every_byte({"ab", "abc"}));
    for (std::size_t i = 0; i < whole.size() * 8; i += 5) {
        auto flipped   = whole;
        flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
        auto const id  = error_id([&] {
            static_cast<void>(tokenizer(read_tiktoken(flipped, "x.tiktoken", {&encoding, 1})).encode("abcab \xff"));
        });
        CHECK((id.empty() || id.starts_with("TK")));
    }
}

TEST_CASE("a file is taken for ranks where its first line is one") {
    CHECK(is_tiktoken("IQ== 0\nIg== 1\n"));
    CHECK(is_tiktoken("IQ== 0\r\n"));
    for (std::string const text : {"", "\n", "IQ==", "IQ== x\n", " 0\n", "I 0\n", "\x0a\x0e\x0a\x05<unk>"})
        CHECK(!is_tiktoken(text));
}
