#include <string>
#include <vector>

#include <qeval/io/checkpoint/companion_files.hpp>

#include "tests/io/hostile.hpp"

TEST_CASE("files of tokenizers, templates and generation go with a model; weights, its config and other files do not") {
    qeval_test::scratch const      dir;
    std::vector<std::string> const with = {"added_tokens.json",       "generation_config.json", "qwen.tiktoken",
                                           "special_tokens_map.json", "spiece.model",           "tokenizer.json",
                                           "tokenizer.model"};
    for (auto const& name : with) qeval_test::put_file(dir / name, "x");
    for (char const* name : {"config.json", "model.safetensors", "model.safetensors.index.json", "README.md",
                             "results.json", "vocab.json/inside", "tokenizer.json.bak"})
        qeval_test::put_file(dir / name, "x");
    std::filesystem::create_symlink(dir / "README.md", dir / "merges.txt"); // as the hub's cache has them
    std::vector<std::string> found;
    for (auto const& path : qeval::companion_files(dir.path())) found.push_back(path.filename().string());
    auto wanted = with;
    wanted.insert(wanted.begin() + 2, "merges.txt");
    CHECK(found == wanted);
}
