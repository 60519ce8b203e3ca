// qeval inspect: what a checkpoint is, from its headers; with --plan SCHEME what a scheme would make of it, to the
// byte.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/commands.hpp>
#include <qeval/cli/host_facts.hpp>
#include <qeval/cli/options.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/checkpoint/imatrix.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/matrix_slots.hpp>
#include <qeval/scheme/plan.hpp>
#include <qeval/scheme/quantized_source.hpp>

namespace qeval::cli {

class inspect_command {
public:
    inspect_command(format_table formats, inspect_options options)
        : formats_(std::move(formats)), options_(std::move(options)) {}

    exit_status run() const {
        checkpoint const       file = open_checkpoint(options_.path, formats_.gguf_types());
        quantized_source const source(formats_, file);
        for (auto const& f : file.files()) std::printf("%-40s %s\n", f.name.c_str(), bytes_text(f.bytes).c_str());
        for (auto const& w : file.warnings()) std::printf("%s\n", w.c_str());
        print_types(source);
        if (options_.tensors) print_tensors(source);
        if (file.hf_config() || file.metadata()) {
            print_config(file.config());
            if (!options_.plan.empty()) print_plan(file.config(), source);
        }
        return exit_status::ok;
    }

private:
    [[nodiscard]] static std::string shape_text(std::vector<index> const& shape) {
        std::string s = "[";
        for (std::size_t i = 0; i < shape.size(); ++i) s += (i ? ", " : "") + std::to_string(shape[i]);
        return s + "]";
    }
    void print(text_table const& table) const {
        std::fputs(table.terminal(is_terminal(1) && std::getenv("NO_COLOR") == nullptr).c_str(), stdout);
    }
    void print_types(quantized_source const& source) const {
        struct sum {
            index         tensors = 0, elements = 0;
            std::uint64_t bytes = 0;
        };
        std::map<std::string, sum> by_type;
        for (auto const& t : source.tensors()) {
            auto& s = by_type[t.type];
            ++s.tensors, s.elements += t.count(), s.bytes += t.bytes.size();
        }
        text_table table(
            {{"type", true}, {"tensors", false}, {"elements", false}, {"bytes", false}, {"bits/w", false}});
        for (auto const& [type, s] : by_type) {
            table.add({type, std::to_string(s.tensors), std::to_string(s.elements), bytes_text(s.bytes),
                       fixed(8.0 * static_cast<double>(s.bytes) / static_cast<double>(s.elements), 3)});
        }
        print(table);
    }
    void print_tensors(quantized_source const& source) const {
        text_table table({{"tensor", true}, {"type", true}, {"shape", true}, {"bytes", false}});
        for (auto const& t : source.tensors())
            table.add({t.name, t.type, shape_text(t.shape), std::to_string(t.bytes.size())});
        print(table);
    }
    void print_config(model_config const& c) const {
        std::printf("%s: %lld layers, width %lld, feed-forward %lld, %lld heads of %lld (%lld for keys), vocabulary "
                    "%lld, context %lld%s%s\n",
                    c.architecture.c_str(), static_cast<long long>(c.num_hidden_layers),
                    static_cast<long long>(c.hidden_size), static_cast<long long>(c.intermediate_size),
                    static_cast<long long>(c.num_attention_heads), static_cast<long long>(c.head_dim),
                    static_cast<long long>(c.num_key_value_heads), static_cast<long long>(c.vocab_size),
                    static_cast<long long>(c.max_position_embeddings), c.tie_word_embeddings ? ", tied head" : "",
                    c.quantization ? (", quantized by " + c.quantization->method).c_str() : "");
    }
    void print_plan(model_config const& config, quantized_source const& source) const {
        bool const        weighed = !options_.imatrix.empty() && read_imatrix(options_.imatrix).size() > 0;
        scheme_plan const plan(parse_scheme(options_.plan), config, formats_, weighed);
        text_table    table({{"tensor", true}, {"stored", true}, {"planned", true}, {"bytes", false}, {"note", true}});
        std::uint64_t sum = 0;
        for (auto const& s : matrix_slots(config, source)) {
            auto const  choice = plan.choose(s.slot, s.stored);
            auto const& format = choice.format;
            if (format == nullptr) continue; // stored in a type that this program does not know; listed above
            auto const bytes = static_cast<std::uint64_t>(format->bytes(s.stored.shape[0], s.stored.shape[1]));
            sum += bytes;
            table.add({s.stored.name, s.stored.type, choice.name, std::to_string(bytes), choice.note});
        }
        std::printf("%s: %s\n", options_.plan.c_str(), plan.recipe().c_str());
        print(table);
        std::printf(" matrices: %s\n", bytes_text(sum).c_str());
    }

    format_table    formats_;
    inspect_options options_;
};

template <>
struct work_of<inspect_options> {
    static exit_status run(inspect_options const& asked, program const& p) {
        return inspect_command(p.formats, asked).run();
    }
};

} // namespace qeval::cli
