// One reader for both kinds of file: what config.json and GGUF metadata say is read in one way.
// Also tests config_entry.hpp.
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/json/json_document.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"

namespace {

using namespace qeval_test;

constexpr qeval::config_key width{"hidden_size", "embedding_length"}, epsilon{"rms_norm_eps", "epsilon"},
    absent{"num_experts", "expert_count"}, only_json{"hidden_act"}, only_gguf{"", "rope.type"};

qeval::json_document json(std::string const& text) {
    return qeval::parse_json(text, "config.json", {1u << 20, 10'000, 64, "CF01"});
}
qeval::gguf_file gguf(scratch const& dir, gguf_bytes& g) {
    put_file(dir / "m.gguf", g.bytes());
    return qeval::read_gguf(dir / "m.gguf", gguf_types);
}

// Both files of this test say the same.
void check_reads(qeval::config_reader const& r) {
    INFO(r.file());
    CHECK(r.architecture().text() == "tiny");
    CHECK(r.size(width, 1000) == 64);
    CHECK(r.size(absent, 1000, 3) == 3);
    CHECK(r.number(epsilon, 0, 1, 0.25) == 0.5);
    CHECK(r.number(absent, 0, 1, 0.25) == 0.25);
    CHECK_FALSE(r.find(absent));
    CHECK(r.vocabulary() == 5);
    CHECK(r.tied(false));
    CHECK(r.flag("attention_bias", "model.layers.0.self_attn.q_proj.bias"));
    CHECK_FALSE(r.flag("mlp_bias", "model.layers.0.mlp.up_proj.bias"));
}

} // namespace

TEST_CASE("config.json and GGUF metadata give the same numbers under their own names") {
    auto const document = json(R"({"model_type":"tiny","hidden_size":64,"rms_norm_eps":0.5,"vocab_size":5,)"
                               R"("tie_word_embeddings":true,"attention_bias":true,"num_experts":null})");
    check_reads(qeval::config_reader(document));
    scratch const dir;
    gguf_bytes    g;
    g.text("general.architecture", "tiny").u32("tiny.embedding_length", 64).f32("tiny.epsilon", 0.5f);
    auto const               file = gguf(dir, add_vocabulary(g)); // without a vocab_size: its tokens are counted
    qeval::tensor_view const any;
    check_reads(qeval::config_reader(file.metadata, [&](std::string_view name) {
        return name == "model.layers.0.self_attn.q_proj.bias" ? &any : nullptr;
    }));
}

TEST_CASE("a GGUF's head is tied where no tensor stores it, whatever config.json's default is") {
    scratch const dir;
    gguf_bytes    g;
    auto const    file = gguf(dir, g.text("general.architecture", "tiny"));
    auto const    with = [&](bool head) {
        static qeval::tensor_view const any;
        auto const tensors = [head](std::string_view n) { return head && n == "lm_head.weight" ? &any : nullptr; };
        return qeval::config_reader(file.metadata, tensors);
    };
    CHECK(with(false).tied(false));
    CHECK_FALSE(with(true).tied(true));
    auto const none = json("{}"), untied = json("{\"tie_word_embeddings\":false}");
    CHECK(qeval::config_reader(none).tied(true));
    CHECK_FALSE(qeval::config_reader(none).tied(false));
    CHECK_FALSE(qeval::config_reader(untied).tied(true));
}

TEST_CASE("a flag that is null is not set, whatever the default of its class, as None in Python") {
    auto const                 document = json(R"({"use_bias":null,"tie_word_embeddings":null,"hidden_size":null})");
    qeval::config_reader const r(document);
    CHECK_FALSE(r.truth({"use_bias"}, true));
    CHECK_FALSE(r.flag("use_bias", "", true));
    CHECK_FALSE(r.tied(true));
    CHECK(r.truth({"no_such_flag"}, true));
    CHECK(r.size(width, 1000, 3) == 3); // of a number null is no value
}

TEST_CASE("a GGUF has as many tokens as it lists, whatever number stands beside them") {
    scratch const dir;
    gguf_bytes    g;
    g.text("general.architecture", "tiny").u32("tiny.vocab_size", 7);
    put_file(dir / "alone.gguf", g.bytes());
    auto const alone = qeval::read_gguf(dir / "alone.gguf", gguf_types);
    CHECK(qeval::config_reader(alone.metadata, {}).vocabulary() == 7);
    auto const file = gguf(dir, add_vocabulary(g));
    CHECK(qeval::config_reader(file.metadata, {}).vocabulary() == 5);
}

TEST_CASE("an entry that only the other kind of file has is not found") {
    auto const                 document = json(R"({"hidden_act":"silu","rope.type":"x"})");
    scratch const              dir;
    gguf_bytes                 g;
    auto const                 file = gguf(dir, g.text("general.architecture", "tiny").text("tiny.rope.type", "neox"));
    qeval::config_reader const from_json(document), from_gguf(file.metadata, {});
    CHECK(from_json.find(only_json)->text() == "silu");
    CHECK_FALSE(from_json.find(only_gguf));
    CHECK(from_gguf.find(only_gguf)->text() == "neox");
    CHECK_FALSE(from_gguf.find(only_json));
    CHECK_FALSE(from_gguf.has_tensor("lm_head.weight"));
}

TEST_CASE("what is missing, of another type or out of range is refused where it stands, in both kinds of file") {
    auto const    document = json(R"({"model_type":"tiny","hidden_size":65,"rms_norm_eps":"x"})");
    scratch const dir;
    gguf_bytes    g;
    auto const    file =
        gguf(dir, g.text("general.architecture", "tiny").u32("tiny.embedding_length", 65).text("tiny.epsilon", "x"));
    qeval::config_reader const from_json(document), from_gguf(file.metadata, {});
    check_refused([&] { (void)from_json.size(width, 64); },
                  {"CF01", "config.json, hidden_size", "65", "an integer from 1 to 64"});
    check_refused([&] { (void)from_gguf.size(width, 64); },
                  {"CF01", "key \"tiny.embedding_length\"", "65", "an integer from 1 to 64"});
    check_refused([&] { (void)from_json.number(epsilon, 0, 1, 0); }, {"CF01", "rms_norm_eps", "\"x\"", "a number"});
    check_refused([&] { (void)from_gguf.number(epsilon, 0, 1, 0); },
                  {"CF01", "tiny.epsilon", "type string", "a float"});
    check_refused([&] { (void)from_json.at(absent); }, {"CF01", "config.json", "no field \"num_experts\"", ""});
    check_refused([&] { (void)from_gguf.at(absent); }, {"GG25", "metadata", "no key \"tiny.expert_count\"", ""});
    check_refused([&] { from_json.at(width).fail("a divisor of 128", "CF05"); },
                  {"CF05", "config.json, hidden_size", "65", "a divisor of 128"});
    check_refused([&] { from_gguf.at(width).fail("a divisor of 128", "CF05"); },
                  {"CF05", "tiny.embedding_length", "65", "a divisor of 128"});
}

TEST_CASE("a value that the file does not say and a default replaces is listed under the file's own name, once") {
    auto const    document = json(R"({"model_type":"tiny","hidden_size":64,"rope_scaling":null})");
    scratch const dir;
    gguf_bytes    g;
    auto const    file = gguf(dir, g.text("general.architecture", "tiny").u32("tiny.embedding_length", 64));
    qeval::config_reader const from_json(document), from_gguf(file.metadata, {});
    for (auto const* r : {&from_json, &from_gguf}) {
        CHECK(r->size(width, 1000, 3) == 64); // is said
        CHECK(r->number(epsilon, 0, 1, 0.25) == 0.25);
        CHECK(r->number(epsilon, 0, 1, 0.25) == 0.25);
        CHECK(r->count(absent, 1000, 3) == 3);
        CHECK_FALSE(r->flag("attention_bias", "a tensor")); // a GGUF says it by having none
        CHECK_FALSE(r->truth(only_gguf));
        r->took({"rope_scaling"}, std::monostate()); // is said to be none
        r->took({"sliding_window", "window"}, std::monostate());
    }
    using values  = std::vector<std::pair<std::string, qeval::taken_default::any_value>>;
    auto const of = [](qeval::config_reader const& r) {
        values all;
        for (auto const& d : r.defaults()) all.emplace_back(d.key, d.value);
        return all;
    };
    CHECK((of(from_json) == values{{"rms_norm_eps", 0.25},
                                   {"num_experts", qeval::index(3)},
                                   {"attention_bias", false},
                                   {"sliding_window", std::monostate()}}));
    CHECK((of(from_gguf) == values{{"tiny.epsilon", 0.25},
                                   {"tiny.expert_count", qeval::index(3)},
                                   {"tiny.rope.type", false},
                                   {"tiny.window", std::monostate()}}));
}
