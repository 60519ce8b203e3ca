// The qeval driver: every format of the catalog.
// run: formats --model {model}
// run: inspect {model} --plan q4_k_m
// run: eval --model {model} --schemes q8_0,q4_k_m,q2_k --limit 2 --restart --output-path {scratch}
#include <qeval/cli.hpp>
#include <qeval/format/catalog.hpp>

int main(int argc, char** argv) { return qeval::cli::main<qeval::catalog>(argc, argv); }
