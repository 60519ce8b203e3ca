#include <string>
#include <vector>

#include <tests/io/hostile.hpp>
#include <tests/support/data.hpp>

#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/checkpoint/weights_sha256.hpp>

namespace {

using namespace qeval_test;

std::string hash_of(std::filesystem::path const& model, int threads = 2) {
    qeval::thread_pool pool(threads);
    return qeval::weights_sha256(qeval::open_checkpoint(model, {}).tensors(), pool);
}
std::string hash_of(std::vector<qeval::tensor_view> const& tensors) {
    qeval::thread_pool pool(2);
    return qeval::weights_sha256(tensors, pool);
}

} // namespace

// The expected values are what examples/weights_sha256.py prints for the same files.
TEST_CASE("the bundled model's weights have the hash that Python's hashlib gives, on any number of threads") {
    for (int const threads : {1, 2, 5}) {
        CHECK(hash_of(source("examples/models/qeval-5m"), threads) ==
              "14ddd1ed9c2d8f4ca15d6cece22ce1a91c59bf63884ec6a389cb0226d3b3bbf4");
    }
}
TEST_CASE("a scalar, a tensor without elements, and names that JSON escapes are hashed as in Python") {
    scratch const dir;
    put_file(dir / "a.safetensors", safetensors_bytes("{" + tensor_entry(R"(z\"\\ \u00e9)", "U8", "[2]", "[0,2]") +
                                                          "," + tensor_entry("ä\u00e9😀", "F16", "[]", "[2,4]") + "," +
                                                          tensor_entry("B", "F32", "[3,0]", "[4,4]") + "," +
                                                          tensor_entry("a", "BF16", "[1,2]", "[4,8]") + "}",
                                                      "abcdefgh"));
    CHECK(hash_of(dir / "a.safetensors") == "e58fac739bd1f78aef695752d0a0c5cdd55f7ae9b429128d57d71d7b8a61c32e");
}
TEST_CASE("weights hash alike in one file, in shards, and in another order within a file") {
    std::string const a = tensor_entry("a", "U8", "[2]", "[0,2]"), b = tensor_entry("b", "U8", "[2]", "[2,4]");
    scratch const     one, two, turned;
    put_file(one / "model.safetensors", safetensors_bytes("{" + a + "," + b + "}", "1234"));
    put_file(two / "1.safetensors", safetensors_bytes("{" + a + "}", "12"));
    put_file(two / "2.safetensors", safetensors_bytes("{" + tensor_entry("b", "U8", "[2]", "[0,2]") + "}", "34"));
    put_file(two / "model.safetensors.index.json",
             R"({"metadata":{"total_size":4},"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})");
    put_file(turned / "model.safetensors", safetensors_bytes("{" + tensor_entry("b", "U8", "[2]", "[0,2]") + "," +
                                                                 tensor_entry("a", "U8", "[2]", "[2,4]") + "}",
                                                             "3412"));
    CHECK(hash_of(two.path()) == hash_of(one.path()));
    CHECK(hash_of(turned.path()) == hash_of(one.path()));
}
TEST_CASE("any other name, type, shape or byte is another hash, and so is a tensor more or less") {
    std::string const                            text = "abcdefgh", other = "abcdefgi";
    auto const                                   bytes = std::as_bytes(std::span(text));
    qeval::tensor_view const                     t{"t", "F16", {2, 2}, bytes}, u{"u", "F16", {2, 2}, bytes};
    std::vector<std::vector<qeval::tensor_view>> all = {{}, {t}, {u}, {t, u}};
    all.push_back({{"t", "BF16", {2, 2}, bytes}});
    all.push_back({{"t", "F16", {4}, bytes}});
    all.push_back({{"t", "F16", {2, 2}, std::as_bytes(std::span(other))}});
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) CHECK(hash_of(all[i]) != hash_of(all[j]));
}
