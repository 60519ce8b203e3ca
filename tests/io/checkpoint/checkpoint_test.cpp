#include <algorithm>
#include <cstring>
#include <string>

#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/model/arch/llama.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"
#include "tests/support/one_layer_checkpoint.hpp"

using namespace qeval_test;

TEST_CASE("an HF directory opens as a checkpoint with its files, config and tokenizer directory") {
    scratch const dir;
    auto const    c = open(dir, config(), weights());
    CHECK(c.kind() == "safetensors");
    CHECK(c.tensors().size() == 11);
    REQUIRE(c.find("model.norm.weight") != nullptr);
    CHECK(c.find("model.norm.weight")->shape == std::vector<qeval::index>{4});
    CHECK(c.find("model.norm") == nullptr);
    CHECK(c.tokenizer_directory() == dir.path());
    REQUIRE(c.files().size() == 2);
    CHECK(c.files()[0].bytes == std::filesystem::file_size(dir / "model.safetensors"));
    CHECK(c.config().size({"hidden_size", "embedding_length"}, 8) == 4);
    CHECK(c.hf_config() != nullptr);
    CHECK(c.metadata() == nullptr);
}
TEST_CASE("a single safetensors file takes the config beside it") {
    scratch const dir;
    (void)open(dir, config(), weights());
    std::filesystem::rename(dir / "model.safetensors", dir / "other.safetensors");
    auto const c = qeval::open_checkpoint(dir / "other.safetensors", {});
    CHECK(c.config().vocabulary() == 3);
    std::filesystem::remove(dir / "config.json");
    auto const bare = qeval::open_checkpoint(dir / "other.safetensors", {});
    check_refused([&] { (void)bare.config(); }, {"CF01", "", "no config.json", "beside the weights"});
}
TEST_CASE("a file that describes a model opens its directory; IX02 PyTorch's own files are refused for what they are") {
    scratch const dir;
    auto const    c = open(dir, config(), weights());
    CHECK(qeval::open_checkpoint(dir / "config.json", {}).tensors().size() == c.tensors().size());
    put_file(dir / "pytorch_model.bin", "PK");
    check_refused(
        [&] { (void)qeval::open_checkpoint(dir / "pytorch_model.bin", {}); },
        {"IX02", "pytorch_model.bin", "PyTorch", "safetensors or GGUF", "python -c \"from transformers import"});
    check_refused([&] { (void)qeval::open_checkpoint(dir / "none.bin", {}); },
                  {"IO01", "none.bin", "", "a readable file"});
}
TEST_CASE("any of several safetensors files with an index opens all of them") {
    auto const hf = data("models/stories260K/hf");
    if (!hf) return;
    auto const whole = qeval::open_checkpoint(*hf, {});
    for (char const* name : {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"})
        CHECK(qeval::open_checkpoint(*hf / name, {}).tensors().size() == whole.tensors().size());
}
TEST_CASE("two names of a GGUF that become one are rejected") {
    constexpr qeval::tensor_name_pair head[]   = {{"output", "lm_head"}};
    qeval::gguf_naming const          naming[] = {{"some", head}};
    scratch const                     dir;
    gguf_bytes                        g;
    g.text("general.architecture", "some");
    put_file(dir / "m.gguf", g.tensor("output.weight", {4}, 0, 16).tensor("lm_head.weight", {4}, 0, 16).bytes());
    check_refused([&] { (void)qeval::open_checkpoint(dir / "m.gguf", gguf_types, naming); },
                  {"GG18", "tensor \"lm_head.weight\"", "a second \"lm_head.weight\"", "distinct"});
}

TEST_CASE("a GGUF in two files is one checkpoint, whichever is opened; a tensor in both is rejected") {
    qeval::gguf_naming const namings[] = {{"llama", qeval::llama::gguf_names}};
    scratch const            dir;
    auto const               put = [&](std::uint16_t number, char const* tensor) {
        gguf_bytes g;
        if (number == 0) g.text("general.architecture", "llama");
        g.number("split.no", 2, number).number("split.count", 2, std::uint16_t{2});
        put_file(dir / (number == 0 ? "m-00001-of-00002.gguf" : "m-00002-of-00002.gguf"),
                               g.tensor(tensor, {4}, 0, 16).bytes());
    };
    put(0, "output_norm.weight");
    put(1, "output.weight");
    for (char const* name : {"m-00001-of-00002.gguf", "m-00002-of-00002.gguf"}) {
        auto const c = qeval::open_checkpoint(dir / name, gguf_types, namings);
        CHECK(c.files().size() == 2);
        CHECK(c.find("model.norm.weight") != nullptr);
        REQUIRE(c.find("lm_head.weight") != nullptr); // the head in the second file: not tied
        CHECK_THAT(c.find("lm_head.weight")->place(), Catch::Contains("m-00002-of-00002.gguf, tensor"));
        CHECK_FALSE(c.config().tied(true));
    }
    put(1, "output_norm.weight");
    check_refused([&] { (void)qeval::open_checkpoint(dir / "m-00001-of-00002.gguf", gguf_types, namings); },
                  {"GG18", "of-00002.gguf, tensor \"output_norm.weight\"", "a second", "distinct"});
}
TEST_CASE("tensors of a decoder that was saved without its head have their names without the model's prefix") {
    scratch const dir;
    auto const    names = [&](std::string const& stored) {
        std::vector<std::string> all;
        auto const               opened = open(dir, config(), stored);
        for (auto const& t : opened.tensors()) all.push_back(t.name);
        std::ranges::sort(all);
        return all;
    };
    CHECK(names(weights("?", {}, "")) == names(weights()));
    CHECK(names(weights("?", "lm_head.weight", "")) == names(weights("?", "lm_head.weight")));
    CHECK(names(weights("?", "layers.1.weight")) != names(weights("?", "model.layers.1.weight"))); // one has the prefix
}

TEST_CASE("stories260K is the same model from GGUF and from shards, but for the rotary order of q and k") {
    auto const gguf = data("models/stories260K/stories260K.gguf"), hf = data("models/stories260K/hf");
    if (!gguf || !hf) return;
    qeval::gguf_naming const namings[] = {{"llama", qeval::llama::gguf_names}};
    auto const a = qeval::open_checkpoint(*gguf, gguf_types, namings), b = qeval::open_checkpoint(*hf, gguf_types);
    auto const ca = qeval::llama::read(a.config()), cb = qeval::llama::read(b.config());
    CHECK(ca.sizes.width == cb.sizes.width);
    CHECK(ca.attention.head_size == cb.attention.head_size);
    CHECK(ca.sizes.vocab == cb.sizes.vocab);
    std::size_t equal = 0, permuted = 0;
    for (auto const& t : b.tensors()) {
        auto const* u = a.find(t.name);
        REQUIRE(u != nullptr);
        REQUIRE(u->shape == t.shape);
        bool const same = std::memcmp(u->bytes.data(), t.bytes.data(), t.bytes.size()) == 0;
        bool const qk   = t.name.find("q_proj") != t.name.npos || t.name.find("k_proj") != t.name.npos;
        CHECK(same != qk);
        if (same) {
            ++equal;
            continue;
        }
        // row i of a head in HF order is row 2 i (first half) or 2 i + 1 (second half) in GGUF order
        ++permuted;
        std::size_t const row = std::size_t(t.shape[1]) * 4, half = std::size_t(ca.attention.head_size) / 2;
        for (std::size_t r = 0; r < std::size_t(t.shape[0]); ++r) {
            std::size_t const head = r / (2 * half) * (2 * half), i = r % (2 * half);
            std::size_t const from = head + (i < half ? 2 * i : 2 * (i - half) + 1);
            CHECK(std::memcmp(t.bytes.data() + r * row, u->bytes.data() + from * row, row) == 0);
        }
    }
    CHECK(equal == 37);
    CHECK(permuted == 10);
}
