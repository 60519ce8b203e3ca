// Also tests tokenizer_json_fields.hpp, ../tokenizer_parts.hpp, ../vocabulary/vocabulary.hpp, ../algorithm/bpe.hpp,
// ../rule/normalizer.hpp, ../rule/pretokenizer.hpp, ../rule/token_decoder.hpp.
#include <set>
#include <string>
#include <vector>

#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/tokenizer/reader/tokenizer_json.hpp>

#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

tokenizer from_text(std::string const& text) { return tokenizer(read_tokenizer_json(text, "tokenizer.json")); }

struct expected_ids {
    std::vector<std::vector<token>> plain;
    std::vector<std::vector<token>> specials;
};

expected_ids expected_of(json_value v) {
    expected_ids out;
    v.at("plain").for_each_element([&](std::size_t, json_value ids) { out.plain.push_back(ids_of(ids)); });
    v.at("specials").for_each_element([&](std::size_t i, json_value ids) {
        out.specials.push_back(ids.is_null() ? out.plain[i] : ids_of(ids));
    });
    return out;
}

void check_ids(tokenizer const& t, std::vector<std::string> const& texts, expected_ids const& want) {
    REQUIRE(texts.size() == want.plain.size());
    REQUIRE(texts.size() == want.specials.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        INFO("text " << i << ": " << qeval::quoted(texts[i], 200));
        CHECK(t.encode(texts[i]) == want.plain[i]);
        CHECK(t.encode_with_specials(texts[i]) == want.specials[i]);
    }
}

std::vector<std::string> strings_of(json_value list) {
    std::vector<std::string> out;
    list.for_each_element([&](std::size_t, json_value s) { out.push_back(s.string()); });
    return out;
}

void check_decoding(tokenizer const& t, expected_ids const& ids, json_value want) {
    REQUIRE(want.size() == ids.plain.size());
    want.for_each_element([&](std::size_t i, json_value text) {
        if (text.is_null()) return; // the library shows U+FFFD there
        INFO("text " << i << ": " << qeval::quoted(text.string(), 200));
        CHECK(t.decode(ids.plain[i]) == text.string());
    });
}

void check_model(std::string const& name, std::filesystem::path const& file) {
    auto const golden = json_file(source("tests/golden/tokenizer/models.json"));
    auto const model  = golden.at("models").at(name);
    auto const text   = read_whole(file);
    REQUIRE(sha256_hex(text) == model.at("sha256").string());
    auto const t     = from_text(text);
    auto const texts = expected_of(model.at("texts"));
    check_ids(t, strings_of(golden.at("texts")), texts);
    check_decoding(t, texts, model.at("decoded"));
    if (auto const inp = data("tokenizers/ggml-vocab/ggml-vocab.inp")) {
        check_ids(t, shared_texts(*inp), expected_of(model.at("shared")));
    }
}

} // namespace

TEST_CASE("the bundled model's tokenizer gives the ids of the tokenizers library") {
    check_model("qeval-5m", source("examples/models/qeval-5m/tokenizer.json"));
}

TEST_CASE("granite's byte-level tokenizer gives the ids of the tokenizers library") {
    if (auto const file = data("tokenizers/starcoder1-granite/tokenizer.json"))
        check_model("starcoder1-granite", *file);
}

TEST_CASE("phi-3's byte-fallback tokenizer gives the ids of the tokenizers library") {
    if (auto const file = data("tokenizers/phi-3-mini/tokenizer.json")) check_model("phi-3-mini", *file);
}

TEST_CASE("every component of tokenizer.json gives the ids of the tokenizers library") {
    auto const  golden = json_node::parse(read_whole(source("tests/golden/tokenizer/components.json")));
    auto const  whole  = json_file(source("tests/golden/tokenizer/components.json"));
    auto const  texts  = strings_of(whole.at("texts"));
    std::size_t count  = 0;
    whole.at("variants").for_each_element([&](std::size_t i, json_value variant) {
        auto const& parts = golden["variants"][i]["parts"];
        auto        file  = parts;
        file["model"]     = golden["bases"][golden["variants"][i]["base"].get<std::string>()];
        for (char const* const key : {"ignore_merges", "fuse_unk", "unk_token"}) {
            if (parts.contains(key)) file["model"][key] = parts[key];
        }
        INFO("variant " << variant.at("base").string() << ", " << variant.at("name").string());
        auto const t    = from_text(file.dump());
        auto const want = expected_of(variant);
        check_ids(t, texts, want);
        if (auto const decoded = variant.find("decoded")) check_decoding(t, want, *decoded);
        ++count;
    });
    CHECK(count == 48);
}

TEST_CASE("a template says which tokens stand before and after a text") {
    auto const t = from_text(tokenizer_text(
        byte_level_model({}),
        byte_level_step +
            R"(,"added_tokens":[{"id":256,"content":"<s>","special":true},{"id":257,"content":"</s>","special":true}],
        "post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel","trim_offsets":true},
        {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},
        {"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],
        "special_tokens":{"<s>":{"id":"<s>","ids":[256]},"</s>":{"id":"</s>","ids":[257]}}}]})"));
    CHECK(std::vector<token>(t.before().begin(), t.before().end()) == std::vector<token>{256});
    CHECK(std::vector<token>(t.after().begin(), t.after().end()) == std::vector<token>{257});
}

TEST_CASE("a template that names a token outside the vocabulary is refused") {
    CHECK(error_id([] {
              from_text(tokenizer_text(byte_level_model({}),
                                       byte_level_step + R"(,"post_processor":{"type":"TemplateProcessing",
              "single":[{"SpecialToken":{"id":"<s>","type_id":0}}],
              "special_tokens":{"<s>":{"id":"<s>","ids":[256]}}})"));
          }) == "TK09");
}

// The malformed inputs of the contract, by id.

namespace {

std::string with_split(std::string const& pattern) {
    return R"("pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":)" +
           json(pattern).dump() +
           R"(},"behavior":"Isolated"},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})";
}

} // namespace

TEST_CASE("TK01: a pattern that backtracks without end stops with an error") {
    auto const t = from_text(tokenizer_text(byte_level_model({}), with_split("(a+)+$")));
    CHECK(error_id([&] { static_cast<void>(t.encode(std::string(60, 'a') + "!")); }) == "TK01");
    auto const text = error_text([&] { static_cast<void>(t.encode(std::string(60, 'a') + "!")); });
    CHECK_THAT(text, Catch::Contains("match limit") &&
                         Catch::Contains("tokenizer.json, pre_tokenizer.pretokenizers[0].pattern.Regex"));
    CHECK(t.encode("aaa").size() == 3); // the tokenizer is still of use
}

TEST_CASE("TK02: an invalid pattern is refused with its offset") {
    auto const refusal = [](std::string const& pattern) {
        return error_text([&] { from_text(tokenizer_text(byte_level_model({}), with_split(pattern))); });
    };
    CHECK_THAT(refusal("ab(c"), Catch::StartsWith("error[TK02]") && Catch::Contains("at byte 4"));
    CHECK_THAT(refusal("[a&&b]"),
               Catch::StartsWith("error[TK02]") && Catch::Contains("at byte 2: a class intersection"));
    CHECK_THAT(refusal(""), Catch::StartsWith("error[TK02]"));
    CHECK_THAT(refusal("(*LIMIT_MATCH=1)a"), Catch::StartsWith("error[TK02]"));
    CHECK_THAT(refusal("((((a{1000}){1000}){1000}){1000})"), Catch::StartsWith("error[TK02]"));
    auto const empty = from_text(tokenizer_text(byte_level_model({}), with_split("a*")));
    CHECK(error_id([&] { static_cast<void>(empty.encode("b")); }) == "TK02");
}

TEST_CASE("TK03: a merge that names an unknown piece is refused") {
    auto const refusal = [](std::string const& merge) {
        return error_text(
            [&] { from_text(tokenizer_text(R"({"vocab":{"a":0,"b":1,"ab":2},"merges":[)" + merge + "]}")); });
    };
    CHECK_THAT(refusal(R"("a c")"), Catch::StartsWith("error[TK03] tokenizer.json, merge 0: found the piece \"c\""));
    CHECK_THAT(refusal(R"("a b",["b","a"])"),
               Catch::StartsWith("error[TK03] tokenizer.json, merge 1: found the piece \"ba\""));
    CHECK_THAT(refusal(R"("ab")"), Catch::StartsWith("error[TK03]"));
    CHECK_THAT(refusal(R"("a b c")"), Catch::StartsWith("error[TK03]"));
    CHECK_THAT(refusal(R"(["a"])"), Catch::StartsWith("error[TK03]"));
    CHECK(refusal(R"("a b",["a","b"])").empty());
}

TEST_CASE("TK04: duplicate, sparse, negative and fractional ids are refused") {
    auto const id = [](std::string const& vocab, std::string const& added = "") {
        return error_id([&] {
            from_text(
                tokenizer_text(R"({"vocab":{)" + vocab + R"(},"merges":[]})", R"("added_tokens":[)" + added + "]"));
        });
    };
    CHECK(id(R"("a":0,"b":1)").empty());
    CHECK(id(R"("a":0,"b":0)") == "TK04");
    CHECK(id(R"("a":-1)") == "TK04");
    CHECK(id(R"("a":1.5)") == "TK04");
    CHECK(id(R"("a":"0")") == "TK04");
    CHECK(id(R"("a":0,"b":100000)") == "TK04");
    CHECK(id(R"("a":0,"b":2147483648)") == "TK07");
    CHECK(id(R"("a":0,"a":1)") == "JS03");
    CHECK(id(R"("a":0)", R"({"id":0,"content":"b"})") == "TK04");
    CHECK(id(R"("a":0,"b":1)", R"({"id":1,"content":"a"})").empty()); // it is the piece 0
    CHECK(id(R"("a":0)", R"({"id":1,"content":"b"},{"id":1,"content":"b"})").empty());
    CHECK(id(R"("a":0)", R"({"id":1,"content":"b"},{"id":1,"content":"c"})") == "TK04");
    CHECK(id(R"("a":0)", R"({"id":-3,"content":"b"})") == "TK04");
    CHECK(id(R"("a":0)", R"({"id":2147483648,"content":"b"})") == "TK04");
    CHECK(id(R"("a":0)", R"({"id":1,"content":"b"})").empty());
}

TEST_CASE("TK05: an added token without text is refused") {
    auto const refusal = [](std::string const& fields) {
        return error_text([&] { from_text(tokenizer_text(R"({"vocab":{"a":0},"merges":[]})", fields)); });
    };
    CHECK_THAT(refusal(R"("added_tokens":[{"id":1,"content":""}])"),
               Catch::StartsWith("error[TK05] tokenizer.json, added_tokens[0].content: found the string \"\""));
    CHECK_THAT(refusal(R"("normalizer":{"type":"Strip"},"added_tokens":[{"id":1,"content":"  ","normalized":true}])"),
               Catch::StartsWith("error[TK05]"));
    CHECK_THAT(refusal(R"("added_tokens":[{"id":1,"content":")" + std::string(1025, 'x') + R"("}])"),
               Catch::StartsWith("error[TK05]"));
}

TEST_CASE("TK06: a component of an unknown type is refused, never skipped") {
    std::string const model = R"({"vocab":{"a":0},"merges":[]})";
    auto const        id    = [&](std::string const& fields) {
        return error_id([&] { from_text(tokenizer_text(model, fields)); });
    };
    for (std::string const kind : {"normalizer", "pre_tokenizer", "post_processor", "decoder"}) {
        INFO(kind);
        CHECK(id("\"" + kind + R"(":{"type":"Surprise"})") == "TK06");
        CHECK(id("\"" + kind + R"(":{})") == "TK09");
        CHECK(id("\"" + kind + R"(":null)").empty());
    }
    CHECK(id(R"("pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"UnicodeScripts"}]})") == "TK06");
    CHECK(id(R"("pre_tokenizer":{"type":"Split","pattern":{"String":"a"},"behavior":"Sometimes"})") == "TK06");
    CHECK(id(R"("pre_tokenizer":{"type":"Metaspace","replacement":"_","prepend_scheme":"often"})") == "TK06");
    CHECK(error_id([] { from_text(R"({"model":{"type":"WordPiece","vocab":{"a":0}}})"); }) == "TK06");
    CHECK(error_id([] { from_text(R"({"model":{"vocab":{"a":0},"merges":[],"dropout":0.1}})"); }).empty());
    CHECK_THAT(
        error_text([&] { from_text(tokenizer_text(model, R"("normalizer":{"type":"Nmt"})")); }),
        Catch::Contains("normalizer.type: found the string \"Nmt\", expected a normalizer that qeval implements"));
}

TEST_CASE("TK07: a vocabulary of millions of pieces is refused before it takes memory") {
    CHECK(error_id([] { from_text(R"({"model":{"vocab":{"a":50000000},"merges":[]}})"); }) == "TK07");
    // 50 M entries as text exceed the JSON limits; a lower cap shows the same refusal at once.
    json_limits limits = tokenizer_json_limits();
    CHECK(limits.bytes < std::size_t{50'000'000} * 6);
    CHECK(limits.elements < std::size_t{50'000'000});
    limits.elements  = 1000;
    std::string text = R"({"model":{"vocab":{)";
    for (int i = 0; i < 1000; ++i) text += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":" + std::to_string(i);
    text += R"(},"merges":[]}})";
    CHECK(error_id([&] { static_cast<void>(parse_json(text, "tokenizer.json", limits)); }) == "JS05");
}

TEST_CASE("TK08: a byte-level or byte-fallback vocabulary that lacks bytes is refused") {
    CHECK_THAT(error_text([] { from_text(tokenizer_text(R"({"vocab":{"a":0},"merges":[]})", byte_level_step)); }),
               Catch::StartsWith("error[TK08] tokenizer.json: found no piece for 240 of 243 bytes of text"));
    CHECK(error_id([] {
              from_text(
                  tokenizer_text(R"({"vocab":{"a":0,"<unk>":1},"merges":[],"unk_token":"<unk>"})", byte_level_step));
          }).empty());
    CHECK_THAT(
        error_text([] { from_text(tokenizer_text(R"({"vocab":{"<0x00>":0},"merges":[],"byte_fallback":true})")); }),
        Catch::StartsWith("error[TK08] tokenizer.json: found 1 byte pieces, expected none or all 256"));
}

TEST_CASE("a tokenizer.json cut anywhere is refused") {
    auto const text =
        tokenizer_text(R"({"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]})",
                       R"("normalizer":{"type":"NFC"},"added_tokens":[{"id":3,"content":"<s>","special":true}])");
    CHECK(error_id([&] { from_text(text); }).empty());
    for (std::size_t n = 0; n < text.size(); ++n) CHECK(error_id([&] { from_text(text.substr(0, n)); }) == "JS01");
}
