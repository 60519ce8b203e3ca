#include <type_traits>

#include <tests/support/catch.hpp>

#include <qeval/core/fixed_string.hpp>

namespace {

template <qeval::fixed_string Name>
struct named {
    static constexpr auto name = Name;
};

} // namespace

TEST_CASE("a literal as template argument keeps its text and decides the type") {
    static_assert(named<"q4_0">::name.view() == "q4_0");
    static_assert(named<"">::name.view().empty());
    static_assert(std::is_same_v<named<"a">, named<"a">>);
    static_assert(!std::is_same_v<named<"a">, named<"b">>);
    CHECK(named<"bell4">::name.view().size() == 5);
}
