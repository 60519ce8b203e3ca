#include <string>
#include <vector>

#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

#include "tests/io/hostile.hpp"
#include "tests/io/tokenizer/reader/rank_files.hpp"
#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

tokenizer_parts read(std::string const& text) {
    auto const document = parse_json(text, "tekken.json", tokenizer_json_limits());
    return tekken_reader(document).read();
}
std::string const words = R"( ?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+)";

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    auto const at = text.find(what);
    REQUIRE(at != text.npos);
    return text.replace(at, what.size(), by);
}

} // namespace

TEST_CASE("GPT-2's ranks in a tekken.json give its ids behind the special tokens") {
    auto const folder = data("tokenizers/gpt2");
    auto const inp    = data("tokenizers/ggml-vocab/ggml-vocab.inp");
    if (!folder || !inp) return;
    auto const  gpt2 = load_tokenizer(*folder);
    std::string pattern;
    for (char const c : gpt2_pattern) pattern += c == '\\' ? std::string("\\\\") : std::string(1, c);
    scratch const dir;
    put_file(dir / "tekken.json", tekken_text(gpt2_tokens(gpt2), pattern, 1000));
    put_file(dir / "of another name.json", get_file(dir / "tekken.json"));
    auto const t = load_tokenizer(dir.path());
    CHECK(t.hash() == load_tokenizer(dir / "of another name.json").hash());
    CHECK(t.vocab_size() == 51256);
    for (auto const& one : shared_texts(*inp)) {
        INFO(qeval::quoted(one, 200));
        auto want = gpt2.encode(one);
        for (auto& id : want) id += 1000;
        CHECK(t.encode(one) == want);
        CHECK(t.decode(want) == one);
    }
}

TEST_CASE("a tekken.json without special tokens has those of its first versions, and all begin with <s>") {
    tokenizer const t(read(tekken_text(every_byte({"ab"}), words, 22)));
    CHECK(t.bos() == 1);
    CHECK(t.eos() == 2);
    CHECK(t.adds_bos());
    CHECK(t.piece(3) == "[INST]");
    CHECK(t.piece(19) == "[TOOL_CONTENT]");
    CHECK(t.piece(21) == "<SPECIAL_21>");
    CHECK(t.encode_with_specials("ab[/INST]ab") == std::vector<token>{278, 4, 278});
    CHECK(t.encode("[/INST]").size() == 7);
    CHECK(t.decode({std::vector<token>{1, 278, 2}}) == "ab");
    tokenizer const listed(read(tekken_text(every_byte({"ab"}), words, 22,
                                            R"(,"special_tokens":[{"rank":0,"token_str":"<unk>","is_control":true},
                                                                  {"rank":1,"token_str":"[X]","is_control":true}])")));
    CHECK(listed.bos() == -1);
    CHECK_FALSE(listed.adds_bos());
    CHECK(listed.encode_with_specials("[X]") == std::vector<token>{1});
    CHECK(listed.piece(2) == "<SPECIAL_2>");
}

TEST_CASE("tokens that a tekken.json lists behind its vocabulary size are no part of it") {
    tokenizer const t(read(tekken_text(every_byte({"ab", "abc"}), words, 20, "", 1)));
    CHECK(t.vocab_size() == 277);
    CHECK(t.encode("abc") == std::vector<token>{276, 20 + 'c'});
}

TEST_CASE("what contradicts itself in a tekken.json is refused") {
    auto const whole   = tekken_text(every_byte({"ab"}), words, 20);
    auto const refused = [](std::string const& text, refusal const& wanted) {
        check_refused([&] { static_cast<void>(read(text)); }, wanted);
    };
    refused(tekken_text(every_byte(), words, 20, "", -1), {"TK11", "vocab", "256", "at least 257"});
    refused(replaced(whole, "\"rank\":7,", "\"rank\":8,"), {"TK04", "vocab[7].rank", "8", "7, its place"});
    refused(replaced(whole, "\"rank\":7,", "\"rank\":7.0,"), {"TK04", "vocab[7].rank", "7", "7, its place"});
    refused(replaced(whole, "\"Bw==\"", "\"Bg==\""), {"TK04", "", "ids 26 and 27", "one id for each piece"});
    refused(replaced(whole, "\"YWI=\"", "\"\""), {"TK11", "token_bytes", "", "at least one byte"});
    refused(replaced(whole, "\"YWI=\"", "\"YWI\""), {"TK09", "token_bytes", "YWI", "base64"});
    refused(replaced(whole, "\"Bw==\"", "\"YWJj\""), {"TK08", "tekken.json", "<0x07>", "all 256 bytes"});
    refused(replaced(whole, "tokens\":20", "tokens\":19"), {"TK09", "default_num_special_tokens", "19", "from 20"});
    refused(replaced(whole, "tokens\":20", "tokens\":1000000"), {"TK09", "default_num_special_tokens", "", "10000"});
    refused(replaced(whole, "vocab_size\":277", "vocab_size\":-1"), {"TK09", "default_vocab_size", "-1", ""});
    refused(replaced(whole, R"( ?\\p{L}+|)", "(|"), {"TK02", "config.pattern", "", "a valid regular expression"});
    auto const specials = [&](std::string const& list) {
        return tekken_text(every_byte(), words, 20, ",\"special_tokens\":" + list);
    };
    refused(specials(R"([{"rank":1,"token_str":"<s>"}])"), {"TK04", "special_tokens[0].rank", "1", "0, its place"});
    refused(specials(R"([{"rank":0,"token_str":"<s>"},{"rank":1,"token_str":"<s>"}])"),
            {"TK04", "<s>", "ids 0 and 1", "one id for each piece"});
    refused(specials(R"([{"rank":0,"token_str":"a"}])"), {"TK04", "\"a\"", "ids", "one id for each piece"});
    CHECK(error_id([&] { tokenizer(read(specials(R"([{"rank":0,"token_str":""}])"))); }) == "TK05");
}

TEST_CASE("a changed bit of a tekken.json is refused or read, never more") {
    auto const whole = tekken_text(every_byte({"ab", "abc"}), words, 20);
    for (std::size_t i = 0; i < whole.size() * 8; i += 29) {
        auto flipped   = whole;
        flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
        auto const id  = error_id([&] { static_cast<void>(tokenizer(read(flipped)).encode("abcab \xff")); });
        CHECK((id.empty() || id.starts_with("TK") || id.starts_with("JS")));
    }
}

TEST_CASE("tekken.json is told from tokenizer.json by what it has, whatever it is called") {
    auto const is = [](std::string const& text) { return is_tekken(parse_json(text, "x.json")); };
    CHECK(is(tekken_text({}, "x")));
    for (std::string const other : {"[]", "{}", R"({"config":1})", R"({"config":{}})", R"({"model":{"type":"BPE"}})"})
        CHECK(!is(other));
}
