#include <string>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/report/model/layer_groups.hpp>

using namespace qeval;

TEST_CASE("layers that are alike are told together, in the order in which they first come") {
    std::vector<std::string> const layers{"near", "near", "far", "near"};
    auto const                     groups = groups_of(layers, [](std::string const& s) { return s.size(); });
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].what == 4);
    CHECK(groups[0].layers == std::vector<index>{0, 1, 3});
    CHECK(groups[1].layers == std::vector<index>{2});
}

TEST_CASE("numbers of layers are told as ranges, as steps, or not at all where it is all of them") {
    CHECK(in_layers({0, 1, 2}, 3).empty());
    CHECK(in_layers({1}, 3) == " in layer 1");
    CHECK(in_layers({0, 1, 2}, 4) == " in layers 0-2");
    CHECK(in_layers({0, 2, 3, 7, 8, 9}, 12) == " in layers 0, 2, 3, 7-9");
    CHECK(in_layers({0, 2, 4, 6}, 8) == " in layers 0, 2, 4, 6");
    CHECK(in_layers({5, 11, 17, 23, 29}, 30) == " in layers 5, 11, ... 29");
}
