// Every pre-tokenizer that a GGUF may name, against llama.cpp (tests/golden/make_gguf_pretokenizers.py).
#include <set>
#include <string>
#include <vector>

#include <qeval/io/file/sha256.hpp>
#include <qeval/io/gguf/gguf.hpp>
#include <qeval/io/tokenizer/reader/tokenizer_gguf.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"
#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

// GPT-2's vocabulary under another pre-tokenizer.
tokenizer with_pretokenizer(gguf_vocabulary const& v, std::string const& name) {
    auto const texts = [](auto const& list) { return std::vector<std::string>(list.begin(), list.end()); };
    std::vector<std::int32_t> types;
    for (auto const type : v.types) types.push_back(static_cast<std::int32_t>(type));
    gguf_bytes g;
    g.text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", name);
    g.strings("tokenizer.ggml.tokens", texts(v.tokens)).strings("tokenizer.ggml.merges", texts(v.merges));
    g.numbers("tokenizer.ggml.token_type", 5, types).u32("tokenizer.ggml.bos_token_id", 50256);
    scratch const folder;
    put_file(folder / "vocab.gguf", g.bytes());
    return read_gguf_tokenizer(read_gguf_metadata(folder / "vocab.gguf"));
}
std::string digest_of(std::vector<token> const& ids) {
    std::string text;
    for (token const id : ids) text += (text.empty() ? "" : " ") + std::to_string(id);
    sha256 sum;
    sum.update(text);
    return sum.hex().substr(0, 8);
}

} // namespace

TEST_CASE("every pre-tokenizer of the table gives llama.cpp's ids, and BOS where it adds one") {
    auto const file = data("tokenizers/ggml-vocab/ggml-vocab-gpt-2.gguf");
    if (!file) return;
    auto const               metadata = read_gguf_metadata(*file);
    auto const               words    = read_gguf_vocabulary(metadata);
    auto const               golden   = json_file(source("tests/golden/tokenizer/gguf_pretokenizers.json"));
    std::vector<std::string> texts;
    golden.at("texts").for_each_element([&](std::size_t, json_value t) { texts.push_back(t.string()); });
    std::set<std::string> adds_bos, seen;
    golden.at("adds_bos").for_each_element([&](std::size_t, json_value n) { adds_bos.insert(n.string()); });
    golden.at("groups").for_each_element([&](std::size_t, json_value group) {
        auto const wanted = split_texts(group.at("digests").string(), " ");
        REQUIRE(wanted.size() == texts.size());
        group.at("names").for_each_element([&](std::size_t i, json_value n) {
            auto const name = n.string();
            INFO(name);
            CHECK(seen.insert(name).second);
            auto const* const rule = find_bpe_pattern(name);
            REQUIRE(rule != nullptr);
            CHECK(rule->adds_bos == adds_bos.contains(name));
            if (i > 0 && rule == find_bpe_pattern(group.at("names")[i - 1].string())) return; // the same row
            auto const t = with_pretokenizer(*words, name);
            for (std::size_t k = 0; k < texts.size(); ++k) {
                INFO(qeval::quoted(texts[k], 200));
                CHECK(digest_of(t.encode(texts[k])) == wanted[k]);
            }
        });
    });
    std::size_t raw = 0; // those that do not spell bytes have tests of their own
    for (auto const& rule : bpe_pattern_rules)
        for (auto const& name : split_texts(std::string(rule.names), " ")) {
            INFO(name);
            raw += rule.spelling != bpe_spelling::byte_letters;
            CHECK(seen.contains(name) == (rule.spelling == bpe_spelling::byte_letters));
        }
    CHECK(raw == 4);
    CHECK(seen.size() + raw == 90);
}
