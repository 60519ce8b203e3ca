// main() of every test program; the same for Catch2 v2 (headers only) and v3.
#define CATCH_CONFIG_RUNNER
#include <tests/support/catch.hpp>

namespace qeval_test {
extern char const* const source_root;
char const* const        source_root = QEVAL_SOURCE_DIR; // the only place that knows where the tree lies
} // namespace qeval_test

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
