// Geometries number the groups of a matrix: every weight lies in exactly one run of one group.
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/format/policy/geometry.hpp>

namespace {

using qeval::index;

template <class G>
void check_partition(G const& geometry, index rows, index cols) {
    INFO(rows << " x " << cols);
    std::vector<index> group(static_cast<std::size_t>(rows * cols), -1);
    for (index g = 0; g < geometry.groups(rows, cols); ++g) {
        index weights = 0;
        geometry.for_each_run(g, rows, cols, [&](index first, index last) {
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
            CHECK(g == geometry.group_of(r, c, cols));
            index const end = geometry.run_end(r, c, cols);
            CHECK((c < end && end <= cols));
            CHECK(geometry.group_of(r, end - 1, cols) == g);
            if (end < cols) CHECK(geometry.group_of(r, end, cols) != g);
        }
    }
}

// What kernels and encoders rely on to take several rows, or several threads, at a time.
template <class G>
void check_promises(G const& geometry, index rows, index cols) {
    for (index unit : {1, 2, 4, 8, 32}) {
        bool same = true, on_units = true, whole_bytes = true;
        for (index r = 0; r < rows; ++r) {
            for (index c = 0; c < cols; c = geometry.run_end(r, c, cols)) {
                same              = same && geometry.run_end(r, c, cols) == geometry.run_end(0, c, cols);
                on_units          = on_units && c % unit == 0;
                bool const begins = (r == 0 && c == 0) ||
                                    geometry.group_of((r * cols + c - 1) / cols, (r * cols + c - 1) % cols, cols) !=
                                        geometry.group_of(r, c, cols);
                whole_bytes = whole_bytes && (!begins || (r * cols + c) % unit == 0);
            }
        }
        INFO(rows << " x " << cols << " in units of " << unit);
        if (geometry.lines_up(unit, cols)) CHECK((same && on_units));
        if (geometry.begins_on(unit, cols)) CHECK(whole_bytes);
    }
}

template <class G>
void check_shapes(G const& geometry = {}) {
    for (index rows : {1, 2, 5, 17}) {
        for (index cols : {1, 4, 7, 16, 40, 65}) {
            check_partition(geometry, rows, cols);
            check_promises(geometry, rows, cols);
        }
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
    check_shapes(qeval::flat<64>{32}); // sizes that the tensor says
    check_shapes(qeval::per_row{1, 8});
    check_shapes(qeval::per_row{0, 0});
    check_shapes(qeval::per_row{3, 0});
    check_shapes(qeval::group<128>{0, 5});
}

static_assert(qeval::flat<64>{}.groups(3, 40) == 2 && qeval::flat<64>{}.group_of(1, 23, 40) == 0 &&
              qeval::flat<64>{}.group_of(1, 24, 40) == 1);
static_assert(qeval::group<128>{}.groups(3, 200) == 6 && qeval::tile<128, 128>{}.groups(200, 300) == 6);
static_assert(qeval::group<32>{}.lines_up(32, 100) && !qeval::flat<64>{}.lines_up(4, 40) &&
              qeval::flat<64>{}.lines_up(4, 32));
static_assert(qeval::block<256, 32>::whole && !qeval::block<64, 24>::whole);

} // namespace
