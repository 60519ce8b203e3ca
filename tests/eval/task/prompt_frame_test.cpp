// What several items begin with.
#include <cstddef>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/eval/task/prompt_frame.hpp>

TEST_CASE("a frame's text with fewer examples is its beginning, and it knows each example's parts") {
    using examples = std::vector<qeval::shown_example>;
    for (auto const& shown : {examples{}, examples{{"one", " ", "1", "\n\n"}},
                              examples{{"one", "", "", "\n"}, {"", "", "", ""}, {"3", " ", "three", ""}}}) {
        for (std::string const preamble : {"", "About x.\n\n"}) {
            qeval::prompt_frame frame(preamble);
            std::string         text = preamble;
            CHECK(frame.text(0) == text);
            for (std::size_t n = 0; n < shown.size(); ++n) {
                auto const& e = shown[n];
                frame.add(e);
                text += e.question + e.delimiter + e.answer + e.separator;
                CHECK(frame.text(n + 1) == text);
                CHECK(frame.text() == text);
                CHECK(frame.shots() == n + 1);
            }
            CHECK(frame.preamble() == preamble);
            for (std::size_t n = 0; n < shown.size(); ++n) {
                CHECK(frame.question(n) == shown[n].question);
                CHECK(frame.answer(n) == shown[n].answer);
            }
            CHECK(frame.text().starts_with(frame.text(shown.size() / 2)));
        }
    }
    CHECK(qeval::prompt_frame().text().empty());
    CHECK(qeval::prompt_frame().shots() == 0);
}
