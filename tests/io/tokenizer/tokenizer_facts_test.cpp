#include <string>
#include <vector>

#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/io/tokenizer/tokenizer_facts.hpp>

#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

TEST_CASE("a tokenizer's rules are told in words, each step of them") {
    auto const t     = tokenizer(read_tokenizer_json(
            tokenizer_text(
                byte_level_model({{"a", "b"}}),
                R"("normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Lowercase"}]},)"
                    R"("pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\d"},)"
                    R"("behavior":"Isolated","invert":false},)"
                    R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})"),
            "tokenizer.json"));
    auto const facts = tokenizer_facts_of(t);
    CHECK(facts.kind == "byte-level BPE");
    CHECK(facts.pieces == t.vocab_size());
    CHECK(facts.normalizer == std::vector<std::string>{"NFC", "lower case"});
    REQUIRE(facts.pretokenizer.size() == 1);
    CHECK(facts.pretokenizer[0] == R"(split by "\d", matches by themselves)");
}

TEST_CASE("long patterns are cut where people read them, and whole where they are asked for whole") {
    auto const t   = load_tokenizer(source("examples/models/qeval-5m"));
    auto const cut = tokenizer_facts_of(t, 20).pretokenizer, whole = tokenizer_facts_of(t, 1 << 20).pretokenizer;
    REQUIRE(cut.size() == whole.size());
    CHECK(cut.front().size() < whole.front().size());
}
