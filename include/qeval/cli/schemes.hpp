// qeval schemes: explains the names of schemes.
#pragma once

#include <cstdio>
#include <string>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/print_table.hpp>
#include <qeval/report/text/text_table.hpp>
#include <qeval/scheme/ggml_mixes.hpp>

namespace qeval::cli {

inline void list_schemes() {
    text_table table({{"scheme", true}, {"meaning", true}});
    for (auto const& m : ggml_mixes_2026) {
        auto const revisions = "revisions " + ggml_revisions_of(m.name);
        table.add({std::string(m.name), find_ggml_mix(m.name, "")->needs_importance()
                                            ? "llama.cpp file type that needs --imatrix FILE; " + revisions
                                            : "llama.cpp file type; " + revisions});
    }
    table.add({"source", "weights as stored, exact path: the usual reference"});
    table.add({"FORMAT", "linear layers in a format of `qeval formats`; embedding and head stay in 16 bits"});
    table.add({"all:FORMAT", "every matrix in the format"});
    table.add({"nf4:128, int4:g32, fp8:tensor",
               "the same with groups of another size: 32 .. 4096; in a row; channel, tensor, 128x128"});
    table.add({"int8, int8@bnb",
               "LLM.int8: inputs of 6 and more meet the weights in 16 bits; chosen for each token, or for the batch"});
    table.add({"w8a16, w8a8", "int8:sym, without and with int8 activations (a scale per token)"});
    table.add(
        {"+a=int8, +a=int8:32", "activations in int8, a scale per token or per 32 columns; integer dot products"});
    table.add({"+a=fp8, +a=bf16, ...", "activations rounded to a format of `qeval formats`, then multiplied exactly"});
    table.add({"+kv=FORMAT", "keys and values stored in a block format: f16, bf16, q8_0, ..."});
    table.add({"@f16, @bf16", "operands and results rounded to the type, sums in f32"});
    print_table(table);
    std::puts(" Together: weights[:block][:dq][+a=FORMAT][+kv=FORMAT][@compute][~revision], e.g. nf4:128:dq@f16 or "
              "q4_k_m~2026+kv=q8_0");
}

template <>
struct work_of<schemes_options> {
    static exit_status run(schemes_options const&, program const&) { return list_schemes(), exit_status::ok; }
};

} // namespace qeval::cli
