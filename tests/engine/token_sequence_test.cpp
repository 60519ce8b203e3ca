// A sequence of tokens is a value whose copies and ends share one memory.
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/engine/token_sequence.hpp>

using qeval::token;
using qeval::token_sequence;

TEST_CASE("a token sequence is what it was made of, and copies and ends of it are no copies of the tokens") {
    for (std::vector<token> const& made : {std::vector<token>{}, {7}, {1, 2, 3, 2, 1}}) {
        token_sequence const all = made, copy = all;
        CHECK(std::vector<token>(all.begin(), all.end()) == made);
        CHECK(copy.data() == all.data());
        CHECK(copy == token_sequence(std::vector(made)));
        CHECK(all.empty() == made.empty());
        for (std::size_t n = 0; n <= made.size(); ++n) {
            auto const end = all.last(n);
            CHECK(std::vector<token>(end.begin(), end.end()) ==
                  std::vector<token>(made.end() - std::ptrdiff_t(n), made.end()));
            CHECK(end.end() == all.end());
            CHECK((end == all) == (n == made.size()));
        }
    }
}

TEST_CASE("the end of a token sequence outlives the sequence") {
    token_sequence end;
    {
        token_sequence const all{4, 5, 6};
        end = all.last(2);
    }
    CHECK(end == token_sequence{5, 6});
}
