// Also tests visible_space.hpp, sentencepiece_model.hpp, llama2c_tokenizer.hpp.
#include <algorithm>
#include <string>
#include <vector>

#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

#include "tests/io/hostile.hpp"
#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

std::vector<token> with_before(tokenizer const& t, std::vector<token> ids) {
    ids.insert(ids.begin(), t.before().begin(), t.before().end());
    return ids;
}

// The vectors of a model in tokenizer_tests.json, made with Hugging Face's transformers.
void check_vectors(tokenizer const& t, std::string const& model) {
    auto const file = data("tokenizers/vectors/tokenizer_tests.json");
    if (!file) return;
    auto const  all   = json_file(*file);
    std::size_t count = 0;
    all.at(model).for_each_element([&](std::size_t, json_value one) {
        auto const text = one.at("input").string();
        INFO(qeval::quoted(text, 200));
        auto const ids = ids_of(one.at("encoded").at("input_ids"));
        CHECK(with_before(t, t.encode_with_specials(text)) == ids);
        // transformers' decoder deletes spaces before punctuation ("clean up"); elsewhere the texts must agree
        if (auto const want = one.at("decoded_without_special").string(); want == text) CHECK(t.decode(ids) == text);
        ++count;
    });
    CHECK(count >= 18);
}

std::string small_json() {
    return tokenizer_text(
        byte_level_model({{"a", "b"}}),
        byte_level_step + "," + byte_level_decoder +
            R"(,"added_tokens":[{"id":257,"content":"<s>","special":true},{"id":258,"content":"</s>","special":true},
                              {"id":259,"content":"<x>","special":true}])");
}

tokenizer load_folder(std::vector<std::pair<std::string, std::string>> const& files) {
    scratch const folder;
    for (auto const& [name, content] : files) put_file(folder / name, content);
    return load_tokenizer(folder.path());
}

} // namespace

TEST_CASE("GPT-2 from vocab.json and merges.txt gives the ids of transformers") {
    auto const folder = data("tokenizers/gpt2");
    if (!folder) return;
    auto const t = load_tokenizer(*folder);
    CHECK(t.vocab_size() == 50257);
    CHECK(t.eos() == 50256);
    CHECK_FALSE(t.adds_bos());
    check_vectors(t, "distilgpt2");
    if (auto const file = data("tokenizers/vectors/gpt2_encoded_tokens.json")) {
        auto const one = json_file(*file);
        CHECK(t.encode(one.at("text").string()) == ids_of(one.at("token_ids")));
        CHECK(t.decode(ids_of(one.at("token_ids"))) == one.at("decoded_text").string());
        one.at("bpe_tokens").for_each_element([&](std::size_t i, json_value piece) {
            CHECK(t.piece(ids_of(one.at("token_ids"))[i]) == piece.string());
        });
    }
}

TEST_CASE("GPT-2 from two files and from GGUF is one tokenizer") {
    auto const folder = data("tokenizers/gpt2");
    auto const gguf   = data("tokenizers/ggml-vocab/ggml-vocab-gpt-2.gguf");
    if (folder && gguf) CHECK(load_tokenizer(*folder).hash() == load_tokenizer(*gguf).hash());
}

TEST_CASE("Llama-2's GGUF vocabulary gives the ids of transformers") {
    if (auto const file = data("tokenizers/ggml-vocab/ggml-vocab-llama-spm.gguf")) {
        check_vectors(load_tokenizer(*file), "coreml-projects/Llama-2-7b-chat-coreml");
    }
}

TEST_CASE("Mistral's SentencePiece model gives the vendor's ids for a chat") {
    auto const model = data("tokenizers/mistral-v1/tokenizer.model");
    auto const text  = data("tokenizers/mistral-v1/no_tools/text_v1.txt");
    auto const ids   = data("tokenizers/mistral-v1/no_tools/tokens_v1.json");
    if (!model || !text || !ids) return;
    auto const t = load_tokenizer(*model);
    CHECK(t.vocab_size() == 32000);
    CHECK(t.adds_bos());
    // The vendor's text shows spaces as U+2581 and, behind a special token, the space that encoding puts there.
    std::string chat = read_whole(*text);
    for (auto at = chat.find("\xe2\x96\x81"); at != std::string::npos; at = chat.find("\xe2\x96\x81"))
        chat.replace(at, 3, " ");
    for (std::string const special : {"<s> ", "</s> "}) {
        for (auto at = chat.find(special); at != std::string::npos; at = chat.find(special))
            chat.erase(at + special.size() - 1, 1);
    }
    CHECK(t.encode_with_specials(chat) == ids_of(json_file(*ids).at("tokens")));
}

TEST_CASE("stories260K's llama2.c vocabulary and its GGUF give one tokenization") {
    auto const bin  = data("models/stories260K/tok512.bin");
    auto const gguf = data("models/stories260K/stories260K.gguf");
    auto const text = data("datasets/tinystories/sample.txt");
    if (!bin || !gguf || !text) return;
    auto const a = load_tokenizer(*bin);
    auto const b = load_tokenizer(*gguf);
    CHECK(with_before(a, a.encode("Once upon a time")) == std::vector<token>{1, 403, 407, 261, 378});
    auto const story = read_whole(*text);
    CHECK(a.encode(story) == b.encode(story));
    CHECK(a.decode(a.encode(story)) == story);
    for (std::size_t i = 0; i < a.vocab_size(); ++i)
        CHECK(a.piece(static_cast<token>(i)) == b.piece(static_cast<token>(i)));
}

TEST_CASE("the golden token lists of both small models come out of their texts") {
    // newlines_are_spaces: the convention of the second reference, whose vocabulary has no newline
    auto const check = [](char const* vocab, char const* reference, bool newlines_are_spaces) {
        auto const file   = data(vocab);
        auto const golden = data(reference);
        auto const sample = data("datasets/tinystories/sample.txt");
        if (!file || !golden || !sample) return;
        auto const  t       = load_tokenizer(*file);
        auto const  stories = split_texts(read_whole(*sample), "<|endoftext|>");
        auto const  all     = json_file(*golden);
        std::size_t equal   = 0;
        all.at("stories").for_each_element([&](std::size_t i, json_value story) {
            auto text = stories.at(i);
            text.erase(0, text.find_first_not_of(" \n\r\t"));
            text.erase(text.find_last_not_of(" \n\r\t") + 1);
            if (newlines_are_spaces) std::replace(text.begin(), text.end(), '\n', ' ');
            auto       mine = with_before(t, t.encode(text));
            auto const want = ids_of(story.at("tokens"));
            mine.resize(std::min(mine.size(), want.size()));
            INFO(vocab << ", story " << i);
            CHECK(mine == want);
            ++equal;
        });
        CHECK(equal > 0);
    };
    check("models/stories260K/stories260K.gguf", "models/stories260K/reference.json", false);
    check("models/babyllama-tok105/tok105.model", "models/babyllama-tok105/reference.json", true);
}

TEST_CASE("a SentencePiece model's pieces are those of its .vocab listing") {
    auto const model   = data("models/babyllama-tok105/tok105.model");
    auto const listing = data("models/babyllama-tok105/tok105.vocab");
    if (!model || !listing) return;
    auto const t     = load_tokenizer(*model);
    auto const lines = split_texts(read_whole(*listing), "\n");
    for (std::size_t i = 0; i < t.vocab_size(); ++i) {
        CHECK(t.piece(static_cast<token>(i)) == lines.at(i).substr(0, lines.at(i).find('\t')));
    }
    CHECK(t.encode("a  b ") == t.encode(" a b")); // its normalizer removes extra spaces
}

TEST_CASE("tokenizer_config.json names the special tokens and whether a text begins with one") {
    auto const t = load_folder(
        {{"tokenizer.json", small_json()},
         {"tokenizer_config.json", R"({"bos_token":{"content":"<x>"},"eos_token":"</s>","add_bos_token":true})"}});
    CHECK(t.bos() == 259);
    CHECK(t.eos() == 258);
    CHECK(t.adds_bos());
    auto const without = load_folder(
        {{"tokenizer.json", small_json()}, {"config.json", R"({"bos_token_id":259,"eos_token_id":[258,257]})"}});
    CHECK(without.bos() == 259);
    CHECK(without.eos() == 258);
    CHECK_FALSE(without.adds_bos());
    auto const guessed = load_folder({{"tokenizer.json", small_json()}});
    CHECK(guessed.bos() == 257);
    CHECK(guessed.eos() == 258);
}

TEST_CASE("a special token that the vocabulary lacks, and the model has no row for, is left aside with a note") {
    auto const t = load_folder({{"tokenizer.json", small_json()},
                                {"tokenizer_config.json", R"({"eos_token":"<none>"})"},
                                {"config.json", R"({"eos_token_id":258,"vocab_size":260})"}});
    CHECK(t.eos() == 258);
    REQUIRE(t.notes().size() == 1);
    CHECK_THAT(t.notes()[0], Catch::Contains("eos_token") && Catch::Contains("<none>"));
}

TEST_CASE(
    "a space before a text is what tokenizer_config.json says, and none where it says nothing") { // as transformers
    auto const ids = [](char const* in_json, char const* in_config) {
        auto       json = small_json();
        auto const at   = json.find("\"add_prefix_space\":false");
        REQUIRE(at != json.npos);
        json.replace(at, 24, std::string("\"add_prefix_space\":") + in_json);
        return load_folder({{"tokenizer.json", json}, {"tokenizer_config.json", in_config}});
    };
    auto const plain = ids("false", "{}");
    auto const other = ids("true", "{}");
    CHECK(other.encode("a") == plain.encode("a"));
    CHECK(plain.notes().empty());
    REQUIRE(other.notes().size() == 1);
    CHECK_THAT(other.notes()[0], Catch::Contains("add_prefix_space") && Catch::Contains("false by default"));
    CHECK(ids("false", R"({"add_prefix_space":true})").encode("a") == plain.encode(" a"));
    CHECK(ids("true", R"({"add_prefix_space":true})").notes().empty());
}

TEST_CASE("TK10: a folder or file that holds no tokenizer says what was looked for") {
    check_refused(
        [] {
            load_folder({{"model.safetensors", "x"}});
        },
        {"TK10", "", "no tokenizer.json", "one of them", "--tokenizer"});
    scratch const folder;
    put_file(folder / "a.txt", "x");
    check_refused([&] { static_cast<void>(load_tokenizer(folder / "a.txt")); },
                  {"TK10", "a.txt", ".txt", ".json, .gguf, .model, .tiktoken or .bin"});
    check_refused([&] { static_cast<void>(load_tokenizer(folder / "none.json")); },
                  {"IO01", "none.json", "", "a readable file"});
}

TEST_CASE("a Git LFS pointer in place of a tokenizer is recognised") {
    scratch const folder;
    put_file(folder / "tokenizer.model", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    check_refused([&] { static_cast<void>(load_tokenizer(folder / "tokenizer.model")); },
                  {"IX07", "tokenizer.model", "", ""});
}

TEST_CASE("TK03: malformed lines of merges.txt are refused with their number") {
    auto const model = json_node::parse(byte_level_model({{"a", "b"}}));
    auto const load  = [&](std::string const& merges) {
        return [&, merges] { load_folder({{"vocab.json", model["vocab"].dump()}, {"merges.txt", merges}}); };
    };
    load("#version: 0.2\na b\n")();
    load("#version: 0.2\r\na b\r\n")();
    check_refused(load("#version: 0.2\na b\nab\n"), {"TK03", "merges.txt, line 3", "\"ab\"", "two pieces"});
    check_refused(load("a b\na b c\n"), {"TK03", "merges.txt, line 2", "\"a b c\"", "two pieces"});
    check_refused(load("a b\n\na b\n"), {"TK03", "merges.txt, line 2", "\"\"", "two pieces"});
    check_refused(load("a c\n"), {"TK03", "merge 0", "\"ac\"", "pieces of the vocabulary"});
}

TEST_CASE("TK11: a damaged SentencePiece or llama2.c file is refused at every length") {
    // piece "<unk>" unknown, "a", "b", "ab"; trainer: BPE; normalizer: identity
    std::string const model("\x0a\x0e\x0a\x05<unk>\x15\0\0\0\0\x18\x02"
                            "\x0a\x08\x0a\x01"
                            "a\x15\0\0\x80\xbf"
                            "\x0a\x08\x0a\x01"
                            "b\x15\0\0\x80\xbf"
                            "\x0a\x09\x0a\x02"
                            "ab\x15\0\0\0\xc0"
                            "\x12\x02\x18\x02"
                            "\x1a\x04\x0a\x02"
                            "id",
                            16 + 10 + 10 + 11 + 4 + 6);
    auto const        t = tokenizer(read_sentencepiece_model(model, "m.model"));
    CHECK(t.vocab_size() == 4);
    CHECK(t.encode("ab") == std::vector<token>{0, 3});
    std::size_t refused = 0;
    for (std::size_t n = 0; n < model.size(); ++n) {
        auto const id = error_id([&] { tokenizer(read_sentencepiece_model(model.substr(0, n), "m.model")); });
        CHECK((id == "TK11" || id == "TK06" || id.empty()));
        refused += !id.empty();
    }
    CHECK(refused + 2 >= model.size());                  // two cuts fall between messages and leave a whole model
    for (std::size_t i = 0; i < model.size() * 8; ++i) { // every flipped bit: an error or a tokenizer, never a crash
        auto flipped   = model;
        flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
        static_cast<void>(error_id(
            [&] { static_cast<void>(tokenizer(read_sentencepiece_model(flipped, "m.model")).encode("ab ba")); }));
    }
    std::string bin;
    append(bin, std::uint32_t{5});
    for (std::string const piece : {"<unk>", "\n<s>\n", "\n</s>\n", "a", " "}) {
        append(bin, -1.0F);
        append(bin, static_cast<std::uint32_t>(piece.size()));
        bin += piece;
    }
    check_refused([&] { static_cast<void>(read_llama2c_tokenizer(bin, "t.bin")); },
                  {"TK11", "t.bin @ byte", "a length of 6", "<= 5"});
    bin[0] = 6;
    CHECK(tokenizer(read_llama2c_tokenizer(bin, "t.bin")).encode("a a") == std::vector<token>{4, 3, 4, 3});
    for (std::size_t n = 0; n < bin.size(); ++n) {
        auto const id = error_id([&] { static_cast<void>(read_llama2c_tokenizer(bin.substr(0, n), "t.bin")); });
        CHECK((id == "TK11" || id.empty()));
        if (n < 40) CHECK(id == "TK11");
    }
}

TEST_CASE("TK06: SentencePiece models of another kind are refused") {
    std::string const piece("\x0a\x0e\x0a\x05<unk>\x15\0\0\0\0\x18\x02", 16);
    auto const        id = [&](std::string const& rest) {
        return error_id([&] { static_cast<void>(read_sentencepiece_model(piece + rest, "m.model")); });
    };
    CHECK(id("") == "TK06");                                                  // nothing says of which kind it is
    CHECK(id(std::string("\x12\x00", 2)).empty());                            // unigram, the default
    CHECK(id(std::string("\x12\x02\x18\x01", 4)).empty());                    // unigram, stated
    CHECK(id(std::string("\x12\x02\x18\x03", 4)) == "TK06");                  // whole words
    CHECK(id(std::string("\x12\x02\x18\x04", 4)) == "TK06");                  // characters
    CHECK(id(std::string("\x12\x02\x18\x02\x1a\x03\x12\x01x", 9)) == "TK11"); // no table of replacements
    CHECK(id(std::string("\x12\x05\x18\x02\xc0\x01\x01", 7)) == "TK06");      // spaces behind words
    CHECK(id(std::string("\x12\x02\x18\x02", 4)).empty());
}
