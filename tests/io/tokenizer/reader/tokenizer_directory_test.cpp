// Directories as publishers fill them, against transformers 4.57.6 (use_fast, default settings; ids as it gives them).
#include <string>
#include <utility>
#include <vector>

#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

#include "tests/io/hostile.hpp"
#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

using files = std::vector<std::pair<std::string, std::string>>;

tokenizer with(std::string const& names, files const& more) {
    scratch const dir;
    for (auto const& name : split_texts(names, " ")) {
        auto const path = *data("tokenizers/" + name);
        put_file(dir / path.filename().string(), read_whole(path));
    }
    for (auto const& [name, text] : more) put_file(dir / name, text);
    return load_tokenizer(dir / ".");
}
std::vector<token> whole(tokenizer const& t, std::string const& text) {
    std::vector<token> ids(t.before().begin(), t.before().end());
    for (token const id : t.encode_with_specials(text)) ids.push_back(id);
    ids.insert(ids.end(), t.after().begin(), t.after().end());
    return ids;
}
using ids = std::vector<token>;

std::string const llama =
    R"("tokenizer_class":"LlamaTokenizer","bos_token":"<s>","eos_token":"</s>","unk_token":"<unk>")";
std::string const mistral = "mistral-v1/tokenizer.model";

} // namespace

TEST_CASE("a SentencePiece model with added_tokens.json: its tokens are whole, special ones where the map names them") {
    if (!data("tokenizers/" + mistral)) return;
    auto const t =
        with(mistral, {{"tokenizer_config.json", "{" + llama + "}"},
                       {"added_tokens.json", R"({"<pad>":32000,"<|im_start|>":32001,"<|im_end|>":32002})"},
                       {"special_tokens_map.json", R"({"bos_token":"<s>","eos_token":{"content":"</s>"},)"
                                                   R"("additional_special_tokens":["<|im_start|>","<|im_end|>"]})"}});
    CHECK(t.vocab_size() == 32003);
    CHECK(whole(t, "hello <|im_start|>user\nhi<|im_end|> x") ==
          ids{1, 6312, 28709, 28705, 32001, 2188, 13, 5365, 32002, 28705, 1318});
    CHECK(whole(t, "a <pad> b") == ids{1, 264, 32000, 287});
    CHECK(whole(t, "x<pad>") ==
          ids{1, 1318, 28789, 9845, 28767}); // looked for behind a space, as normalized text has it
    CHECK(t.kind(32001) == piece_kind::control);
    CHECK(t.kind(32000) == piece_kind::user_defined);
    for (token const id : t.encode("x<|im_start|>")) CHECK(id < 32000); // no prompt can forge a special token
}

TEST_CASE("a SentencePiece model with added_tokens_decoder, old and new ways to put the first space") {
    if (!data("tokenizers/" + mistral)) return;
    std::string const decoder = R"(,"added_tokens_decoder":{"1":{"content":"<s>","special":true,"normalized":false},)"
                                R"("2":{"content":"</s>","special":true,"normalized":false},)"
                                R"("32000":{"content":"<|im_end|>","special":true,"normalized":false},)"
                                R"("32001":{"content":"<|im_start|>","special":true,"normalized":false},)"
                                R"("32002":{"content":"<pad>","special":false,"normalized":false,"rstrip":true}})";
    auto const        later = with(mistral, {{"tokenizer_config.json", "{" + llama + decoder + R"(,"legacy":false})"}});
    CHECK(whole(later, "hello <|im_start|>user\nhi<|im_end|> x") ==
          ids{1, 6312, 28709, 28705, 32001, 1838, 13, 5365, 32000, 1318});
    CHECK(whole(later, "<s> a</s>") == ids{1, 1, 264, 2});
    CHECK(whole(later, "<pad>x<extra> y") == ids{1, 32002, 28744, 28789, 13539, 28767, 337});
    auto const old = with(mistral, {{"tokenizer_config.json", "{" + llama + decoder + "}"}});
    CHECK(whole(old, "<s> a</s>") == ids{1, 1, 28705, 264, 2});
    CHECK(whole(old, "<pad>x<extra> y") == ids{1, 32002, 1318, 28789, 13539, 28767, 337});
}

TEST_CASE("add_bos_token and add_eos_token count for the classes that write their template themselves") {
    if (!data("tokenizers/" + mistral)) return;
    std::string const granite = "starcoder1-granite/tokenizer.json";
    struct known {
        std::string name;
        bool        missing, yes, no; // whether BOS is added, by add_bos_token
        bool        noted;            // transformers 5 would do otherwise
    };
    for (auto const& k :
         {known{"PreTrainedTokenizerFast", false, false, false, true},
          known{"GPT2Tokenizer", false, false, false, true}, known{"Qwen2TokenizerFast", false, false, false, true},
          known{"LlamaTokenizer", true, true, false, false}, known{"LlamaTokenizerFast", true, true, false, false},
          known{"GPTNeoXTokenizerFast", false, true, false, false}}) {
        INFO(k.name);
        auto const adds = [&](std::string const& more) {
            return with(granite, {{"tokenizer_config.json", R"({"tokenizer_class":")" + k.name +
                                                                R"(","bos_token":"<|endoftext|>","eos_token":)"
                                                                R"("<|endoftext|>")" +
                                                                more + "}"}});
        };
        CHECK(adds("").adds_bos() == k.missing);
        auto const yes = adds(R"(,"add_bos_token":true)");
        CHECK(yes.adds_bos() == k.yes);
        CHECK(yes.notes().empty() == !k.noted);
        CHECK(adds(R"(,"add_bos_token":false)").adds_bos() == k.no);
    }
    // no class named: that of the model
    CHECK(with("phi-3-mini/tokenizer.json", {{"config.json", R"({"model_type":"phi3"})"}}).adds_bos());
    CHECK(!with(granite, {{"config.json", R"({"model_type":"gpt_bigcode"})"}}).adds_bos());
    auto const both =
        with(mistral, {{"tokenizer_config.json", "{" + llama + R"(,"add_eos_token":true,"add_bos_token":false})"}});
    CHECK(whole(both, "the cat") == ids{272, 5255, 2});
}

TEST_CASE("added tokens that contradict the model's pieces are refused") {
    if (!data("tokenizers/" + mistral)) return;
    auto const id = [](std::string const& file, std::string const& text) {
        return error_id([&] { static_cast<void>(with(mistral, {{file, text}})); });
    };
    CHECK(id("added_tokens.json", R"({"<x>":5})") == "TK04");                 // the id of another piece
    CHECK(id("added_tokens.json", R"({"<x>":32000,"<y>":32000})") == "TK04"); // two texts, one id
    CHECK(id("added_tokens.json", R"({"<x>":-1})") == "TK04");
    CHECK(id("added_tokens.json", R"({"<x>":4000000})") == "TK04");
    CHECK(id("added_tokens.json", R"({"<x>":"a"})") == "TK04");
    CHECK(id("tokenizer_config.json", R"({"added_tokens_decoder":{"x":{"content":"<x>"}}})") == "TK04");
    CHECK(id("tokenizer_config.json", R"({"added_tokens_decoder":{"32000":{}}})") == "TK09");
    CHECK(id("added_tokens.json", R"({"<x>":32005})").empty()); // a gap: the row of the embedding is what counts
}
