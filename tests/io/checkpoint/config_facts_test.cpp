#include <string>
#include <vector>

#include <qeval/io/checkpoint/config_facts.hpp>
#include <qeval/io/json/json_document.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"

namespace {

using namespace qeval_test;

// Of a model with hidden states of 64 numbers and 512 tokens.
qeval::config_facts facts(std::string const& text) {
    auto const document = qeval::parse_json(text, "config.json", {1u << 20, 10'000, 64, "CF01"});
    return qeval::read_facts(qeval::config_reader(document), 512);
}
void refused(std::string const& text, refusal const& wanted) {
    check_refused([&] { (void)facts(text); }, wanted);
}

} // namespace

TEST_CASE("config.json names one token that begins a text, and one or several that end it") {
    auto const none = facts("{}");
    CHECK_FALSE(none.bos);
    CHECK(none.eos.empty());
    CHECK(none.quantized_by.empty());
    auto const one = facts("{\"bos_token_id\":1,\"eos_token_id\":2}");
    CHECK(one.bos == 1);
    CHECK(one.eos == std::vector<qeval::index>{2});
    CHECK(facts("{\"eos_token_id\":[2,7]}").eos == std::vector<qeval::index>{2, 7});
    CHECK_FALSE(facts("{\"bos_token_id\":null,\"eos_token_id\":null}").bos);
}

TEST_CASE("a GGUF's vocabulary names them") {
    scratch const dir;
    gguf_bytes    g;
    put_file(dir / "m.gguf", add_vocabulary(g.text("general.architecture", "llama")).bytes());
    auto const file  = qeval::read_gguf(dir / "m.gguf", gguf_types);
    auto const facts = qeval::read_facts(qeval::config_reader(file.metadata, {}), 5);
    CHECK(facts.bos == 1);
    CHECK(facts.eos == std::vector<qeval::index>{2});
    CHECK(facts.quantized_by.empty());
    CHECK(facts.notes.empty());
    // The embedding may have fewer rows than the vocabulary has tokens.
    CHECK(qeval::read_facts(qeval::config_reader(file.metadata, {}), 2).eos.empty());
}

TEST_CASE(
    "ids that the vocabulary does not have are left aside with a note; CF01 those that are no integers are rejected") {
    auto const aside = [](std::string const& text, std::string const& place, std::string const& found) {
        INFO(text);
        auto const f = facts(text);
        REQUIRE(f.notes.size() == 1);
        CHECK_THAT(f.notes[0], Catch::Contains("config.json, " + place + ": " + found + " is left aside") &&
                                   Catch::Contains("512 tokens"));
        return f;
    };
    CHECK_FALSE(aside("{\"bos_token_id\":512}", "bos_token_id", "512").bos);
    CHECK(aside("{\"eos_token_id\":[2,512]}", "eos_token_id[1]", "512").eos == std::vector<qeval::index>{2});
    CHECK(aside("{\"eos_token_id\":-1}", "eos_token_id", "-1").eos.empty());
    CHECK(aside("{\"eos_token_id\":18446744073709551615}", "eos_token_id", "18446744073709551615").eos.empty());
    refused("{\"bos_token_id\":\"1\"}", {"CF01", "bos_token_id", "\"1\"", "an integer"});
    refused("{\"eos_token_id\":2.5}", {"CF01", "eos_token_id", "2.5", "an integer"});
    refused("{\"eos_token_id\":[2,true]}", {"CF01", "eos_token_id[1]", "true", "an integer"});
}
TEST_CASE("a generated text ends with the ids of config.json and of generation_config.json, a number or a list") {
    auto const ends = [](std::string const& generation) {
        auto const config = qeval::parse_json("{\"eos_token_id\":2}", "config.json", {1u << 20, 10'000, 64, "CF01"});
        auto const beside = qeval::parse_json(generation, "generation_config.json", {1u << 20, 10'000, 64, "CF01"});
        return qeval::read_facts(qeval::config_reader(config, &beside), 512);
    };
    using ids = std::vector<qeval::index>;
    CHECK(ends("{}").eos == ids{2});
    CHECK(ends("{\"eos_token_id\":null}").eos == ids{2});
    CHECK(ends("{\"eos_token_id\":7}").eos == ids{2, 7});
    CHECK(ends("{\"eos_token_id\":[7,2,5]}").eos == ids{2, 5, 7});
    auto const f = ends("{\"eos_token_id\":[7,600]}");
    CHECK(f.eos == ids{2, 7});
    REQUIRE(f.notes.size() == 1);
    CHECK_THAT(f.notes[0], Catch::Contains("generation_config.json, eos_token_id[1]: 600"));
    check_refused([&] { (void)ends("{\"eos_token_id\":\"</s>\"}"); },
                  {"CF01", "generation_config.json, eos_token_id", "</s>", "an integer"});
}

TEST_CASE("each place that names the end of a text is told, and what the reader took by default") {
    auto const document = qeval::parse_json("{\"eos_token_id\":[2,7]}", "config.json", {1u << 20, 10'000, 64, "CF01"});
    auto const generation =
        qeval::parse_json("{\"eos_token_id\":7}", "generation_config.json", {1u << 20, 10'000, 64, "CF01"});
    qeval::config_reader const r(document, &generation);
    (void)r.number({"rope_theta"}, 1, 1e9, 10000);
    auto const facts = qeval::read_facts(r, 512);
    CHECK(facts.eos == std::vector<qeval::index>{2, 7});
    REQUIRE(facts.ends.size() == 3);
    CHECK((facts.ends[0].id == 2 && facts.ends[0].place == "config.json"));
    CHECK((facts.ends[1].id == 7 && facts.ends[1].place == "config.json"));
    CHECK((facts.ends[2].id == 7 && facts.ends[2].place == "generation_config.json"));
    REQUIRE(facts.defaults.size() == 1);
    CHECK(facts.defaults[0].key == "rope_theta");
}
