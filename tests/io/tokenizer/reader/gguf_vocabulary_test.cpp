// Also tests ../vocabulary/generation_ends.hpp.
#include <array>
#include <string>
#include <vector>

#include <qeval/io/tokenizer/reader/gguf_vocabulary.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"

namespace {

using namespace qeval_test;

qeval::gguf_file read(scratch const& dir, gguf_bytes const& g) {
    put_file(dir / "m.gguf", g.bytes());
    return qeval::read_gguf(dir / "m.gguf", gguf_types);
}
void refused(gguf_bytes const& g, refusal const& wanted) {
    scratch const dir;
    auto const    f = read(dir, g);
    check_refused([&] { (void)qeval::read_gguf_vocabulary(f.metadata); }, wanted);
}
// Tokens with two more arrays.
gguf_bytes tokens(std::vector<std::string> const& list) {
    gguf_bytes g;
    g.text("tokenizer.ggml.model", "llama").strings("tokenizer.ggml.tokens", list);
    return g;
}
// Of a model that has no defaults.
gguf_bytes bare_tokens(std::vector<std::string> const& list) {
    gguf_bytes g;
    g.text("tokenizer.ggml.model", "gemma4").strings("tokenizer.ggml.tokens", list);
    return g;
}

} // namespace

TEST_CASE("a GGUF vocabulary in order is read") {
    scratch const dir;
    gguf_bytes    g;
    add_vocabulary(g).number("tokenizer.ggml.add_bos_token", 7, std::uint8_t{1});
    auto const f = read(dir, g);
    auto const v = qeval::read_gguf_vocabulary(f.metadata);
    REQUIRE(v.has_value());
    CHECK(v->model == "llama");
    CHECK(v->tokens.size() == 5);
    CHECK(v->tokens[4] == "a");
    CHECK(v->scores[4] == -1.0f);
    CHECK(v->types[3] == qeval::gguf_token_type::byte);
    CHECK(v->byte_tokens[0x0a] == 3);
    CHECK(v->byte_tokens[0x0b] == -1);
    CHECK(v->bos == 1);
    CHECK(v->add_bos == true);
    CHECK_FALSE(v->add_eos.has_value());
    CHECK_FALSE(qeval::read_gguf_vocabulary(read(dir, gguf_bytes().u32("a", 1)).metadata).has_value());
}

TEST_CASE("GG21 token arrays of other lengths or element types are rejected") {
    refused(tokens({"a", "b"}).numbers<float>("tokenizer.ggml.scores", 6, {1}),
            {"GG21", "key \"tokenizer.ggml.scores\"", "an array of 1 f32", "2 elements"});
    refused(tokens({"a", "b"}).numbers<std::int32_t>("tokenizer.ggml.token_type", 5, {1, 1, 1}),
            {"GG21", "key \"tokenizer.ggml.token_type\"", "an array of 3 i32", "2 elements"});
    refused(tokens({"a"}).numbers<std::int32_t>("tokenizer.ggml.scores", 5, {1}),
            {"GG21", "key \"tokenizer.ggml.scores\"", "i32", "an array of f32"});
    refused(tokens({"a"}).numbers<float>("tokenizer.ggml.token_type", 6, {1}),
            {"GG21", "key \"tokenizer.ggml.token_type\"", "f32", "an array of integers"});
    refused(tokens({"a"}).numbers<std::int32_t>("tokenizer.ggml.token_type", 5, {7}),
            {"GG21", "key \"tokenizer.ggml.token_type\"", "7 at element 0", "from 0 to 6"});
    refused(tokens({"a"}).u32("tokenizer.ggml.merges", 4),
            {"GG21", "tokenizer.ggml.merges", "u32", "an array of strings"});
    refused(gguf_bytes().numbers<std::uint32_t>("tokenizer.ggml.tokens", 4, {1}),
            {"GG21", "key \"tokenizer.ggml.tokens\"", "u32", "an array of strings"});
    refused(tokens({}), {"GG21", "key \"tokenizer.ggml.tokens\"", "empty", "at least one"});
}
TEST_CASE(
    "a special token id outside the vocabulary is left aside with a note; GG22 one that is no integer is rejected") {
    for (std::string const key : {"bos_token_id", "eos_token_id", "unknown_token_id", "eot_token_id"}) {
        auto const aside = [&](gguf_bytes const& g, std::string const& found) {
            INFO(key << ' ' << found);
            scratch const dir;
            put_file(dir / "m.gguf", g.bytes());
            auto const file = qeval::read_gguf(dir / "m.gguf", gguf_types);
            auto const v    = qeval::read_gguf_vocabulary(file.metadata);
            REQUIRE(v);
            CHECK_FALSE(v->bos);
            CHECK_FALSE(v->eos);
            CHECK_FALSE(v->unknown);
            CHECK(v->ends.empty());
            REQUIRE(v->notes.size() == 1);
            CHECK_THAT(v->notes[0], Catch::Contains(key) && Catch::Contains(": " + found + " is left aside"));
        };
        aside(bare_tokens({"a", "b"}).u32("tokenizer.ggml." + key, 2), "2");
        aside(bare_tokens({"a"}).number("tokenizer.ggml." + key, 5, std::int32_t{-1}), "-1");
        aside(bare_tokens({"a"}).number("tokenizer.ggml." + key, 10, ~std::uint64_t{0}), "18446744073709551615");
        refused(tokens({"a"}).text("tokenizer.ggml." + key, "0"), {"GG22", key, "string", "an integer"});
        refused(tokens({"a"}).f32("tokenizer.ggml." + key, 0), {"GG22", key, "f32", "an integer"});
    }
}
TEST_CASE("a text ends with eos, with what keys name, and with the spellings that llama.cpp knows") {
    auto const ends = [](gguf_bytes const& g) {
        scratch const dir;
        put_file(dir / "m.gguf", g.bytes());
        return qeval::read_gguf_vocabulary(qeval::read_gguf(dir / "m.gguf", gguf_types).metadata)->ends;
    };
    using ids = std::vector<std::int64_t>;
    CHECK(ends(bare_tokens({"a", "b", "c"})).empty());
    CHECK(ends(bare_tokens({"a", "b", "c"}).u32("tokenizer.ggml.eos_token_id", 1)) == ids{1});
    CHECK(
        ends(
            bare_tokens({"a", "b", "c"}).u32("tokenizer.ggml.eos_token_id", 1).u32("tokenizer.ggml.eot_token_id", 0)) ==
        ids{0, 1});
    CHECK(ends(bare_tokens({"a", "b", "c"}).u32("tokenizer.ggml.eom_token_id", 2)) == ids{2});
    CHECK(ends(bare_tokens({"a", "<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|im_end|> ", "im_end"})) ==
          ids{1, 2, 3});
    CHECK(ends(bare_tokens({"<|end|>", "<|return|>"})) == ids{0, 1});
    CHECK(ends(bare_tokens({"<|end|>", "<|return|>", "<|call|>"})) == ids{1, 2}); // there it ends a message
    CHECK(ends(bare_tokens({"</s>", "x"})) == ids{0});
    CHECK(ends(bare_tokens({"</s>", "<|tool_response>"})) == ids{1});
}
TEST_CASE("what a vocabulary leaves out has llama.cpp's default of its model, and a note") {
    auto const read_of = [](std::string const& model, std::size_t size) {
        scratch const dir;
        gguf_bytes    g;
        g.text("tokenizer.ggml.model", model).strings("tokenizer.ggml.tokens", std::vector<std::string>(size, "a"));
        put_file(dir / "m.gguf", g.bytes());
        auto const f = qeval::read_gguf(dir / "m.gguf", gguf_types);
        auto       v = qeval::read_gguf_vocabulary(f.metadata);
        REQUIRE(v.has_value());
        return std::array{v->bos.value_or(-1), v->eos.value_or(-1), v->unknown.value_or(-1),
                          std::int64_t(v->notes.size())};
    };
    using facts = std::array<std::int64_t, 4>;
    CHECK(read_of("llama", 3) == facts{1, 2, 0, 2});
    CHECK(read_of("llama", 2) == facts{1, -1, 0, 1}); // a default outside the vocabulary is none
    CHECK(read_of("gpt2", 12) == facts{11, 11, -1, 2});
    CHECK(read_of("gpt2", 11) == facts{-1, -1, -1, 0});
    CHECK(read_of("gemma4", 12) == facts{-1, -1, -1, 0});
}
TEST_CASE("GG23 a byte token that names no byte is rejected") {
    for (std::string const text :
         {"<0xZZ>", "<0x-1>", "<0x+1>", "<0x 1>", "<0x1>", "<0x100>", "0x0A", "<0X0A>", "", "<0x0A"}) {
        refused(tokens({"a", text}).numbers<std::int32_t>("tokenizer.ggml.token_type", 5, {1, 6}),
                {"GG23", "key \"tokenizer.ggml.tokens\"", qeval::quoted(text) + " at element 1", "<0x00> to <0xFF>"});
    }
}
TEST_CASE("byte tokens are parsed by both cases of hexadecimal and nothing else") {
    CHECK(qeval::parse_byte_token("<0x00>") == 0u);
    CHECK(qeval::parse_byte_token("<0xfF>") == 255u);
    CHECK_FALSE(qeval::parse_byte_token("<0x0G>").has_value());
}

TEST_CASE("the real vocabularies are read") {
    struct known {
        char const* file;
        std::size_t tokens, merges;
    };
    for (known const& k :
         {known{"deepseek-coder", 32256, 31757}, known{"deepseek-llm", 102400, 99757}, known{"gpt-2", 50257, 50000},
          known{"llama-spm", 32000, 0}, known{"starcoder", 49152, 48872}}) {
        auto const path = data("tokenizers/ggml-vocab/ggml-vocab-" + std::string(k.file) + ".gguf");
        if (!path) return;
        auto const f = qeval::read_gguf(*path, gguf_types);
        auto const v = qeval::read_gguf_vocabulary(f.metadata);
        REQUIRE(v.has_value());
        CHECK(v->tokens.size() == k.tokens);
        CHECK(v->merges.size() == k.merges);
    }
}
