#include <set>

#include <qeval/core/random.hpp>
#include <qeval/engine/prefix_tree.hpp>

#include "tests/support/catch.hpp"

namespace qeval {
namespace {

std::vector<std::vector<token>> random_sequences(std::uint64_t seed, std::size_t count, std::uint64_t longest) {
    random_stream const             r(seed);
    std::uint64_t                   n = 0;
    std::vector<std::vector<token>> out(count);
    for (auto& s : out) {
        s.resize(r.below(longest + 1, n++));
        for (auto& t : s) t = token(r.below(3, n++)); // three tokens: many common beginnings
    }
    return out;
}

} // namespace

TEST_CASE("every sequence is the path to the node it ends with, and every prefix is computed once") {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        auto const                                texts = random_sequences(seed, 40, 1 + seed % 9);
        std::vector<std::span<token const>> const views(texts.begin(), texts.end());
        prefix_tree const                         tree(views);
        std::set<std::vector<token>>              prefixes;
        std::size_t                               nonempty = 0;
        for (auto const& t : texts) {
            nonempty += !t.empty();
            for (std::size_t n = 1; n <= t.size(); ++n) prefixes.insert({t.begin(), t.begin() + std::ptrdiff_t(n)});
        }
        CHECK(tree.tokens() == index(prefixes.size()));
        std::set<index> ended;
        for (auto const& n : tree.nodes()) {
            REQUIRE(!n.tokens.empty());
            REQUIRE(n.last > n.first);
            std::vector<token> path(n.tokens.begin(), n.tokens.end());
            index              start = n.start;
            for (index p = n.parent; p >= 0; p = tree.nodes()[std::size_t(p)].parent) {
                auto const& up = tree.nodes()[std::size_t(p)];
                path.insert(path.begin(), up.tokens.begin(), up.tokens.end());
                start = up.start;
            }
            CHECK(start == 0);
            index position = 0;
            for (index const s : tree.through(n)) {
                auto const& t = texts[std::size_t(s)];
                REQUIRE(t.size() >= path.size());
                CHECK(std::equal(path.begin(), path.end(), t.begin()));
                CHECK((t.size() == path.size()) == (position < n.ending));
                if (position++ < n.ending) CHECK(ended.insert(s).second);
            }
        }
        CHECK(ended.size() == nonempty);
    }
}

} // namespace qeval
