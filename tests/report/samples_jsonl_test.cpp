#include <cstddef>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <tests/report/sample_result.hpp>
#include <tests/support/catch.hpp>

#include <qeval/io/json/json.hpp>
#include <qeval/report/samples_jsonl.hpp>

namespace {

struct two_texts : qeval::asked_texts {
    std::vector<qeval::set_part>    parts(std::string_view) const override { return {}; }
    std::optional<qeval::item_text> text(std::string_view, std::size_t item) const override {
        if (item == 2) return std::nullopt; // a task may not know
        return qeval::item_text{"{}", "gold", {{"Q?", " A"}, {"Q?", " B"}}, "def f():\n", {}};
    }
};
std::vector<qeval::json> lines_of(std::string const& text) {
    std::vector<qeval::json> lines;
    std::istringstream       in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(qeval::json::parse(line));
    return lines;
}

} // namespace

TEST_CASE("an item's line has prompts, target and programs only where texts are asked for") {
    auto  result                 = qeval_test::sample_result({1, 2, 0, 3, false});
    auto& tasks                  = result.scores.schemes[0].tasks;
    tasks[1].outcomes[0].samples = {{"    return 1\n", "passed"}, {"    return 2\n", "failed: AssertionError"}};

    auto const plain = lines_of(qeval::samples_jsonl("source", tasks[1]));
    REQUIRE(plain.size() == 3);
    CHECK(plain[0].at("id") == "item/0");
    for (char const* const key : {"requests", "target_text", "programs"}) CHECK(!plain[0].contains(key));

    two_texts const texts;
    auto const      choice = lines_of(qeval::samples_jsonl("source", tasks[0], &texts));
    CHECK(choice[1].at("requests") ==
          qeval::json::parse(R"([{"prompt": "Q?", "continuation": " A"}, {"prompt": "Q?", "continuation": " B"}])"));
    CHECK(choice[1].at("target_text") == "gold");
    CHECK(!choice[1].contains("programs"));
    CHECK(!choice[2].contains("requests"));

    auto const code = lines_of(qeval::samples_jsonl("source", tasks[1], &texts));
    CHECK(code[0].at("programs")[1] ==
          qeval::json{{"program", "def f():\n    return 2\n"}, {"result", "failed: AssertionError"}});
    CHECK(!code[1].contains("programs"));
}
