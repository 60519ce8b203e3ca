// Also tests mistral.hpp, ../part/config.hpp.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <qeval/io/json/json_document.hpp>

#include "tests/io/hostile.hpp"
#include "tests/support/reference_model.hpp"

namespace {

using namespace qeval_test;

// A good config with fields replaced (or, with an empty value, removed).
std::string config_text(std::vector<std::pair<std::string, std::string>> const& changes = {}) {
    std::vector<std::pair<std::string, std::string>> fields = {{"architectures", "[\"LlamaForCausalLM\"]"},
                                                               {"model_type", "\"llama\""},
                                                               {"hidden_act", "\"silu\""},
                                                               {"hidden_size", "64"},
                                                               {"intermediate_size", "172"},
                                                               {"num_hidden_layers", "5"},
                                                               {"num_attention_heads", "8"},
                                                               {"num_key_value_heads", "4"},
                                                               {"vocab_size", "512"},
                                                               {"max_position_embeddings", "2048"},
                                                               {"rms_norm_eps", "1e-05"},
                                                               {"bos_token_id", "1"},
                                                               {"eos_token_id", "2"}};
    for (auto const& [key, value] : changes) {
        bool known = false;
        for (auto& f : fields) {
            if (f.first != key) continue;
            f.second = value;
            known    = true;
        }
        if (!known) fields.emplace_back(key, value);
    }
    std::string text;
    for (auto const& [key, value] : fields) {
        if (!value.empty()) text += (text.empty() ? "{\"" : ",\"") + key + "\":" + value;
    }
    return text + "}";
}
struct parsed : qeval::llama::config {
    qeval::model_description model;
};
parsed parse(std::string const& text) {
    auto const                 document = qeval::parse_json(text, "config.json", {1u << 20, 10'000, 64, "CF01"});
    qeval::config_reader const r(document);
    auto const                 model = architectures().of(r).read(r);
    return {qeval::llama::read(r), model->description()};
}
void refused_with(std::vector<std::pair<std::string, std::string>> const& changes, refusal const& wanted) {
    check_refused([&] { (void)parse(config_text(changes)); }, wanted);
}
void refused(std::string const& key, std::string const& value, refusal const& wanted) {
    refused_with({{key, value}}, wanted);
}

} // namespace

TEST_CASE("an HF Llama config gives its numbers, and the defaults of fields it leaves out") {
    auto const c = parse(config_text());
    CHECK(c.model.architecture == "LlamaForCausalLM");
    CHECK(c.sizes.width == 64);
    CHECK(c.attention.head_size == 8);
    CHECK(c.attention.kv_heads == 4);
    CHECK(c.norm.epsilon == 1e-5);
    CHECK(c.rope.frequencies == std::vector<float>{1, 0.1f, 0.01f, 0.001f});
    CHECK(c.rope.order == qeval::rope_order::half_split);
    CHECK(c.attention.window == 0);
    CHECK_FALSE(c.tied);
    CHECK(c.model.facts.bos == 1);
    CHECK(c.model.facts.eos == std::vector<qeval::index>{2});
    CHECK(c.model.facts.quantized_by.empty());
    CHECK(parse(config_text({{"num_key_value_heads", ""}})).attention.kv_heads == 8);
    CHECK(parse(config_text({{"head_dim", "16"}})).attention.head_size == 16);
    CHECK(c.model.facts.notes.empty());
}
TEST_CASE("what config.json leaves out has the default of its class in transformers 4.57") {
    auto const without = [](char const* type, char const* hf_class) {
        return parse(config_text({{"model_type", type},
                                  {"architectures", hf_class},
                                  {"hidden_act", ""},
                                  {"max_position_embeddings", ""},
                                  {"num_key_value_heads", ""},
                                  {"num_attention_heads", "32"}}));
    };
    auto const llama = without("\"llama\"", "[\"LlamaForCausalLM\"]"); // read as itself
    CHECK(llama.sizes.positions == 2048);
    CHECK(llama.attention.kv_heads == 32);
    REQUIRE(llama.model.facts.notes.size() == 1);
    CHECK_THAT(llama.model.facts.notes[0], Catch::Contains("no max_position_embeddings: 2048"));
    CHECK(parse(config_text({{"max_position_embeddings", "null"}})).sizes.positions == 2048);
    auto const mistral = without("\"mistral\"", "[\"MistralForCausalLM\"]").model; // the rest by its description
    CHECK(mistral.cache.max_tokens == 131072);
    CHECK(mistral.cache.kv_heads == 8);
    auto const qwen2 = without("\"qwen2\"", "[\"Qwen2ForCausalLM\"]").model;
    CHECK(qwen2.cache.max_tokens == 32768);
    CHECK(qwen2.cache.kv_heads == 32);
    auto const starcoder2 = without("\"starcoder2\"", "[\"Starcoder2ForCausalLM\"]").model;
    CHECK(starcoder2.cache.max_tokens == 4096);
    CHECK(starcoder2.cache.kv_heads == 2);
    // A default is checked like a number of the file.
    refused_with({{"model_type", "\"mistral\""},
                  {"architectures", "[\"MistralForCausalLM\"]"},
                  {"num_key_value_heads", ""},
                  {"num_attention_heads", "4"}},
                 {"CF01", "key-value heads", "8", "a divisor of 4"});
}
TEST_CASE("a window is its class's: Mistral has 4,096 by default and none for null, Llama has none and says so") {
    auto const window = [](std::string const& value) {
        auto const document =
            qeval::parse_json(config_text({{"model_type", "\"mistral\""}, {"sliding_window", value}}), "config.json");
        return qeval::mistral::read(qeval::config_reader(document)).attention.window;
    };
    CHECK(window("") == 4096);
    CHECK(window("null") == 0);
    CHECK(window("7") == 7);
    auto const starcoder2 = [](std::string const& used) {
        auto const                 document = qeval::parse_json(config_text({{"model_type", "\"starcoder2\""},
                                                                             {"hidden_act", "\"gelu_pytorch_tanh\""},
                                                                             {"sliding_window", "7"},
                                                                             {"use_sliding_window", used}}),
                                                                "config.json");
        qeval::config_reader const r(document);
        auto const                 size = qeval::starcoder2::read(r).attention.window;
        return std::pair(size, r.notes().size());
    };
    CHECK(starcoder2("") == std::pair(qeval::index{7}, std::size_t{0}));
    CHECK(starcoder2("false") == std::pair(qeval::index{7}, std::size_t{1})); // which its class does not read
    check_refused([&] { (void)window("0"); }, {"JS09", "sliding_window", "0", "an integer from 1"});
    auto const llama = parse(config_text({{"sliding_window", "4096"}}));
    CHECK(llama.attention.window == 0);
    REQUIRE(llama.model.facts.notes.size() == 1);
    CHECK_THAT(llama.model.facts.notes[0],
               Catch::Contains("config.json, sliding_window: 4096 is left aside, Llama has none"));
    CHECK(parse(config_text({{"sliding_window", "null"}})).model.facts.notes.empty());
}
TEST_CASE("linear rope scaling is read in its old and new spelling") {
    auto const first = [](std::string const& key, std::string const& value) {
        return parse(config_text({{key, value}})).rope.frequencies;
    };
    CHECK(first("rope_scaling", "{\"type\":\"linear\",\"factor\":4.0}")[0] == 0.25f);
    CHECK(first("rope_scaling", "{\"rope_type\":\"default\"}")[0] == 1);
    auto const both = first("rope_parameters", "{\"rope_type\":\"linear\",\"factor\":2,\"rope_theta\":160000}");
    CHECK(both[0] == 0.5f);
    CHECK(both[2] == Approx(0.5 / 400));
}

TEST_CASE("CF01 a head count of 0, heads that do not divide, and sizes without sense are rejected") {
    refused("num_attention_heads", "0", {"CF01", "config.json, num_attention_heads", "0", "an integer from 1 to"});
    refused("num_attention_heads", "7", {"CF01", "config.json, num_attention_heads", "7", "a divisor of 64"});
    refused("num_key_value_heads", "3", {"CF01", "key-value heads", "3", "a divisor of 8 heads"});
    refused("num_key_value_heads", "9", {"CF01", "num_key_value_heads", "9", "from 1 to 8"});
    refused("num_key_value_heads", "0", {"CF01", "num_key_value_heads", "0", "from 1 to 8"});
    refused("head_dim", "7", {"CF01", "rotated dimensions", "7", "an even number"});
    for (std::string const field :
         {"hidden_size", "intermediate_size", "num_hidden_layers", "vocab_size", "max_position_embeddings"}) {
        for (std::string const value :
             {"-64", "0", "1e18", "1000000000000000000", "18446744073709551615", "64.0", "\"64\"", "[]", "true"}) {
            refused(field, value, {"CF01", "config.json, " + field, "", "an integer from 1 to"});
        }
        if (field != "max_position_embeddings") // which nothing is computed with
            refused(field, "null", {"CF01", "config.json, " + field, "null", "an integer from 1 to"});
        CHECK_NOTHROW(parse(config_text({{field, ""}}))); // class_defaults_test.cpp has what is taken
    }
    refused("hidden_size", "18446744073709551616", {"JS08", "config.json @ byte", "18446744073709551616", "64 bits"});
    refused("rms_norm_eps", "-1", {"CF01", "rms_norm_eps", "-1", "a number from"});
    refused("rms_norm_eps", "\"1e-5\"", {"CF01", "rms_norm_eps", "1e-5", "a number from"});
    refused("rope_theta", "0", {"CF01", "rope_theta", "0", "a number from"});
    refused("tie_word_embeddings", "1", {"CF01", "tie_word_embeddings", "1", "true or false"});
    check_refused([] { (void)parse("[]"); }, {"CF01", "config.json, the root value", "an array", "an object"});
}
TEST_CASE("an architecture, activation or rope kind that is not understood is refused by name") {
    refused("model_type", "\"mamba\"", {"CF05", "config.json, model_type", "\"mamba\"", "read here: llama, mistral"});
    refused("architectures", "[\"LlamaForSequenceClassification\"]",
            {"CF05", "architectures[0]", "Classification", "LlamaForCausalLM"});
    refused("hidden_act", "\"relu\"", {"CF06", "config.json, hidden_act", "\"relu\"", "silu"});
    CHECK_NOTHROW(parse(config_text({{"hidden_act", "\"swish\""}}))); // another name of it
    refused("rope_scaling", "{\"type\":\"new\",\"factor\":40}", {"CF07", "rope_scaling.type", "\"new\"", "linear"});
    refused("rope_scaling", "{\"rope_type\":\"llama3\",\"factor\":8}",
            {"CF01", "rope_scaling", "no field \"low_freq_factor\"", "low_freq_factor"});
    refused("rope_scaling", "{\"type\":\"longrope\",\"short_factor\":[1,2]}",
            {"CF07", "rope_scaling.short_factor", "2 numbers", "4, one"});
    refused("partial_rotary_factor", "1.5", {"CF01", "partial_rotary_factor", "1.5", "a number from"});
}

TEST_CASE("real configs are read, or refused for what they are") {
    auto const read = [](std::string const& name) -> std::optional<parsed> {
        auto const path = data("configs/" + name + ".config.json");
        if (!path) return std::nullopt;
        return parse(get_file(*path));
    };
    if (auto const c = read("deepseek-coder-6.7b")) {
        CHECK(c->sizes.width == 4096);
        CHECK(c->rope.frequencies[0] == 0.25f);
        CHECK(c->rope.frequencies[1] == Approx(0.25 * std::pow(100000, -2.0 / double(c->attention.head_size))));
    }
    if (auto const c = read("mistral-7b-v0.1")) {
        CHECK(c->attention.kv_heads == 8);
        CHECK(c->attention.head_size == 128);
    }
    if (auto const c = read("granite-3b-code")) {
        CHECK(c->attention_bias.o);
        CHECK(c->mlp_bias);
        CHECK(c->tied);
    }
    CHECK_NOTHROW(read("gptq-llama-30b"));
    check_refused(
        [&] {
            if (!read("bnb-nf4-molmo-7b")) throw qeval::file_error{{"CF05", ", model_type", "", "", ""}}; // skipped
        },
        {"CF05", ", model_type", "", ""});
}
