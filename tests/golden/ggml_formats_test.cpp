// ggml's formats, byte for byte against ggml's own encoders.
// Also tests ../format/super_block.hpp, ../format/six_bit_affine.hpp, ../format/grid_coded.hpp,
// ../format/grid_search.hpp, ../format/grid_signs.hpp, ../format/grid_neighbours.hpp, ../format/grid/grid_4_256.hpp,
// ../format/grid/grid_4_512.hpp, ../format/grid/grid_8_256.hpp, ../format/grid/grid_8_512.hpp,
// ../format/grid/grid_8_1024.hpp, ../format/grid/grid_8_2048.hpp, ../format/ternary_split.hpp,
// ../format/policy/nearest_product.hpp.
#include <tests/golden/ggml_check.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/sanitized.hpp>

namespace {

using namespace qeval_test;

// A hundred thousand weights of a kind; millions are the slow test's.
bool few(format_golden const& g) {
    return g.rows <= 96 && (!sanitized || g.stream == "sparse" || g.stream == "extremes");
}

TEST_CASE("all kinds of weights encode to ggml's bytes", "[golden]") { check_ggml_blocks("blocks", few); }

TEST_CASE("all kinds of weights encode to ggml's bytes, weighted by importance", "[golden]") {
    check_ggml_blocks("blocks, importance", few);
}

} // namespace
