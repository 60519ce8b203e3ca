#include <map>
#include <string>

#include <sys/stat.h>

#include <qeval/io/checkpoint/shards.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;
namespace fs = std::filesystem;

std::string shard(std::string const& tensor) {
    return safetensors_bytes("{" + tensor_entry(tensor, "U8", "[2]", "[0,2]") + "}", "ab");
}
std::string index_text(std::map<std::string, std::string> const& map, std::string const& total = "4") {
    std::string text;
    for (auto const& [tensor, file] : map) text += (text.empty() ? "\"" : ",\"") + tensor + "\":\"" + file + "\"";
    return "{\"metadata\":{\"total_size\":" + total + "},\"weight_map\":{" + text + "}}";
}
constexpr char const* index_name = "model.safetensors.index.json";

// Tensors a and b in shards 1 and 2.
void put_model(fs::path const& dir) {
    put_file(dir / "1.safetensors", shard("a"));
    put_file(dir / "2.safetensors", shard("b"));
    put_file(dir / index_name, index_text({{"a", "1.safetensors"}, {"b", "2.safetensors"}}));
}
qeval::shard_set read(fs::path const& dir) { return qeval::read_shards(qeval::hf_directory(dir)); }

void refused(fs::path const& dir, refusal const& wanted) {
    check_refused([&] { (void)read(dir); }, wanted);
}

} // namespace

TEST_CASE("an index and its shards are read as one model without a warning") {
    scratch const dir;
    put_model(dir.path());
    auto const set = read(dir.path());
    CHECK(set.shards.size() == 2);
    CHECK(set.warnings.empty());
}
TEST_CASE("a single model.safetensors needs no index") {
    scratch const dir;
    put_file(dir / "model.safetensors", shard("a"));
    CHECK(read(dir.path()).shards.size() == 1);
}
TEST_CASE("a directory without weights is rejected with what was looked for") {
    scratch const dir;
    refused(dir.path(), {"IX02", dir.path().string(), "no weights", "model.safetensors"});
    put_file(dir / "pytorch_model.bin", "");
    refused(dir.path(), {"IX02", dir.path().string(), "no weights", "model.safetensors",
                         "M.from_pretrained('" + dir.path().string() + "').save_pretrained('"});
    put_file(dir / "m.gguf", "");
    refused(dir.path(), {"IX02", dir.path().string(), "no weights", "model.safetensors", "m.gguf"});
}
TEST_CASE("one of several files with an index beside them is known by its name") {
    scratch const             dir;
    qeval::hf_directory const there(dir.path());
    CHECK_FALSE(qeval::index_of_shard(dir / "model-00001-of-00002.safetensors", there));
    put_model(dir.path());
    CHECK(qeval::index_of_shard(dir / "model-00001-of-00002.safetensors", there) == index_name);
    put_file(dir / "quant-00001-of-00001.safetensors", shard("a"));
    CHECK_FALSE(qeval::index_of_shard(dir / "quant-00001-of-00001.safetensors", there));
    for (char const* name : {"model.safetensors", "model-1-of-2.safetensors", "-00001-of-00002.safetensors",
                             "model-00001-of-0000x.safetensors"})
        CHECK_FALSE(qeval::index_of_shard(dir / name, there));
}
TEST_CASE("weights of another name are read where there is one file, or one index, and the usual names come first") {
    scratch const dir;
    put_file(dir / "quant_model_weights.safetensors", shard("a"));
    qeval::hf_directory const there(dir.path());
    CHECK(qeval::weights_file(there) == "quant_model_weights.safetensors");
    CHECK(read(dir.path()).shards.size() == 1);
    put_file(dir / "adapter.safetensors", shard("b"));
    CHECK_FALSE(qeval::weights_file(there));
    refused(dir.path(), {"IX02", dir.path().string(), "no weights", "model.safetensors", "an index that is missing"});
    put_file(dir / "quant.safetensors.index.json", index_text({{"a", "quant_model_weights.safetensors"}}));
    CHECK(qeval::weights_file(there) == "quant.safetensors.index.json");
    CHECK(read(dir.path()).shards.size() == 1);
    put_file(dir / "model.safetensors", shard("c"));
    CHECK(qeval::weights_file(there) == "model.safetensors");
}

TEST_CASE("IX01 shards of the index and the single file stay inside the model directory") {
    scratch const outside, dir;
    put_file(outside / "secret", shard("a"));
    put_model(dir.path());
    put_file(dir / index_name, index_text({{"a", "../1.safetensors"}}));
    refused(dir.path(), {"IX01", std::string(index_name) + ", weight_map.a", "", "a file inside the model directory"});
    fs::create_symlink(outside / "secret", dir / "model.safetensors");
    refused(dir.path(), {"IX01", dir.path().string(), "a link to", ""});
}
TEST_CASE("IX02 a missing shard is rejected") {
    scratch const dir;
    put_model(dir.path());
    fs::remove(dir / "2.safetensors");
    refused(dir.path(), {"IX02", std::string(index_name) + ", weight_map.b", "no file \"2.safetensors\"",
                         "that shard in", "incomplete download"});
}
TEST_CASE("IX03 a tensor in two shards is rejected") {
    scratch const dir;
    put_model(dir.path());
    put_file(dir / "2.safetensors", safetensors_bytes("{" + tensor_entry("b", "U8", "[2]", "[0,2]") + "," +
                                                          tensor_entry("a", "U8", "[2]", "[2,4]") + "}",
                                                      "abcd"));
    refused(dir.path(), {"IX03", "2.safetensors, tensor \"a\"", "after \"1.safetensors\"", "in one shard"});
}
TEST_CASE("IX04 a tensor of the index that is in no shard is rejected, and the reverse, and one in another shard") {
    scratch const dir;
    put_model(dir.path());
    put_file(dir / index_name, index_text({{"a", "1.safetensors"}, {"b", "2.safetensors"}, {"c", "2.safetensors"}}));
    refused(dir.path(),
            {"IX04", std::string(index_name) + ", weight_map.c", "no such tensor in \"2.safetensors\"", "\"c\""});
    put_file(dir / index_name, index_text({{"b", "2.safetensors"}, {"c", "1.safetensors"}}));
    refused(dir.path(), {"IX04", "1.safetensors, tensor \"a\"", "no entry", "an entry in weight_map"});
    put_file(dir / index_name, index_text({{"b", "1.safetensors"}, {"a", "2.safetensors"}}));
    refused(dir.path(),
            {"IX04", "1.safetensors, tensor \"a\"", "an entry for \"2.safetensors\"", "one for \"1.safetensors\""});
}
TEST_CASE("IX04 an index of another shape is rejected") {
    scratch const dir;
    put_model(dir.path());
    for (std::string const text :
         {"{}", "{\"weight_map\":[]}", "{\"weight_map\":{\"a\":5}}", "{\"weight_map\":null}", "[]"}) {
        put_file(dir / index_name, text);
        refused(dir.path(), {"IX04", index_name, "", ""});
    }
    put_file(dir / index_name, "{\"weight_map\":{\"a\":\"1.safetensors\",\"a\":\"2.safetensors\"}}");
    refused(dir.path(), {"JS03", index_name, "\"a\" twice", "distinct"});
}
TEST_CASE("a total_size that is counted in floats is the same number") {
    for (std::string const total : {"4.0", "0.4e1"}) {
        scratch const dir;
        put_model(dir.path());
        put_file(dir / index_name, index_text({{"a", "1.safetensors"}, {"b", "2.safetensors"}}, total));
        CHECK(read(dir.path()).warnings.empty());
    }
}
TEST_CASE("IX05 another total_size is a warning, not an error") {
    for (std::string const total : {"5", "-1", "4.5", "NaN", "\"4\"", "18446744073709551615", "1e30"}) {
        scratch const dir;
        put_model(dir.path());
        put_file(dir / index_name, index_text({{"a", "1.safetensors"}, {"b", "2.safetensors"}}, total));
        auto const set = read(dir.path());
        CHECK(set.shards.size() == 2);
        REQUIRE(set.warnings.size() == 1);
        CHECK_THAT(set.warnings[0], Catch::StartsWith("warning[IX05] "));
        CHECK_THAT(set.warnings[0], Catch::Contains("metadata.total_size") && Catch::Contains("expected 4 "));
    }
}
TEST_CASE("IX06 a shard that is a directory, a FIFO or a device is rejected without waiting for it") {
    scratch const dir;
    put_model(dir.path());
    fs::remove(dir / "2.safetensors");
    fs::create_directory(dir / "2.safetensors");
    refused(dir.path(), {"IX06", "2.safetensors", "a directory", "a regular file"});
    fs::remove(dir / "2.safetensors");
    REQUIRE(::mkfifo((dir / "2.safetensors").c_str(), 0600) == 0);
    refused(dir.path(), {"IX06", "2.safetensors", "a FIFO", "a regular file"});
    check_refused([] { (void)qeval::read_safetensors("/dev/zero"); },
                  {"IX06", "/dev/zero", "a device", "a regular file"});
}
TEST_CASE("IX07 a Git LFS pointer in place of a shard, the model or the index is recognised") {
    std::string const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4969539560\n";
    refusal const     wanted{"IX07", "", "a Git LFS pointer of 75 bytes", "the file it points to", "git lfs pull"};
    scratch const     dir;
    put_model(dir.path());
    put_file(dir / "1.safetensors", pointer);
    refused(dir.path(), wanted);
    put_file(dir / index_name, pointer);
    refused(dir.path(), wanted);
    put_file(dir / "model.safetensors", pointer);
    refused(dir.path(), wanted);
}

TEST_CASE("real index files are read as far as the missing shards") {
    for (std::string const name : {"mixtral-8x22b", "deepseek-coder-6.7b", "gptq-qwen-vl-int4", "bnb-nf4-molmo-7b"}) {
        auto const path = data("configs/" + name + ".model.safetensors.index.json");
        if (!path) return;
        scratch const dir;
        put_file(dir / index_name, get_file(*path));
        refused(dir.path(), {"IX02", "weight_map", "no file", "that shard"});
    }
}
TEST_CASE("the sharded stories260K model is read") {
    auto const path = data("models/stories260K/hf");
    if (!path) return;
    auto const set = read(*path);
    CHECK(set.shards.size() == 2);
    CHECK(set.warnings.empty());
}
