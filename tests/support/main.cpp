// main() of every test program; the same for Catch2 v2 (headers only) and v3.
#define CATCH_CONFIG_RUNNER
#include <tests/support/catch.hpp>

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
