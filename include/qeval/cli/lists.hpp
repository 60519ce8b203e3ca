// qeval formats, schemes, tasks: what this program knows.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <qeval/cli/host_facts.hpp>
#include <qeval/core/random.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/eval/task.hpp>
#include <qeval/report/text.hpp>
#include <qeval/report/text_table.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/ggml_mixes.hpp>

namespace qeval::cli {

inline void print_table(text_table const& table) {
    std::fputs(table.terminal(is_terminal(1) && std::getenv("NO_COLOR") == nullptr).c_str(), stdout);
}

// 256 x 1024 values, nearly Gaussian: the sum of 12 uniform numbers less 6.
inline std::vector<float> gaussian_sample() {
    random_stream const draw(1);
    std::vector<float>  w(256 * 1024);
    for (std::size_t i = 0; i < w.size(); ++i) {
        double sum = -6;
        for (std::uint64_t k = 0; k < 12; ++k) sum += draw.uniform(12 * i + k);
        w[i] = static_cast<float>(sum);
    }
    return w;
}

inline void list_formats(format_table const& formats) {
    auto const               w = gaussian_sample();
    std::vector<float>       back(w.size());
    thread_pool              pool;
    matrix_view<float const> view(w.data(), 256, 1024);
    double                   norm = 0;
    for (float x : w) norm += double(x) * double(x);

    text_table table({{"format", true}, {"bits/w", false}, {"stored as", true}, {"exact path", true}, {"integer path", true}, {"RMSE/sigma", false}, {"max error", false}});
    for (auto const* f : formats) {
        auto const packed = f->pack(view, pool);
        packed->unpack({back.data(), 256, 1024}, pool);
        double sum = 0, top = 0;
        for (std::size_t i = 0; i < w.size(); ++i) {
            double const e = double(back[i]) - double(w[i]);
            sum += e * e;
            top = std::fmax(top, std::fabs(e));
        }
        std::string const storage = f->block_size() == 0 ? "planes" : text("{} bytes / {}", f->block_bytes(), f->block_size());
        table.add({std::string(f->name()), fixed(8.0 * double(packed->bytes()) / double(w.size()), 4), storage, std::string(packed->decoder()),
                   f->has_integer_path() ? "int8 dot" : absent, text("{:.2e}", std::sqrt(sum / norm)), text("{:.2e}", top)});
    }
    print_table(table);
    std::puts(" bits/w and errors: on a 256 x 1024 matrix of nearly Gaussian values, sigma 1.");
}

inline void list_schemes() {
    text_table table({{"scheme", true}, {"meaning", true}});
    for (auto const& m : ggml_mixes) table.add({std::string(m.name), "llama.cpp file type; ~2025-02 (default) or ~2026 names the revision of its rules"});
    table.add({"source", "weights as stored, exact path: the usual reference"});
    table.add({"FORMAT", "linear layers in a format of `qeval formats`; embedding and head stay in 16 bits"});
    table.add({"all:FORMAT", "every matrix in the format"});
    table.add({"w8a16, w8a8", "int8_channel, without and with int8 activations (a scale per token)"});
    table.add({"+a=int8, +a=int8:32", "activations in int8, a scale per token or per 32 columns; integer dot products"});
    table.add({"+kv=FORMAT", "keys and values stored in a block format: f16, bf16, q8_0, ..."});
    table.add({"@f16, @bf16", "operands and results rounded to the type, sums in f32"});
    print_table(table);
    std::puts(" Together: weights[:block][:dq][+a=FORMAT][+kv=FORMAT][@compute][~revision], e.g. nf4:128:dq@f16 or q4_k_m~2026+kv=q8_0");
}

inline void list_tasks() {
    text_table table({{"task", true}, {"file below --data", true}});
    for (auto name : builtin_tasks::names()) table.add({std::string(name), std::string(builtin_tasks::file_of(name))});
    print_table(table);
}

} // namespace qeval::cli
