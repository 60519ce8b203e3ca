// Geometries number the groups of a matrix: every weight lies in exactly one run of one group.
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/format/policy/geometry.hpp>

namespace {

using qeval::index;

template <class G>
void check_partition(index rows, index cols) {
    INFO(rows << " x " << cols);
    std::vector<index> group(static_cast<std::size_t>(rows * cols), -1);
    for (index g = 0; g < G::groups(rows, cols); ++g) {
        index weights = 0;
        G::for_each_run(g, rows, cols, [&](index first, index last) {
            CHECK((0 <= first && first < last && last <= rows * cols));
            for (index i = first; i < last; ++i) {
                CHECK(group[static_cast<std::size_t>(i)] == -1); // nobody else's
                group[static_cast<std::size_t>(i)] = g;
            }
            weights += last - first;
        });
        CHECK(weights > 0); // no empty group
    }
    for (index r = 0; r < rows; ++r) {
        for (index c = 0; c < cols; ++c) {
            index const g = group[static_cast<std::size_t>(r * cols + c)];
            CHECK(g == G::group_of(r, c, cols));
            index const end = G::run_end(r, c, cols);
            CHECK((c < end && end <= cols));
            CHECK(G::group_of(r, end - 1, cols) == g);
            if (end < cols) CHECK(G::group_of(r, end, cols) != g);
        }
    }
}

template <class G>
void check_shapes() {
    for (index rows : {1, 2, 5, 17}) {
        for (index cols : {1, 4, 7, 16, 40, 65}) check_partition<G>(rows, cols);
    }
}

TEST_CASE("every weight lies in exactly one group, and runs end where groups change") {
    check_shapes<qeval::group<16>>();
    check_shapes<qeval::group<128>>(); // longer than any row
    check_shapes<qeval::flat<16>>();   // straddles rows
    check_shapes<qeval::flat<64>>();
    check_shapes<qeval::per_row>();
    check_shapes<qeval::per_tensor>();
    check_shapes<qeval::tile<4, 8>>();
    check_shapes<qeval::tile<128, 128>>();
}

static_assert(qeval::flat<64>::groups(3, 40) == 2 && qeval::flat<64>::group_of(1, 23, 40) == 0 &&
              qeval::flat<64>::group_of(1, 24, 40) == 1);
static_assert(qeval::group<128>::groups(3, 200) == 6 && qeval::tile<128, 128>::groups(200, 300) == 6);
static_assert(qeval::block<256, 32>::whole && !qeval::block<64, 24>::whole);

} // namespace
