// Also tests gguf_special_names.hpp.
#include <sstream>
#include <string>
#include <vector>

#include <qeval/io/gguf/gguf.hpp>
#include <qeval/io/tokenizer/reader/tokenizer_gguf.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"
#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

// llama.cpp's expected ids: one line for each text of ggml-vocab.inp.
void check_vocab(std::string const& name) {
    auto const file = data("tokenizers/ggml-vocab/ggml-vocab-" + name + ".gguf");
    auto const out  = data("tokenizers/ggml-vocab/ggml-vocab-" + name + ".gguf.out");
    auto const inp  = data("tokenizers/ggml-vocab/ggml-vocab.inp");
    if (!file || !out || !inp) return;
    auto const         t     = read_gguf_tokenizer(read_gguf_metadata(*file));
    auto const         texts = shared_texts(*inp);
    std::istringstream lines(read_whole(*out));
    std::size_t        count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        REQUIRE(count < texts.size());
        std::vector<token> want;
        std::istringstream numbers(line);
        for (token id; numbers >> id;) want.push_back(id);
        INFO("text " << count << ": " << qeval::quoted(texts[count], 200));
        CHECK(t.encode(texts[count]) == want);
        CHECK(t.decode(want) == texts[count]);
    }
    CHECK(count == 46);
}

tokenizer read_bytes(gguf_bytes const& g) {
    scratch const folder;
    put_file(folder / "vocab.gguf", g.bytes());
    return read_gguf_tokenizer(read_gguf_metadata(folder / "vocab.gguf"));
}

struct vocabulary_case {
    std::string               model  = "llama";
    std::string               pre    = "";
    std::vector<std::string>  tokens = {"<unk>", "<s>", "</s>", "a", "b", "ab"};
    std::vector<float>        scores = {0, 0, 0, -1, -2, -3};
    std::vector<std::int32_t> types  = {2, 3, 3, 1, 1, 1};
    std::vector<std::string>  merges = {};
    std::int64_t              bos = 1, eos = 2, unknown = 0;
    int                       add_bos = -1;
    std::string               name    = "";

    [[nodiscard]] tokenizer read() const {
        gguf_bytes g;
        g.text("tokenizer.ggml.model", model);
        if (!pre.empty()) g.text("tokenizer.ggml.pre", pre);
        g.strings("tokenizer.ggml.tokens", tokens);
        if (!scores.empty()) g.numbers("tokenizer.ggml.scores", 6, scores);
        if (!types.empty()) g.numbers("tokenizer.ggml.token_type", 5, types);
        if (!merges.empty()) g.strings("tokenizer.ggml.merges", merges);
        if (bos >= 0) g.u32("tokenizer.ggml.bos_token_id", static_cast<std::uint32_t>(bos));
        if (eos >= 0) g.u32("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(eos));
        if (unknown >= 0) g.u32("tokenizer.ggml.unknown_token_id", static_cast<std::uint32_t>(unknown));
        if (add_bos >= 0) g.number("tokenizer.ggml.add_bos_token", 7, static_cast<std::uint8_t>(add_bos));
        if (!name.empty()) g.text("general.name", name);
        return read_bytes(g);
    }
};

void refused(vocabulary_case const& c, refusal const& wanted) {
    check_refused([&] { static_cast<void>(c.read()); }, wanted);
}

vocabulary_case byte_level_case() {
    vocabulary_case c;
    c.model = "gpt2";
    c.pre   = "gpt-2";
    c.tokens.clear();
    for (int b = 0; b < 256; ++b) c.tokens.push_back(byte_letters(std::string(1, static_cast<char>(b))));
    c.tokens.push_back("ab");
    c.types.assign(257, 1);
    c.scores.clear();
    c.merges = {"a b"};
    return c;
}

} // namespace

TEST_CASE("Llama-2's vocabulary gives llama.cpp's ids") { check_vocab("llama-spm"); }
TEST_CASE("GPT-2's vocabulary gives llama.cpp's ids") { check_vocab("gpt-2"); }
TEST_CASE("StarCoder's vocabulary gives llama.cpp's ids") { check_vocab("starcoder"); }
TEST_CASE("DeepSeek-Coder's vocabulary gives llama.cpp's ids") { check_vocab("deepseek-coder"); }
TEST_CASE("DeepSeek-LLM's vocabulary gives llama.cpp's ids") { check_vocab("deepseek-llm"); }

TEST_CASE("stories260K begins a story with the documented ids") {
    auto const file = data("models/stories260K/stories260K.gguf");
    if (!file) return;
    auto const t = read_gguf_tokenizer(read_gguf_metadata(*file));
    CHECK(t.adds_bos());
    CHECK(t.bos() == 1);
    CHECK(t.eos() == 2);
    CHECK(t.unk() == 0);
    CHECK(t.encode("Once upon a time") == std::vector<token>{403, 407, 261, 378});
    CHECK(t.decode(std::vector<token>{1, 403, 407, 261, 378}) == "Once upon a time");
}

TEST_CASE("a small vocabulary reads, and control tokens come from text only on request") {
    auto const t = vocabulary_case{}.read();
    CHECK(t.vocab_size() == 6);
    CHECK(t.encode("a") == std::vector<token>{0, 3}); // the visible space is unknown
    CHECK(t.encode_with_specials("<s>ab") == std::vector<token>{1, 0, 5});
    CHECK(t.piece(5) == "ab");
    CHECK(byte_level_case().read().encode("abc") == std::vector<token>{256, 'c'});
}

TEST_CASE("a piece that a file calls unused comes from text all the same, as in llama.cpp") {
    vocabulary_case c;
    c.types[5] = 5;
    CHECK(c.read().encode("ab") == std::vector<token>{0, 5});
    auto letters     = byte_level_case();
    letters.types    = std::vector<std::int32_t>(letters.tokens.size(), 5);
    auto const plain = byte_level_case().read().encode("abc");
    CHECK(letters.read().encode("abc") == plain);
}

TEST_CASE("GG21: token, score and type arrays of different length or element type are refused") {
    vocabulary_case c;
    c.scores.pop_back();
    refused(c, {"GG21", "tokenizer.ggml.scores", "an array of 5 f32", "6 elements"});
    c = {};
    c.types.push_back(1);
    refused(c, {"GG21", "tokenizer.ggml.token_type", "an array of 7 i32", "6 elements"});
    c = {};
    c.scores.clear();
    refused(c, {"GG21", "tokenizer.ggml.model", "without tokenizer.ggml.scores", "a score for each token"});
    c          = {};
    c.types[3] = 7;
    refused(c, {"GG21", "tokenizer.ggml.token_type", "7 at element 3", "0 to 6"});
    c = byte_level_case();
    c.merges.clear();
    refused(c, {"GG21", "tokenizer.ggml.model", "no tokenizer.ggml.merges", "its merges"});
}

TEST_CASE("GG23: byte tokens that name no byte are refused") {
    for (std::string const text : {"<0xZZ>", "<0x-1>", "<0x1>", "<0x 1>", "<0x100>", "x"}) {
        vocabulary_case c;
        c.tokens[5] = text;
        c.types[5]  = 6;
        refused(c, {"GG23", "tokenizer.ggml.tokens", " at element 5", "<0x00> to <0xFF>"});
    }
}

TEST_CASE("TK03: a merge in a GGUF file that names no pieces is refused") {
    auto c   = byte_level_case();
    c.merges = {"a b", "ab c"};
    refused(c, {"TK03", "merge 1", "the piece \"abc\"", "pieces of the vocabulary"});
    c.merges = {"ab"};
    refused(c, {"TK03", "tokenizer.ggml.merges", "\"ab\" at element 0", "two pieces"});
}

TEST_CASE("of two merges of one pair in a GGUF the first counts") {
    auto c = byte_level_case();
    c.tokens.push_back("bc");
    c.types.push_back(1);
    c.merges = {"a b", "b c", "a b"};
    CHECK(c.read().encode("abc") == std::vector<token>{256, 'c'});
    c.merges = {"b c", "a b", "b c"};
    CHECK(c.read().encode("abc") == std::vector<token>{'a', 257});
}

TEST_CASE("TK04: two tokens with one text are refused") {
    vocabulary_case c;
    c.tokens[4] = "a";
    refused(c, {"TK04", "piece \"a\"", "ids 3 and 4", "one id"});
}

TEST_CASE("tokens without text have llama.cpp's name for them, and never come from text") {
    vocabulary_case c;
    c.tokens[4] = c.tokens[5] = "";
    auto const t              = c.read();
    CHECK(t.piece(4) == "[EMPTY_4]");
    CHECK(t.piece(5) == "[EMPTY_5]");
    CHECK(t.encode("ab") == std::vector<token>{0, 3, 0});
}

TEST_CASE("TK06: a GGUF tokenizer of an unknown family or pre-tokenizer is refused") {
    vocabulary_case c;
    for (std::string const model : {"bert", "rwkv", "plamo2", "t5", "hybriddna", "whitespace", "none"}) {
        c.model = model;
        refused(c, {"TK06", "tokenizer.ggml.model", "\"" + model + "\"", R"("llama", "gpt2" or "gemma4")"});
    }
    c     = byte_level_case();
    c.pre = "tomorrow";
    refused(c, {"TK06", "tokenizer.ggml.pre", "\"tomorrow\"", "one of default gpt-2"});
    c.pre = "gpt-2 mpt"; // two names of the table
    refused(c, {"TK06", "tokenizer.ggml.pre", "\"gpt-2 mpt\"", "one of default gpt-2"});
}

TEST_CASE("a byte-level vocabulary without a pre-tokenizer has llama.cpp's default, and a note") {
    auto c       = byte_level_case();
    c.pre        = "";
    auto const t = c.read();
    c.pre        = "default";
    CHECK(t.hash() == c.read().hash());
    REQUIRE(!t.notes().empty());
    CHECK(t.notes().back().find("tokenizer.ggml.pre is missing") != std::string::npos);
}

TEST_CASE("what a GGUF vocabulary leaves out has llama.cpp's default, by model and pre-tokenizer") {
    vocabulary_case c;
    c.bos = c.eos = c.unknown = -1;
    auto const t              = c.read();
    CHECK(t.bos() == 1);
    CHECK(t.eos() == 2);
    CHECK(t.unk() == 0);
    CHECK(t.adds_bos());
    auto b = byte_level_case();
    b.bos = b.eos = b.unknown = -1;
    struct known {
        std::string pre;
        token       bos;
        bool        adds;
    };
    for (auto const& k : {known{"gpt-2", 11, false}, known{"llama-bpe", 11, true}, known{"tekken", 11, true},
                          known{"falcon3", 11, true}, known{"chameleon", 11, true}, known{"glm4", -1, false},
                          known{"dbrx", 11, false}, known{"qwen2", 11, false}}) {
        INFO(k.pre);
        b.pre          = k.pre;
        auto const one = b.read();
        CHECK(one.bos() == k.bos);
        CHECK(one.adds_bos() == k.adds);
        CHECK(one.eos() == 11);
        CHECK(one.unk() == -1);
    }
    b.add_bos = 0;
    b.pre     = "llama-bpe";
    CHECK(!b.read().adds_bos());
    b.add_bos = 1;
    b.pre     = "glm4"; // there is no token to add
    refused(b, {"GG22", "tokenizer.ggml.add_bos_token", "no tokenizer.ggml.bos_token_id", "the id"});
}

TEST_CASE("special ids outside the vocabulary are left aside for the default") {
    vocabulary_case c;
    c.bos        = 6;
    c.eos        = 0xffffffff;
    auto const t = c.read();
    CHECK(t.bos() == 1);
    CHECK(t.eos() == 2);
    REQUIRE(t.notes().size() == 2);
    CHECK(t.notes()[0].find("6 is left aside, the vocabulary has 6 tokens; 1, the default") != std::string::npos);
}

TEST_CASE("tokens that are known by their text have llama.cpp's kinds, whatever the file says") {
    vocabulary_case c;
    c.tokens = {"<unk>", "<s>", "</s>", "<|im_end|>", "<|channel|>", "<fim_prefix>", "<fim-prefix>", "<|user|>"};
    c.scores.assign(8, 0);
    c.types      = {2, 3, 3, 1, 3, 1, 4, 4};
    auto const t = c.read();
    CHECK(t.kind(3) == piece_kind::control);      // normal in the file
    CHECK(t.kind(4) == piece_kind::user_defined); // it is shown
    CHECK(t.kind(6) == piece_kind::control);      // the first of the names
    CHECK(t.kind(5) == piece_kind::normal);
    CHECK(t.kind(7) == piece_kind::user_defined);
    c.tokens     = {"<unk>", "<s>", "</s>", "<|end|>", "<|return|>", "<|call|>", "a", "<|tool_response>"};
    c.types      = {2, 3, 3, 3, 3, 3, 1, 1};
    auto const s = c.read();
    CHECK(s.kind(3) == piece_kind::user_defined);
    CHECK(s.kind(2) == piece_kind::normal);
}

TEST_CASE("behind special tokens of Phi-3 white space goes") {
    vocabulary_case c;
    c.tokens = {"<unk>", "<s>", "</s>", "\u2581", "a", "<|end|>"};
    c.types  = {2, 3, 3, 1, 1, 3};
    CHECK(c.read().encode_with_specials("<|end|> \na") == std::vector<token>{5, 3, 3, 0, 4});
    c.name = "Phi-3-mini";
    CHECK(c.read().encode_with_specials("<|end|> \na") == std::vector<token>{5, 3, 4});
    CHECK(c.read().encode_with_specials("<s> a") == std::vector<token>{1, 3, 3, 4});
}

TEST_CASE("raw pieces: Gemma 4's vocabulary writes spaces as U+2581, and adds BOS whatever the file says") {
    vocabulary_case c;
    c.model  = "gemma4";
    c.tokens = {"<pad>", "<eos>", "<bos>", "\u2581", "a", "\u2581a", "\n", "\n\n\n", "b"};
    c.types  = {3, 3, 3, 1, 1, 1, 1, 1, 1};
    c.scores.clear();
    c.merges     = {"\u2581 a"};
    c.bos        = 2;
    c.eos        = 1;
    c.unknown    = -1;
    c.add_bos    = 0;
    auto const t = c.read();
    CHECK(t.adds_bos());
    CHECK(t.encode("a a\n\n\nb\n\n") == std::vector<token>{4, 5, 7, 8, 6, 6});
    CHECK(t.decode(std::vector<token>{2, 4, 5, 7}) == "a a\n\n\n");
    CHECK(t.encode("ac") == std::vector<token>{4}); // no spelling
    CHECK(t.dropped_bytes() == 1);
    c.tokens.push_back("<0x41>");
    c.types.push_back(6);
    refused(c, {"TK08", "vocab.gguf", "1 byte pieces", "none or all 256"});
}

TEST_CASE("TK08: a vocabulary with some of SentencePiece's bytes is refused") {
    vocabulary_case c;
    c.tokens[5] = "<0x41>";
    c.types[5]  = 6;
    refused(c, {"TK08", "vocab.gguf", "1 byte pieces", "none or all 256"});
}

TEST_CASE("a byte without a letter is left out and counted; a vocabulary without most letters is refused") {
    auto c        = byte_level_case();
    c.tokens[65]  = "zzz";
    c.merges      = {"a c"};
    c.tokens[256] = "ac";
    auto const t  = c.read();
    CHECK(t.encode("aAc") == std::vector<token>{256});
    CHECK(t.encode("bAAb") == std::vector<token>{'b', 'b'});
    CHECK(t.dropped_bytes() == 3);
    REQUIRE(t.notes().size() >= 2);
    CHECK(t.notes()[t.notes().size() - 2].find("no piece for 1 of 243 bytes") != std::string::npos);
    CHECK(t.notes().back().find("3 bytes of the encoded texts") != std::string::npos);
    c.merges = {"A c"}; // the malformed twin: a merge of a piece that is not there
    CHECK(error_id([&] { static_cast<void>(c.read()); }) == "TK03");
    c.merges = {"a c"};
    for (int b = 128; b < 256; ++b) c.tokens[std::size_t(b)] = "x" + std::to_string(b);
    for (int b = 0; b < 64; ++b) c.tokens[std::size_t(b)] = "x" + std::to_string(b);
    refused(c, {"TK08", "vocab.gguf", "of 243 bytes of text", "a piece for most of them", "not spelled in bytes"});
}

TEST_CASE("TK10: a GGUF file without a vocabulary says so") {
    check_refused([] { static_cast<void>(read_bytes(gguf_bytes().text("general.architecture", "llama"))); },
                  {"TK10", "vocab.gguf", "tokenizer.ggml.tokens", "a vocabulary", "--tokenizer"});
}
