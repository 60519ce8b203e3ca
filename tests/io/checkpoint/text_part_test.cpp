// Checkpoints of several parts, of which the text is read: published configurations against the values that
// transformers 4.57.6 gives them, names of tensors, and what is refused. Their logits:
// tests/model/arch/golden_test.cpp.
#include <algorithm>
#include <string>
#include <vector>

#include <qeval/io/checkpoint/text_part.hpp>
#include <qeval/model/arch/gemma3.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/arch/mistral.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"
#include "tests/support/one_layer_checkpoint.hpp"
#include "tests/support/reference_model.hpp"

namespace {

using namespace qeval_test;
using size_list = std::vector<qeval::index>;

qeval::json_document json(std::string const& text) {
    return qeval::parse_json(text, "config.json", {1u << 20, 10'000, 64, "CF01"});
}
std::string of_class(std::string const& type, std::string const& hf_class, std::string const& text) {
    return "{\"architectures\":[\"" + hf_class + "\"],\"model_type\":\"" + type + "\",\"text_config\":{" + text + "}}";
}
std::string const gemma_class = "Gemma3ForConditionalGeneration", llava_class = "LlavaForConditionalGeneration";

// vocabulary, width, inner, layers, heads, heads of keys, their size, context.
template <class Config>
size_list sizes(Config const& c) {
    return {c.sizes.vocab,     c.sizes.width,        c.sizes.inner,         c.sizes.layers,
            c.attention.heads, c.attention.kv_heads, c.attention.head_size, c.sizes.positions};
}
bool notes(qeval::config_reader const& r, std::string const& part) {
    return std::ranges::any_of(r.notes(), [&](auto const& n) { return n.find(part) != n.npos; });
}
std::vector<std::string> names(qeval::checkpoint const& c) {
    std::vector<std::string> all;
    for (auto const& t : c.tensors()) all.push_back(t.name);
    std::ranges::sort(all);
    return all;
}
void refused(std::string const& config_text, refusal const& wanted) {
    auto const document = json(config_text);
    check_refused([&] { (void)architectures().of(qeval::config_reader(document)); }, wanted);
}

} // namespace

TEST_CASE("what a published text_config leaves out is the default of its class, and noted") {
    std::string const gemma_text = R"("hidden_size":2560,"intermediate_size":10240,"model_type":"gemma3_text",)"
                                   R"("num_hidden_layers":34,"sliding_window":1024,)"
                                   R"("rope_scaling":{"factor":8.0,"rope_type":"linear"})";
    auto const        gemma      = json(of_class("gemma3", gemma_class, gemma_text));
    qeval::config_reader const g(gemma);
    CHECK(architectures().of(g).names().model_type == "gemma3_text");
    auto const c = qeval::gemma3::read(g);
    CHECK(sizes(c) == size_list{262208, 2560, 10240, 34, 8, 4, 256, 131072});
    CHECK(c.tied);
    CHECK(c.windows[4] == 1024);
    CHECK(c.windows[5] == 0);
    for (char const* left_out : {"vocab_size: 262208", "num_attention_heads: 8", "num_key_value_heads: 4"})
        CHECK(notes(g, left_out));

    std::string const          vicuna_text = R"("architectures":["LlamaForCausalLM"],"max_position_embeddings":4096,)"
                                             R"("model_type":"llama","rms_norm_eps":1e-05,"vocab_size":32064)";
    auto const                 vicuna      = json(of_class("llava", llava_class, vicuna_text));
    qeval::config_reader const l(vicuna);
    CHECK(architectures().of(l).names().model_type == "llama");
    CHECK(sizes(qeval::llama::read(l)) == size_list{32064, 4096, 11008, 32, 32, 32, 128, 4096});
    CHECK(notes(l, "hidden_size: 4096, the default of its class"));

    std::string const mistral_text = R"("intermediate_size":14336,"max_position_embeddings":32768,"vocab_size":32064,)"
                                     R"("model_type":"mistral","num_key_value_heads":8,"sliding_window":null)";
    auto const        mistral      = json(of_class("llava_next", "LlavaNextForConditionalGeneration", mistral_text));
    qeval::config_reader const m(mistral);
    CHECK(architectures().of(m).names().model_type == "mistral");
    CHECK(sizes(qeval::mistral::read(m)) == size_list{32064, 4096, 14336, 32, 32, 8, 128, 32768});
}

TEST_CASE("ends and tying are read from the text_config, and from beside it what it does not say") {
    std::string const          beside   = R"({"model_type":"llava","tie_word_embeddings":true,"eos_token_id":[1,106],)"
                                          R"("bos_token_id":2,"text_config":{"bos_token_id":7)";
    auto const                 document = json(beside + "}}");
    qeval::config_reader const r(document);
    CHECK(r.at({"bos_token_id"}).integer(0, 100) == 7);
    CHECK(r.find({"eos_token_id"})->json().size() == 2);
    CHECK(r.tied(false));
    auto const own = json(beside + ",\"tie_word_embeddings\":false}}");
    CHECK_FALSE(qeval::config_reader(own).tied(true));
    // LLaVA-OneVision's class writes false for all parts beside a text whose class ties.
    auto const other = json(R"({"model_type":"llava","tie_word_embeddings":false,"text_config":{}})");
    CHECK(qeval::config_reader(other).tied(true));
    CHECK_FALSE(qeval::config_reader(other).tied(false));
}

TEST_CASE("tensors of a text part have the names of their class, and the others are left aside with a sentence") {
    scratch const     dir;
    std::string const text = of_class("llava", llava_class, config().substr(1, config().size() - 2));
    auto const        one  = names(open(dir, config(), weights()));
    for (auto const& [prefix, other] : {std::pair{"language_model.model.", "vision_tower.embeddings.weight"},
                                        std::pair{"model.language_model.", "model.multi_modal_projector.weight"},
                                        std::pair{"model.text_model.", "model.connector.proj.weight"},
                                        std::pair{"model.", "visual.blocks.0.norm1.weight"}}) {
        INFO(prefix);
        auto const c = open(dir, text, weights("?", other, prefix));
        CHECK(names(c) == one);
        auto const  model = architectures().read(c);
        auto const& all   = model->description().facts.notes;
        REQUIRE(all.size() == 1);
        std::string const part(other);
        CHECK_THAT(all[0], Catch::Contains("config.json: 1 tensor of other parts"));
        CHECK_THAT(all[0],
                   Catch::Contains("(" + part.substr(0, part.find('.', part.starts_with("model.") ? 6 : 0)) + ")"));
        CHECK(architectures().read(open(dir, text, weights("?", {}, prefix)))->description().facts.notes.empty());
    }
    // An unknown tensor of the text itself is not another part's.
    auto const c =
        open(dir, text, weights("?", "model.language_model.layers.0.self_attn.q_proj.bias", "model.language_model."));
    check_refused([&] { (void)architectures().read(c); },
                  {"CF02", "tensor \"model.layers.0.self_attn.q_proj.bias\"", "a tensor", "none"});
}

TEST_CASE("CF05 parts that are not read, of a class that is not known or computes another text, are refused by name") {
    refused(of_class("mllama", "MllamaForConditionalGeneration", R"("model_type":"mllama_text_model")"),
            {"CF05", "config.json, model_type", "mllama", "several parts, of which the text is read: gemma3",
             "Mllama, with layers that see an image"});
    refused(of_class("paligemma", "PaliGemmaForConditionalGeneration", R"("model_type":"gemma")"),
            {"CF05", "config.json, model_type", "paligemma", "", "reads a prompt both ways"});
    refused(of_class("llava", llava_class, R"("model_type":"opt")"),
            {"CF05", "config.json, text_config.model_type", "opt", "llama, mistral"});
    refused(of_class("llava", "LlavaForSequenceClassification", R"("model_type":"llama")"),
            {"CF05", "config.json, architectures[0]", "LlavaForSequenceClassification", llava_class});
    auto const document = json(R"({"model_type":"llava"})");
    check_refused([&] { (void)qeval::config_reader(document); },
                  {"CF01", "", "no field \"text_config\"", "text_config"});
}

TEST_CASE("CF05 a GGUF of a vision part, given as the model, is refused with the likely cause") {
    scratch const dir;
    gguf_bytes    g;
    put_file(dir / "mmproj.gguf",
             g.text("general.architecture", "clip").tensor("v.blk.0.ln1.weight", {4}, 0, 16).bytes());
    auto const c = qeval::open_checkpoint(dir / "mmproj.gguf", gguf_types);
    check_refused([&] { (void)architectures().read(c); },
                  {"CF05", "mmproj.gguf", "clip", "llama", "mmproj file, which has the vision or audio part"});
}
