// Unigram models and what stands around them, against SentencePiece and tokenizers
// (tests/golden/make_sentencepiece_golden.py). Also tests ../vocabulary/byte_trie.hpp,
// ../rule/sentencepiece_normalizer.hpp,
// ../../text/base64.hpp, ../tokenizer_parts.hpp.
#include <string>
#include <utility>
#include <vector>

#include <qeval/io/text/base64.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

json_document golden() { return json_file(source("tests/golden/tokenizer/sentencepiece.json")); }

std::vector<std::string> texts_of(json_document const& g) {
    std::vector<std::string> texts;
    g.at("texts").for_each_element([&](std::size_t, json_value t) { texts.push_back(t.string()); });
    return texts;
}
std::string id_of(std::string const& json) {
    return error_id([&] { static_cast<void>(tokenizer(read_tokenizer_json(json, "tokenizer.json"))); });
}

} // namespace

TEST_CASE("SentencePiece's models of every kind give the library's ids") {
    auto const  g     = golden();
    auto const  texts = texts_of(g);
    std::size_t count = 0;
    g.at("models").for_each_element([&](std::size_t, json_value m) {
        INFO(m.at("name").string());
        auto const bytes = bytes_of_base64(m.at("model").string());
        REQUIRE(bytes.has_value());
        tokenizer const t(read_sentencepiece_model(*bytes, "m.model"));
        for (std::size_t i = 0; i < texts.size(); ++i) {
            INFO(qeval::quoted(texts[i], 200));
            CHECK(t.encode(texts[i]) == ids_of(m.at("ids")[i]));
        }
        ++count;
    });
    CHECK(count == 6);
}

TEST_CASE("scores add up as in SentencePiece: of user-defined pieces, and in texts of any length") {
    auto const      g    = golden();
    auto const      sums = g.at("sums");
    tokenizer const t(read_sentencepiece_model(*bytes_of_base64(sums.at("model").string()), "m.model"));
    std::size_t     count = 0;
    sums.at("texts").for_each_element([&](std::size_t, json_value one) {
        std::string text;
        for (std::int64_t i = one.at("times").integer(1, 1 << 20); i > 0; --i) text += one.at("text").string();
        INFO(one.at("text").string() << " x " << one.at("times").dump());
        std::string written;
        auto const  ids = t.encode(text);
        for (auto const id : ids) written += (written.empty() ? "" : " ") + std::to_string(id);
        CHECK(static_cast<std::int64_t>(ids.size()) == one.at("count").integer(0, 1 << 20));
        sha256 sum;
        sum.update(written);
        CHECK(sum.hex() == one.at("sha256").string());
        ++count;
    });
    CHECK(count == 9);
}

TEST_CASE("tokenizer.json files of rarer kinds give the library's ids") {
    auto const  g     = golden();
    auto const  texts = texts_of(g);
    std::size_t count = 0;
    g.at("files").for_each_element([&](std::size_t, json_value f) {
        INFO(f.at("name").string());
        tokenizer const t(read_tokenizer_json(f.at("tokenizer").string(), "tokenizer.json"));
        for (std::size_t i = 0; i < texts.size(); ++i) {
            INFO(qeval::quoted(texts[i], 200));
            CHECK(t.encode(texts[i]) == ids_of(f.at("ids")[i]));
            CHECK(t.encode_with_specials(texts[i]) == ids_of(f.at("with_specials")[i]));
        }
        ++count;
    });
    CHECK(count == 14);
}

TEST_CASE("TK04: added tokens that contradict each other or the vocabulary are refused") {
    auto const with = [](std::string const& added) {
        return id_of(tokenizer_text(R"({"vocab":{"a":0,"b":1},"merges":[]})", R"("added_tokens":[)" + added + "]"));
    };
    CHECK(with(R"({"id":2,"content":"<s>"},{"id":2,"content":"</s>"})") == "TK04"); // two texts, one id
    CHECK(with(R"({"id":1,"content":"<s>"})") == "TK04");                           // the id of another piece
    CHECK(with(R"({"id":-1,"content":"<s>"})") == "TK04");
    CHECK(with(R"({"id":900000,"content":"<s>"})") == "TK04");
    CHECK(with(R"({"id":7,"content":"<s>"})").empty()); // a gap
}

TEST_CASE("unigram models that are no such are refused") {
    auto const model = [](std::string const& fields) {
        return id_of(R"({"model":{"type":"Unigram",)" + fields + "}}");
    };
    CHECK(model(R"("unk_id":0,"vocab":[["<unk>",0],["a",-1]])").empty());
    CHECK(model(R"("unk_id":2,"vocab":[["<unk>",0],["a",-1]])") == "TK09");
    CHECK(model(R"("unk_id":0,"vocab":[["<unk>",0],["a"]])") == "TK09");
    CHECK(model(R"("unk_id":0,"vocab":[["<unk>",0],["a","-1"]])") == "TK09");
    CHECK(model(R"("unk_id":0,"vocab":[["<unk>",0],["a",1e300]])") == "TK09");
    CHECK(model(R"("unk_id":0,"vocab":[["<unk>",0],["a",1e999]])") == "TK09"); // numbers that no type holds, and read
    CHECK(model(R"("unk_id":1000000000000000019884624838656,"vocab":[["<unk>",0],["a",-1]])") == "TK09");
    CHECK(model(R"("unk_id":0,"vocab":[["a",0],["a",-1]])") == "TK04");
    CHECK(model(R"("vocab":[["a",-1]])") == "TK08"); // no spelling for other characters
    CHECK(model(R"("byte_fallback":true,"vocab":[["a",-1]],"unk_id":0)").empty());
    CHECK(model(R"("byte_fallback":true,"vocab":[["a",-1],["<0x41>",-1]],"unk_id":0)") == "TK08"); // some bytes
    for (std::string const kind : {"WordLevel", "WordPiece", "Surprise"})
        CHECK(id_of(R"({"model":{"type":")" + kind + R"(","vocab":{"a":0}}})") == "TK06");
}

TEST_CASE("TK11: a damaged table of replacements is refused where it is read or used") {
    auto const table = [](std::string const& bytes) {
        return error_id([&] {
            precompiled_charsmap const map(bytes, "m.model, charsmap");
            for (int c = 1; c < 256; ++c) {
                std::string const text(4, static_cast<char>(c));
                static_cast<void>(map.longest(text));
                static_cast<void>(map.shortest(text));
            }
        });
    };
    CHECK(table("") == "TK11");
    CHECK(table(std::string(4, '\0')) == "TK11");
    CHECK(table(std::string("\x08\0\0\0abcd\0", 9)) == "TK11");       // an array longer than the table
    CHECK(table(std::string("\x04\0\0\0\0\0\0\0abc", 11)) == "TK11"); // no zero behind the last text
    CHECK(table(std::string("\x04\0\0\0\0\0\0\0abc\0", 12)).empty()); // an array of one node: nothing matches
    auto const g     = golden();
    auto const valid = *bytes_of_base64(g.at("charsmap").string());
    CHECK(table(valid).empty());
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < valid.size() * 8; bit += 7) { // each is read, or refused by name
        auto damaged     = valid;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        auto const id    = table(damaged);
        CHECK((id.empty() || id == "TK11"));
        refused += !id.empty();
    }
    CHECK(refused > 0);
}

TEST_CASE("a model file with one changed bit is read, or refused by name") {
    std::size_t refused = 0;
    golden().at("models").for_each_element([&](std::size_t, json_value m) {
        auto const bytes = *bytes_of_base64(m.at("model").string());
        for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 61) {
            auto damaged     = bytes;
            damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
            auto const id    = error_id([&] {
                tokenizer const t(read_sentencepiece_model(damaged, "m.model"));
                static_cast<void>(t.decode(t.encode("The cat \u00c5\u4f60 <x> \xff")));
            });
            INFO(m.at("name").string() << ", bit " << bit << ": " << id);
            CHECK((id.empty() || id.starts_with("TK")));
            refused += !id.empty();
        }
    });
    CHECK(refused > 0);
}

TEST_CASE("base64 is read as RFC 4648 says, and nothing else is") {
    CHECK(bytes_of_base64("") == "");
    CHECK(bytes_of_base64("Zg==") == "f");
    CHECK(bytes_of_base64("Zm8=") == "fo");
    CHECK(bytes_of_base64("Zm9v") == "foo");
    CHECK(bytes_of_base64("AP/+") == std::string("\0\xff\xfe", 3));
    for (std::string const text : {"Z", "Zg", "Zg=", "Zg=a", "=g==", "Zm9v!", "Zm 9", "Zm9-"})
        CHECK(!bytes_of_base64(text));
}

TEST_CASE("a trie finds every text that begins at a place, the shortest first") {
    byte_trie const trie({{"a", 0}, {"ab", 1}, {"abcd", 2}, {"b", 3}, {"\xff\x80", 4}, {"ab", 5}});
    auto const      found = [&](std::string_view text) {
        std::vector<std::pair<std::size_t, token>> all;
        trie.prefixes(text, [&](std::size_t n, token id) { all.emplace_back(n, id); });
        return all;
    };
    using list = std::vector<std::pair<std::size_t, token>>;
    CHECK(found("abcde") == list{{1, 0}, {2, 5}, {4, 2}});
    CHECK(found("abc") == list{{1, 0}, {2, 5}});
    CHECK(found("\xff\x80") == list{{2, 4}});
    CHECK(found("c").empty());
    CHECK(found("").empty());
    CHECK(trie.longest("abcd") == 4);
    CHECK(trie.longest("x") == 0);
    CHECK(byte_trie().longest("a") == 0);
}
