// Also tests merge_queue.hpp.
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <qeval/io/tokenizer/algorithm/bpe_merge.hpp>

#include "tests/support/catch.hpp"

using namespace qeval;

namespace {

using pair_map = std::map<std::pair<token, token>, bpe_join>;

// The definition: look at all neighbours, join the best pair, begin again. O(n^2).
std::vector<token> joined_naively(std::vector<token> ids, pair_map const& joins) {
    for (;;) {
        auto        best = joins.end();
        std::size_t at   = 0;
        for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
            auto const it = joins.find({ids[i], ids[i + 1]});
            if (it != joins.end() && (best == joins.end() || it->second.priority < best->second.priority)) {
                best = it;
                at   = i;
            }
        }
        if (best == joins.end()) return ids;
        ids[at] = best->second.id;
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
}

std::vector<token> joined(std::vector<token> const& ids, merge_table const& table) {
    bpe_scratch scratch;
    for (std::size_t i = 0; i < ids.size(); ++i) scratch.add(static_cast<std::uint32_t>(i), 1, ids[i]);
    join_symbols(scratch, [&](bpe_symbol const& a, bpe_symbol const& b) { return table.find(a.id, b.id); });
    std::vector<token> out;
    for (std::int32_t i = ids.empty() ? -1 : 0; i >= 0; i = scratch.symbols[static_cast<std::size_t>(i)].next) {
        out.push_back(scratch.symbols[static_cast<std::size_t>(i)].id);
    }
    return out;
}

} // namespace

TEST_CASE("joining with a heap gives what joining by definition gives") {
    std::mt19937 random(1);
    for (int round = 0; round < 3000; ++round) {
        token const                    letters = 2 + static_cast<token>(random() % 3);
        std::vector<merge_table::rule> rules;
        pair_map                       joins;
        token                          next = letters;
        for (auto n = random() % 20; n > 0; --n) { // each rule joins two known ids to a new one
            auto const a = static_cast<token>(random() % static_cast<unsigned>(next));
            auto const b = static_cast<token>(random() % static_cast<unsigned>(next));
            auto const r = static_cast<std::uint32_t>(random() % 30); // equal ranks too: the leftmost goes first
            if (!joins.emplace(std::pair(a, b), bpe_join{r, next}).second) continue;
            rules.push_back({a, b, next++, r});
        }
        merge_table const  table(rules, static_cast<std::size_t>(next));
        std::vector<token> text(random() % 60);
        for (auto& id : text) id = static_cast<token>(random() % static_cast<unsigned>(letters));
        REQUIRE(joined(text, table) == joined_naively(text, joins));
    }
}

TEST_CASE("a table finds what was put in, the later of two rules for a pair, and nothing else") {
    merge_table const table({{1, 2, 5, 10}, {0, 3, 6, 11}, {1, 0, 7, 12}, {1, 2, 8, 13}}, 9);
    CHECK(table.size() == 3);
    CHECK(table.find(1, 2).id == 8);
    CHECK(table.find(1, 2).priority == 13);
    CHECK(table.find(0, 3).id == 6);
    CHECK(table.find(2, 1).id == -1);
    CHECK(table.find(8, 8).id == -1);
    CHECK(table.find(-1, 2).id == -1);
    CHECK(table.find(1, -1).id == -1);
}

TEST_CASE("a long run of one letter takes time n log n") {
    std::vector<merge_table::rule> rules;
    for (token i = 0; i < 20; ++i) rules.push_back({i, i, i + 1, static_cast<std::uint32_t>(i)}); // doubling
    auto const ids = joined(std::vector<token>((std::size_t{1} << 20) + 5, 0), merge_table(rules, 21));
    CHECK(ids == std::vector<token>{20, 2, 0});
}
