#include <string>
#include <vector>

#include <qeval/io/file/name_order.hpp>

#include "tests/support/catch.hpp"

namespace {

std::string_view self(std::string const& s) { return s; }

} // namespace

TEST_CASE("items are found by name, absent ones are not, and duplicates are named in file order") {
    std::vector<std::string> const items = {"w10", "w1", "", "a", "w2"};
    qeval::name_order const        order(items, self);
    for (std::size_t i = 0; i < items.size(); ++i) CHECK(order.find(items, self, items[i]) == i);
    for (std::string const absent : {"w", "w11", "0", "zz", "A"})
        CHECK_FALSE(order.find(items, self, absent).has_value());
    CHECK_FALSE(order.duplicate(items, self).has_value());
    std::vector<std::string> const twice = {"b", "x", "a", "x"};
    auto const                     two   = qeval::name_order(twice, self).duplicate(twice, self);
    REQUIRE(two.has_value());
    CHECK(*two == std::pair<std::size_t, std::size_t>{1, 3});
    std::vector<std::string> const none;
    CHECK_FALSE(qeval::name_order(none, self).find(none, self, "a").has_value());
    CHECK_FALSE(qeval::name_order(none, self).duplicate(none, self).has_value());
}
