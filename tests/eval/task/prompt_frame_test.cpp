// What several items begin with.
#include <string>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/eval/task/prompt_frame.hpp>

TEST_CASE("a frame's text with fewer examples is its beginning, whichever way the examples came") {
    for (std::vector<std::string> const& examples :
         {std::vector<std::string>{}, {"one\n"}, {"one", "", "three\n\n"}, {"", ""}}) {
        for (std::string const preamble : {"", "About x.\n\n"}) {
            qeval::prompt_frame const whole(preamble, examples);
            qeval::prompt_frame       grown(preamble);
            std::string               text = preamble;
            CHECK(whole.text(0) == text);
            for (std::size_t n = 0; n < examples.size(); ++n) {
                grown.add(examples[n]);
                text += examples[n];
                CHECK(whole.text(n + 1) == text);
                CHECK(grown.text() == text);
                CHECK(grown.shots() == n + 1);
            }
            CHECK(whole.shots() == examples.size());
            CHECK(whole.text() == text);
            CHECK(whole.text().starts_with(whole.text(examples.size() / 2)));
        }
    }
    CHECK(qeval::prompt_frame().text().empty());
    CHECK(qeval::prompt_frame().shots() == 0);
}
