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
