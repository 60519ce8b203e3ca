#include <numeric>
#include <type_traits>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/view.hpp>

using qeval::matrix_view;

TEST_CASE("a view reads rows that lie a stride apart") {
    std::vector<int> memory(20);
    std::iota(memory.begin(), memory.end(), 0);
    matrix_view<int> const m(memory.data(), 3, 4, 6); // columns 4 and 5 belong to somebody else
    CHECK(m(0, 0) == 0);
    CHECK(m(2, 3) == 15);
    CHECK(m.row(1).size() == 4);
    CHECK(m.row(1)[0] == 6);
    CHECK(m.row(1)[3] == 9);
}

TEST_CASE("a slice of rows shares memory, columns and stride") {
    std::vector<int> memory(20, 0);
    matrix_view<int> m(memory.data(), 3, 4, 6);
    auto const       s = m.slice(1, 2);
    CHECK(s.rows == 2);
    CHECK(s.cols == 4);
    CHECK(s.stride == 6);
    s(1, 2) = 5;
    CHECK(memory[14] == 5);
    CHECK(m.slice(3, 0).rows == 0);
}

TEST_CASE("a view without a stride is dense, and becomes a view of constants") {
    std::vector<float>       memory{1, 2, 3, 4, 5, 6};
    matrix_view<float>       m(memory.data(), 2, 3);
    matrix_view<float const> c = m;
    CHECK(c(1, 0) == 4);
    CHECK(c.stride == 3);
    static_assert(!std::is_convertible_v<matrix_view<float const>, matrix_view<float>>);
    CHECK(matrix_view<float>{}.rows == 0);
}
