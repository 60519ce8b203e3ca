// qeval with one format more: every command knows it by its name.
// run: formats
// run: eval --model {model} --schemes tern5 --tasks perplexity:llamacpp --limit 2 --restart --output-path {scratch}
// [main]
#include "tern5.hpp"

#include <qeval/cli.hpp>
#include <qeval/format/catalog.hpp>

int main(int argc, char** argv) { return qeval::cli::main<qeval::catalog, tern5>(argc, argv); }
// [/main]
