// Tokens of fill-in-the-middle, in the vocabularies of models that have them and in those that have none.
#include <string>
#include <vector>

#include <tests/io/gguf/gguf_bytes.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/io/gguf/gguf.hpp>
#include <qeval/io/tokenizer/reader/gguf_special_names.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/io/tokenizer/vocabulary/middle_tokens.hpp>

using namespace qeval_test;
using namespace qeval;

TEST_CASE("each family's three tokens are found by their texts, unless they are ordinary text") {
    for (std::size_t family = 0; family < middle_roles[0].names.size(); ++family) {
        for (auto const kind : {piece_kind::control, piece_kind::user_defined, piece_kind::normal}) {
            vocabulary words("made up");
            words.add(0, "a", piece_kind::normal);
            token next = 1;
            for (auto const& role : middle_roles) words.add(next++, std::string(role.names[family]), kind);
            CAPTURE(std::string(middle_roles[0].names[family]), int(kind));
            auto const found = find_middle_tokens(words);
            CHECK(found.complete() == (kind != piece_kind::normal));
            if (found.complete()) CHECK(found == middle_tokens{1, 2, 3});
        }
    }
}
TEST_CASE("a GGUF's keys come before the texts, and tokens that they name keep their kind") {
    scratch const dir;
    vocabulary    words("made up");
    for (auto const* const text : {"a", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<other>"})
        words.add(token(words.size()), text, piece_kind::normal);
    gguf_bytes file;
    file.u32("tokenizer.ggml.fim_pre_token_id", 4).u32("tokenizer.ggml.suffix_token_id", 99);
    put_file(dir / "m.gguf", file.bytes());
    CHECK(apply_special_names(words, read_gguf_metadata(dir / "m.gguf")) == middle_tokens{4, 2, 3});
    CHECK(words.kind(4) == piece_kind::normal);
    CHECK(words.kind(2) == piece_kind::control);
}
TEST_CASE("real vocabularies of code models have their own, others have none") {
    struct known {
        std::string file, prefix, suffix, middle; // as the models' publishers write them
    };
    for (auto const& k :
         {known{"ggml-vocab/ggml-vocab-starcoder.gguf", "<fim_prefix>", "<fim_suffix>", "<fim_middle>"},
          known{"starcoder1-granite/tokenizer.json", "<fim_prefix>", "<fim_suffix>", "<fim_middle>"},
          known{"ggml-vocab/ggml-vocab-deepseek-coder.gguf",
                "<\xef\xbd\x9c"
                "fim\xe2\x96\x81"
                "begin\xef\xbd\x9c>",
                "<\xef\xbd\x9c"
                "fim\xe2\x96\x81hole\xef\xbd\x9c>",
                "<\xef\xbd\x9c"
                "fim\xe2\x96\x81"
                "end\xef\xbd\x9c>"},
          known{"ggml-vocab/ggml-vocab-llama-spm.gguf", "", "", ""}, known{"phi-3-mini/tokenizer.json", "", "", ""}}) {
        auto const path = data("tokenizers/" + k.file);
        if (!path) return;
        CAPTURE(k.file);
        auto const words = load_tokenizer(*path);
        auto const found = words.middle();
        CHECK(found.complete() == !k.prefix.empty());
        if (!found.complete()) continue;
        CHECK(words.piece(found.prefix) == k.prefix);
        CHECK(words.piece(found.suffix) == k.suffix);
        CHECK(words.piece(found.middle) == k.middle);
    }
}
