// What each preset leaves of one completion: its stops where the engine writes, then its clean-up.
#include <algorithm>
#include <string>
#include <string_view>

#include <tests/support/catch.hpp>

#include <qeval/eval/code/code_preset.hpp>

namespace {

// A body, an empty line, a comment, another function in a fence: every rule cuts it elsewhere.
std::string const written =
    "\n\n    x = 1\n\tif x:\n        return x\n\n    return 2\n\n\n# Usage\nprint(f(1))\n```\n    z = 3\n@decorated\n";

std::string kept(std::string_view preset, std::string const& text = written) {
    auto const& p   = qeval::find_code_preset(preset);
    std::size_t end = text.size();
    for (auto const& stop : p.stop_texts()) end = std::min(end, text.find(stop));
    return qeval::cleaned(text.substr(0, end), p.cleanup);
}

} // namespace

TEST_CASE("each of the eight presets cuts a completion by its own rule") {
    CHECK(qeval::code_presets.size() == 8);
    CHECK(kept("openai") == written);
    CHECK(kept("bigcode") == "\n\n    x = 1\n\tif x:\n        return x\n\n    return 2\n\n");
    CHECK(kept("bigcode-unstripped") == kept("bigcode"));
    CHECK(kept("lm-eval") == kept("bigcode"));
    CHECK(kept("mindie") == "\n\n    x = 1\n\tif x:\n        return x\n\n    return 2\n\n");
    CHECK(kept("opencompass") ==
          written.substr(6)); // a fence that never closes is none; the first line loses its indent
    CHECK(kept("llmc") == "    x = 1\n    if x:\n        return x");
    CHECK(kept("exllamav3") == "    x = 1\n\tif x:\n        return x\n\n    return 2");
}
TEST_CASE("stops: bigcode has decorators, fences and file separators, lm-eval has not, exllamav3 has fences only") {
    CHECK(kept("bigcode", "    a\n@b") == "    a");
    CHECK(kept("lm-eval", "    a\n@b\nclass") == "    a\n@b");
    CHECK(kept("bigcode", "    a\n```\n") == "    a");
    CHECK(kept("bigcode", "    a<file_sep>") == "    a");
    CHECK(kept("lm-eval", "    a<file_sep>") == "    a<file_sep>");
    CHECK(kept("lm-eval", "    a\ndefault = 1") == "    a"); // no space after the word: lm-eval's own list
    CHECK(kept("exllamav3", "a\n    ```b") == "    a");
    CHECK(qeval::find_code_preset("lm-eval").stop_texts().size() == 5);
    CHECK(qeval::find_code_preset("openai").stop_texts().empty());
}
TEST_CASE("MindIE keeps the first line whatever it is, empty lines, and cuts a tail behind two empty lines") {
    CHECK(kept("mindie", "return 1\n    b\nc") == "return 1\n    b");
    CHECK(kept("mindie", "    a\n\n    b") == "    a\n\n    b");
    CHECK(kept("mindie", "    a\n\n\n    b\n\n\n    c") == "    a\n\n\n    b");
    CHECK(kept("mindie", "    a\n") == "    a\n");
    CHECK(kept("mindie", "").empty());
}
TEST_CASE("opencompass takes the first closed fence, whatever its language, and strips on the left") {
    CHECK(kept("opencompass", "Sure:\n```python\n    return 1\n```\nor\n```\n2\n```") == "return 1\n");
    CHECK(kept("opencompass", "```\n\n  a\n  b\n```") == "a\n  b\n");
    CHECK(kept("opencompass", "```c++\na\n```\n```py\nb\n```") == ""); // "c++" is no word: its closing fence opens
    CHECK(kept("opencompass", "```python\n    return 1\n") == "```python\n    return 1\n");
    CHECK(kept("opencompass", "    return 1") == "return 1");
    CHECK(kept("opencompass", " \n\xe3\x80\x80") == "");
    CHECK(kept("opencompass", "``````\na```") == "a");
}
TEST_CASE("llmc keeps a paragraph, exllamav3 one indented block") {
    CHECK(kept("llmc", "\n\n\n\ta\n\n\tb") == "    a");
    CHECK(kept("llmc", "a") == "a");
    CHECK(kept("llmc", "\n\n").empty());
    CHECK(kept("exllamav3", "  a\n\n  b\nc\n  d") == "    a\n\n  b");
    CHECK(kept("exllamav3", "") == "    ");
    CHECK(kept("exllamav3", "a\nb") == "    a");
}
TEST_CASE("an unknown preset is a usage error that lists them all") {
    CHECK_THROWS_WITH(qeval::find_code_preset("hf"), Catch::Contains("EV13") && Catch::Contains("\"hf\"") &&
                                                         Catch::Contains("openai, bigcode, ") &&
                                                         Catch::Contains("exllamav3"));
}
