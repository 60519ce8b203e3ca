// Also tests vocabulary/byte_alphabet.hpp.
#include <chrono>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

tokenizer bundled() { return load_tokenizer(source("examples/models/qeval-5m")); }

std::string random_bytes(std::mt19937& random, std::size_t most) {
    std::string text;
    for (auto n = random() % most; n > 0; --n) {
        switch (random() % 4) {
        case 0:
            text += static_cast<char>(random() & 0xff);
            break;
        case 1:
            append_utf8(text, static_cast<char32_t>(0x80 + random() % 0x3000));
            break;
        case 2:
            append_utf8(text,
                        static_cast<char32_t>(random() % 2 == 0 ? 0x10fe00 + random() % 256 : 0x1f600 + random() % 64));
            break;
        default:
            text += static_cast<char>(' ' + random() % 95);
        }
    }
    return text;
}

tokenizer small(std::string const& fields) {
    return tokenizer(read_tokenizer_json(tokenizer_text(byte_level_model({{"a", "b"}}), fields), "tokenizer.json"));
}

} // namespace

TEST_CASE("a byte-level tokenizer gives every byte string back") {
    auto const   t = bundled();
    std::mt19937 random(11);
    for (int round = 0; round < 3000; ++round) {
        auto const text = random_bytes(random, 80);
        INFO(qeval::quoted(text, 400));
        REQUIRE(t.decode(t.encode(text)) == text);
        REQUIRE(t.decode_with_specials(t.encode_with_specials(text)) == text);
    }
}

TEST_CASE("a byte-fallback tokenizer gives every byte string back") {
    auto const file = data("models/stories260K/stories260K.gguf");
    if (!file) return;
    auto const   t = load_tokenizer(*file);
    std::mt19937 random(12);
    for (int round = 0; round < 2000; ++round) {
        auto const text = random_bytes(random, 80);
        INFO(qeval::quoted(text, 400));
        // U+2581 is how this family writes a space.
        if (text.find("\xe2\x96\x81") == std::string::npos) REQUIRE(t.decode(t.encode(text)) == text);
    }
}

TEST_CASE("bytes without a letter in the vocabulary become U+FFFD") {
    auto const file = data("tokenizers/ggml-vocab/ggml-vocab-deepseek-coder.gguf");
    if (!file) return;
    auto const t = load_tokenizer(*file);
    CHECK(t.decode(t.encode("a\xff"
                            "b")) == "a\xef\xbf\xbd"
                                     "b");
    CHECK(t.decode(t.encode("a\x80"
                            "b")) == "a\x80"
                                     "b"); // a continuation byte has one
    CHECK(t.encode("\xc3\xbc") == std::vector<token>{32009});
    CHECK(t.decode(std::vector<token>{32009}) == "\xc3\xbc");
}

TEST_CASE("special tokens in a prompt are text unless asked for") {
    auto const t = bundled();
    REQUIRE(t.eos() >= 0);
    std::string const end(t.piece(t.eos()));
    for (token const id : t.encode("a" + end + "b")) CHECK(id != t.eos());
    auto const ids = t.encode_with_specials("a" + end + "b");
    REQUIRE(ids.size() == 3);
    CHECK(ids[1] == t.eos());
    CHECK(t.decode(ids) == "ab");
    CHECK(t.decode_with_specials(ids) == "a" + end + "b");
}

TEST_CASE("a million spaces take less than a second") {
    for (std::string const name : {"llama-spm", "gpt-2", "starcoder", "deepseek-coder", "deepseek-llm"}) {
        auto const file = data("tokenizers/ggml-vocab/ggml-vocab-" + name + ".gguf");
        if (!file) return;
        auto const t = load_tokenizer(*file);
        for (std::string const tail : {"", "a"}) {
            INFO(name << " " << tail);
            auto const   text  = std::string(1'000'000, ' ') + tail;
            auto const   start = std::clock();
            auto const   ids   = t.encode(text);
            double const s = double(std::clock() - start) / CLOCKS_PER_SEC; // of this thread: the machine may be busy
            CHECK(t.decode(ids) == text);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
            CHECK(s < 1);
#else
            CHECK(s < 60);
#endif
        }
    }
}

TEST_CASE("threads may share a tokenizer") {
    auto const        t    = bundled();
    std::string const text = "The quick brown fox\n    jumps over 12 dogs. \xc3\xa9\xff";
    auto const        want = t.encode(text);
    std::vector<int>  wrong(4, 0);
    {
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < wrong.size(); ++i) {
            threads.emplace_back([&, i, mine = t] {
                for (int k = 0; k < 50; ++k) wrong[i] += mine.encode(text) != want || mine.decode(want) != text;
            });
        }
        for (auto& one : threads) one.join();
    }
    CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("ids outside the vocabulary are a caller's error") {
    auto const t = bundled();
    CHECK(error_id([&] { static_cast<void>(t.decode(std::vector<token>{-1})); }) == "TK14");
    CHECK(error_id([&] { static_cast<void>(t.piece(static_cast<token>(t.vocab_size()))); }) == "TK14");
}

TEST_CASE("the hash changes with everything that decides a result") {
    std::set<std::string> const hashes{
        small(byte_level_step).hash(),
        small(R"("pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true})").hash(),
        small(R"("pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":false})").hash(),
        small(byte_level_step + "," + byte_level_decoder).hash(),
        small(byte_level_step + R"(,"normalizer":{"type":"NFC"})").hash(),
        small(byte_level_step + R"(,"normalizer":{"type":"NFD"})").hash(),
        small(byte_level_step + R"(,"added_tokens":[{"id":257,"content":"xyz"}])").hash(),
        small(byte_level_step + R"(,"added_tokens":[{"id":257,"content":"xyz","special":true}])").hash(),
        small(byte_level_step + R"(,"added_tokens":[{"id":257,"content":"xyz","special":true,"lstrip":true}])").hash(),
        tokenizer(read_tokenizer_json(tokenizer_text(byte_level_model({{"b", "a"}}), byte_level_step), "x")).hash(),
        tokenizer(read_tokenizer_json(tokenizer_text(byte_level_model({}), byte_level_step), "x")).hash(),
    };
    CHECK(hashes.size() == 11);
    CHECK(small(byte_level_step).hash() == small(byte_level_step).hash());
    CHECK(small(byte_level_step).hash().size() == 64);
}
