#include <random>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <qeval/io/tokenizer/vocabulary/piece_table.hpp>

#include "tests/support/catch.hpp"

using namespace qeval;

TEST_CASE("a table of pieces answers as a map of the same pieces does") {
    std::mt19937 draw(1);
    auto const   text = [&] {
        std::string s(draw() % 6, '\0');
        for (char& c : s) c = static_cast<char>(draw() % 5);
        return s;
    };
    for (std::size_t const size : {0U, 1U, 2U, 3U, 100U, 5000U}) {
        std::vector<std::pair<std::string, token>> pieces;
        std::unordered_map<std::string, token>     wanted;
        for (std::size_t i = 0; i < size; ++i) {
            pieces.emplace_back(text(), static_cast<token>(i));
            wanted.emplace(pieces.back().first, static_cast<token>(i)); // the first of equal ones counts there, too
        }
        piece_table const table(pieces);
        INFO(size);
        for (int i = 0; i < 20000; ++i) {
            auto const one  = text();
            auto const here = wanted.find(one);
            REQUIRE(table.find(one) == (here == wanted.end() ? -1 : here->second));
        }
    }
    CHECK(piece_table().find("") == -1);
}
