// The perplexity of a checkpoint under schemes, from C++.
// run: {model} 2 q8_0 q3_k_m nf4:dq@f16
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <qeval/engine/in_process.hpp>
#include <qeval/eval/text/llamacpp_windows.hpp>
#include <qeval/eval/text/perplexity.hpp>
#include <qeval/eval/text/perplexity_task.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/model/cpu/host.hpp>
#include <qeval/scheme/architecture_table.hpp>
#include <qeval/scheme/build.hpp>
#include <qeval/scheme/table_of.hpp>

namespace q = qeval;

int main(int argc, char** argv) {
    if (argc < 4) return std::fprintf(stderr, "usage: perplexity MODEL-DIRECTORY WINDOWS SCHEME...\n"), 2;
    try {
        // [perplexity]
        q::thread_pool pool;
        auto const     formats = q::table_of<q::catalog>();
        auto const     known   = q::architectures_of<q::cpu::host>();
        auto const     file    = q::open_checkpoint(argv[1], formats.gguf_types(), known.gguf_namings());
        auto const     model   = known.read(file);
        auto const     words   = q::load_tokenizer(argv[1]);
        auto const text = q::perplexity_task<q::llamacpp_half_window>::load(std::string(argv[1]) + "/data/heldout.txt",
                                                                            {.limit = std::atoi(argv[2]), .ctx = 512});

        for (int i = 3; i < argc; ++i) {
            q::built_model built =
                q::build_model(q::cpu::host(pool), formats, q::parse_scheme(argv[i]), *model, file, pool);
            q::in_process<q::tokenizer> engine(std::move(built.model), words);
            auto const                  windows = text.windows(engine);
            auto const losses = q::token_losses(engine, windows, 2048, [](auto...) {}); // -log p of each scored token
            auto const result = q::perplexity_of(losses, windows);
            std::printf("%-12s %.3f bits/weight  perplexity %.3f +- %.3f\n", argv[i], built.account.bits_per_weight(),
                        result.perplexity.value, result.perplexity.error);
        }
        // [/perplexity]
    } catch (q::error const& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return static_cast<int>(e.status());
    }
}
