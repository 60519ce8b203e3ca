// qeval formats: lists every format of the program with its bits per weight, the error that it causes, and how quickly
// weights are encoded and decoded.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/interrupt.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/print_table.hpp>
#include <qeval/cli/base/program_tables.hpp>
#include <qeval/core/samples.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/format/activation.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/kernel/cpu/matrix_kernels.hpp>
#include <qeval/pack/round_trip.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/method/quantized_source.hpp>
#include <qeval/scheme/stored_matrix.hpp>

namespace qeval::cli {

class formats_command {
public:
    formats_command(format_table formats, formats_options options)
        : formats_(std::move(formats)), options_(std::move(options)), pool_(options_.threads) {}

    exit_status run() {
        std::vector<sample> samples;
        samples.push_back({"Gaussian", 512, 1024, gaussian_sample(512 * 1024)});
        samples.push_back({"Laplace", 512, 1024, laplace_sample(512 * 1024)});
        if (!options_.model.empty()) samples.push_back(from_model());

        text_table                      facts({{"format", true},
                                               {"bits/w", false},
                                               {"stored as", true},
                                               {"exact path", true},
                                               {"integer path", true},
                                               {"encode GB/s", false},
                                               {"decode GB/s", false}});
        std::vector<text_table::column> columns{{"format", true}};
        for (auto const& s : samples)
            columns.insert(columns.end(), {{s.name + " RMSE", false}, {"max", false}, {"1 - cos", false}});
        text_table errors(columns);
        json       rows = json::array();
        for (auto const* f : formats_) {
            interrupt::check();
            json                     row{{"format", f->name()}};
            std::vector<std::string> cells{std::string(f->name())};
            for (auto const& s : samples) {
                measured const m = measure(*f, s);
                if (&s == samples.data()) {
                    add_facts(facts, row, *f, m);
                }
                cells.insert(cells.end(), {text("{:.2e}", m.error.rmse), text("{:.2e}", m.error.max),
                                           text("{:.1e}", 1 - m.error.cosine)});
                row[s.name] = {{"rmse", m.error.rmse}, {"max", m.error.max}, {"cosine", m.error.cosine}};
            }
            errors.add(std::move(cells));
            rows.push_back(std::move(row));
        }
        if (options_.json) {
            std::puts(json_text(rows, 2).c_str());
            return exit_status::ok;
        }
        print_table(facts);
        std::printf(" bits/w: on 512 x 1024. GB/s: of weights in 16 bits, %d threads.\n\n", pool_.size());
        print_table(errors);
        std::puts(
            " RMSE and max: over the weights' root mean square. Gaussian and Laplace: 512 x 1024 independent draws.");
        for (auto const& s : samples) {
            if (!s.about.empty()) std::printf(" %s: %s\n", s.name.c_str(), s.about.c_str());
        }
        std::puts(" Formats in planes take other group sizes: nf4:128 (32 .. 4096 weights), int4:g32, int4:channel, "
                  "fp8_e4m3:128x128.\n");
        print_activations(samples);
        return exit_status::ok;
    }

private:
    struct sample {
        std::string        name;
        index              rows = 0, cols = 0;
        std::vector<float> values;
        std::string        about = {};
    };
    struct measured {
        double      bits_per_weight = 0, encode = 0, decode = 0; // the last two in bytes of 16-bit weights a second
        std::string decoder;
        round_trip_error error;
    };

    // The matrix that --tensor names, or else the one in the middle of the checkpoint's list of names.
    [[nodiscard]] sample from_model() {
        checkpoint const                file = open_checkpoint(options_.model, formats_.gguf_types());
        quantized_source const          source(formats_, file, pool_);
        std::vector<tensor_view const*> matrices;
        for (auto const& t : source.tensors()) {
            if (t.shape.size() == 2 && (options_.tensor.empty() || t.name == options_.tensor)) matrices.push_back(&t);
        }
        if (matrices.empty()) {
            throw usage_error{{"CL05", "--tensor " + qeval::quoted(options_.tensor),
                               "no such matrix in " + qeval::quoted(options_.model),
                               "a name that `qeval inspect --tensors` lists", ""}};
        }
        auto const& t = *matrices[matrices.size() / 2];
        return {"tensor", t.shape[0], t.shape[1], matrix_floats(formats_, t, pool_, false),
                t.name + ", stored as " + t.type};
    }

    [[nodiscard]] measured measure(any_format const& f, sample const& s) {
        using clock        = std::chrono::steady_clock;
        auto const seconds = [](clock::time_point a, clock::time_point b) {
            return std::chrono::duration<double>(b - a).count();
        };
        auto const         n      = static_cast<double>(s.values.size());
        double             encode = std::numeric_limits<double>::infinity(), decode = encode;
        std::vector<float> back(s.values.size());
        measured           m;
        for (int i = 0; i < 3; ++i) { // the best of three, since the first one touches new pages
            auto const t0     = clock::now();
            auto const packed = f.pack({s.values.data(), s.rows, s.cols}, pool_);
            auto const t1     = clock::now();
            packed->unpack({back.data(), s.rows, s.cols}, pool_);
            decode            = std::min(decode, seconds(t1, clock::now()));
            encode            = std::min(encode, seconds(t0, t1));
            m.bits_per_weight = 8.0 * static_cast<double>(packed->bytes()) / n;
            m.decoder         = packed->on_cpu().decoder();
            if (seconds(t0, clock::now()) > 0.3) break; // encoders that search take long enough for one measurement
        }
        m.encode = 2 * n / encode, m.decode = 2 * n / decode;
        m.error = compare_round_trip(s.values, back);
        return m;
    }
    // The errors that formats of activations cause on the same rows, and on rows in which one value of 128 is 30 times
    // as large.
    static void print_activations(std::vector<sample> const& samples) {
        std::vector<text_table::column> columns{{"activations", true}, {"bits", false}};
        for (auto const& s : samples)
            columns.insert(columns.end(), {{s.name + " RMSE", false}, {"with outliers", false}});
        text_table table(columns);
        for_each_activation(activation_formats{}, [&](auto tag) {
            using A = typename decltype(tag)::type;
            std::vector<std::string> cells{"+a=" + std::string(A::name), fixed(A::bits, 3)};
            for (auto const& s : samples) {
                auto spiked = s.values;
                for (std::size_t i = 0; i < spiked.size(); i += 128) spiked[i] *= 30;
                for (auto const& x : {s.values, spiked}) {
                    std::vector<float>             back(x.size());
                    matrix_view<float const> const rows(x.data(), s.rows, s.cols);
                    matrix_view<float> const       rounded(back.data(), s.rows, s.cols);
                    for (index r = 0; r < s.rows; ++r) A::round(rows.row(r), rounded.row(r));
                    cells.push_back(text("{:.2e}", compare_round_trip(x, back).rmse));
                }
            }
            table.add(std::move(cells));
        });
        print_table(table);
        std::puts(
            " int8 and fp8: a scale for each row, a token; int8:32 and int8:256: for as many of its values. Outliers: "
            "one column in 128, times 30.");
    }
    static void add_facts(text_table& table, json& row, any_format const& f, measured const& m) {
        std::string const storage =
            f.block_size() == 0 ? "planes" : text("{} bytes / {}", f.block_bytes(), f.block_size());
        table.add({std::string(f.name()), fixed(m.bits_per_weight, 4), storage, m.decoder,
                   f.has_integer_path() ? "int8 dot" : absent, text("{:.3g}", m.encode / 1e9),
                   text("{:.3g}", m.decode / 1e9)});
        row.update({{"bits_per_weight", m.bits_per_weight},
                    {"stored", storage},
                    {"decoder", m.decoder},
                    {"integer_path", f.has_integer_path()},
                    {"encode_bytes_per_second", m.encode},
                    {"decode_bytes_per_second", m.decode}});
    }

    format_table    formats_;
    formats_options options_;
    thread_pool     pool_;
};

template <>
struct work_of<formats_options> {
    static exit_status run(formats_options const& asked, program const& p) {
        return formats_command(p.tables.formats, asked).run();
    }
};

} // namespace qeval::cli
