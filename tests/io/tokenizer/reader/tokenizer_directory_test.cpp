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
    for (auto const& name : names.empty() ? std::vector<std::string>() : split_texts(names, " ")) {
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

// Twelve letters, and one added token, <new>, which is 12.
tokenizer letters(std::string const& flags, std::string const& config, files const& more = {}) {
    std::string const added = R"({"id":12,"content":"<new>","normalized":false)" + flags + "}";
    files             all   = more;
    all.emplace_back("tokenizer.json", R"({"added_tokens":[)" + added +
                                           R"(],"normalizer":null,"pre_tokenizer":null,"post_processor":null,)"
                                           R"("decoder":null,"model":{"type":"BPE","unk_token":null,"merges":[],)"
                                           R"("vocab":{"a":0,"b":1,"c":2,"x":3," ":4,"<":5,"n":6,"e":7,"w":8,)"
                                           R"(">":9,"s":10,"/":11}}})");
    all.emplace_back("tokenizer_config.json", "{" + config + "}");
    return with("", all);
}

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

TEST_CASE("the flags of added_tokens_decoder count, not those of tokenizer.json") {
    auto const text = [](std::string const& in_json, std::string const& in_decoder, std::string const& what) {
        auto const t = letters(in_json.empty() ? "" : ",\"" + in_json + "\":true",
                               R"("tokenizer_class":"PreTrainedTokenizerFast","added_tokens_decoder":{"12":)"
                               R"({"content":"<new>","normalized":false)" +
                                   (in_decoder.empty() ? "" : ",\"" + in_decoder + "\":true") + "}}");
        return std::pair(whole(t, what), t.kind(12) == piece_kind::control);
    };
    CHECK(text("", "", "a <new> b").first == ids{0, 4, 12, 4, 1});
    CHECK(text("", "lstrip", "a <new> b").first == ids{0, 12, 4, 1});
    CHECK(text("lstrip", "", "a <new> b").first == ids{0, 4, 12, 4, 1});
    CHECK(text("", "rstrip", "a <new> b").first == ids{0, 4, 12, 1});
    CHECK(text("rstrip", "", "a <new> b").first == ids{0, 4, 12, 4, 1});
    CHECK(text("", "single_word", "<new>a").first == ids{5, 6, 7, 8, 9, 0});
    CHECK(text("single_word", "", "<new>a").first == ids{12, 0});
    CHECK_FALSE(text("", "", "a").second);
    CHECK(text("", "special", "a").second);
    CHECK(text("special", "", "a").second); // once special, always
    std::string const class_of = R"("tokenizer_class":"PreTrainedTokenizerFast")";
    CHECK(whole(letters(R"(,"lstrip":true)", class_of + R"(,"added_tokens_decoder":{})"), "a <new> b") ==
          ids{0, 12, 4, 1});
    auto const moved = letters("", class_of + R"(,"added_tokens_decoder":{"15":{"content":"<new>","lstrip":true,)"
                                              R"("normalized":false}})");
    CHECK(whole(moved, "a <new> b") == ids{0, 12, 4, 1});
    auto const more = letters("", class_of + R"(,"added_tokens_decoder":{"20":{"content":"<s>","special":true}})");
    CHECK(whole(more, "a<new><s>b") == ids{0, 12, 13, 1});
}

TEST_CASE("special tokens that no piece is get the next ids, in the order of their roles") {
    std::string const class_of = R"("tokenizer_class":"PreTrainedTokenizerFast")";
    std::string const five     = R"(,"eos_token":"<end>","bos_token":"<begin>","pad_token":"<pad>",)"
                                 R"("additional_special_tokens":["<x1>"])";
    auto const        t        = letters("", class_of + five);
    CHECK(whole(t, "a<new><end><begin><pad><x1>b") == ids{0, 12, 14, 13, 15, 16, 1});
    CHECK(t.bos() == 13);
    CHECK(t.eos() == 14);
    CHECK(t.vocab_size() == 17);
    CHECK(t.kind(15) == piece_kind::control);
    CHECK(t.notes().size() == 4);
    // Those for which the model has no row are left aside.
    auto const small = letters("", class_of + five, {{"config.json", R"({"model_type":"x","vocab_size":14})"}});
    CHECK(small.bos() == 13);
    CHECK(small.eos() == -1);
    CHECK(small.vocab_size() == 14);
    CHECK(small.notes().size() == 4);
    auto const part = letters("", class_of + five, {{"config.json", R"({"text_config":{"vocab_size":13}})"}});
    CHECK(part.vocab_size() == 13);
    // special_tokens_map.json names them, unless tokenizer_config.json lists the added tokens.
    std::string const map = R"({"eos_token":{"content":"<end>","lstrip":true,"normalized":true,"rstrip":false,)"
                            R"("single_word":false}})";
    CHECK(whole(letters("", class_of, {{"special_tokens_map.json", map}}), "a <end>b") == ids{0, 13, 1});
    auto const listed = letters("", class_of + R"(,"added_tokens_decoder":{"12":{"content":"<new>"}})",
                                {{"special_tokens_map.json", map}});
    CHECK(listed.eos() == -1);
    CHECK(listed.vocab_size() == 13);
    auto const later = letters("", class_of + R"(,"eos_token":"<n>")", {{"special_tokens_map.json", map}});
    CHECK(later.piece(later.eos()) == "<end>");
    // A piece or an added token that is named is special from then on.
    auto const named = letters("", class_of + R"(,"eos_token":"x","bos_token":"<new>")");
    CHECK(named.eos() == 3);
    CHECK(whole(named, "axb") == ids{0, 3, 1});
    CHECK(named.kind(3) == piece_kind::control);
    CHECK(named.kind(12) == piece_kind::control);
    // The tokens of a class's own template.
    auto const both = letters("", R"("tokenizer_class":"LlamaTokenizer","bos_token":"<s>","eos_token":"</s>",)"
                                  R"("add_eos_token":true)");
    CHECK(whole(both, "ab") == ids{13, 0, 1, 14});
    CHECK(whole(both, "") == ids{13, 14});
}
