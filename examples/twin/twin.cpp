// qeval with one architecture more: every command reads its checkpoints. tiny/ is one with random weights.
// run: inspect {here}/tiny --plan q8_0
// run: bench --model {here}/tiny --schemes source,all:bf16 --prompt-tokens 8 --output-tokens 4 --repetitions 1
// [main]
#include "twin.hpp"

#include <qeval/cli.hpp>
#include <qeval/format/catalog.hpp>

int main(int argc, char** argv) { return qeval::cli::main<qeval::catalog, twin>(argc, argv); }
// [/main]
