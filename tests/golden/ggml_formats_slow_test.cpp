// Three million weights a type, byte for byte against ggml's own encoders.
#include <tests/golden/ggml_check.hpp>
#include <tests/support/catch.hpp>

namespace {

using namespace qeval_test;

TEST_CASE("millions of Gaussian and heavy-tailed weights encode to ggml's bytes", "[golden]") {
    check_ggml_blocks("blocks", [](format_golden const& g) { return g.rows > 96; });
}

TEST_CASE("with importance, too", "[golden]") {
    check_ggml_blocks("blocks, importance", [](format_golden const& g) { return g.rows > 96; });
}

} // namespace
