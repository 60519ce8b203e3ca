// ggml's formats, byte for byte against ggml's own encoders.
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
