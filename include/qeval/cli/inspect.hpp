// qeval inspect: what a checkpoint is, from its headers and its tokenizer; with --plan SCHEME what a scheme would make
// of it, to the byte.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <qeval/cli/base/device.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/print_table.hpp>
#include <qeval/cli/base/tables_command.hpp>
#include <qeval/cli/model/model_words.hpp>
#include <qeval/cli/model/words_place.hpp>
#include <qeval/core/counted.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/checkpoint/imatrix.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>
#include <qeval/report/model/checkpoint_facts.hpp>
#include <qeval/report/model/plan_report.hpp>
#include <qeval/report/text/display_text.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>
#include <qeval/scheme/matrix_builder.hpp>
#include <qeval/scheme/memory_plan.hpp>
#include <qeval/scheme/method/quantized_source.hpp>
#include <qeval/scheme/output/any_output.hpp>
#include <qeval/scheme/plan.hpp>
#include <qeval/scheme/planned_matrices.hpp>
#include <qeval/scheme/prescribed_cache.hpp>

namespace qeval::cli {

struct inspect_command : private tables_command<inspect_options> {
    using tables_command::tables_command;

    exit_status run() const {
        checkpoint const file =
            open_checkpoint(options_.path, tables_.formats.gguf_types(), tables_.architectures.gguf_namings());
        thread_pool                                         pool(1);
        quantized_source const                              source(tables_.formats, file, pool);
        std::unique_ptr<model_blueprint<device_type> const> model;
        if (file.hf_config() || file.metadata()) model = tables_.architectures.read(file, source);
        auto const* const described = model ? &model->description() : nullptr;
        words_place const words     = words_of(file, options_.path);
        bool const        plans     = !options_.plan.scheme.empty();
        if (plans && described == nullptr)
            throw usage_error{{"CL02", "--plan, " + options_.path, "tensors without a configuration", "a model", ""}};
        if (plans && options_.output.json) {
            std::puts(json_text(plan_json(planned(file, source, *described, find_words(words), pool)), 2).c_str());
            return exit_status::ok;
        }
        if (options_.output.json) {
            std::puts(json_text(checkpoint_json(file, source, described, find_words(words)), 2).c_str());
            return exit_status::ok;
        }
        for (auto const& f : file.files()) std::printf("%-40s %s\n", f.name.c_str(), bytes_text(f.bytes).c_str());
        for (auto const& w : file.warnings()) std::printf("%s\n", w.c_str());
        print_types(source);
        if (options_.tensors) print_tensors(source);
        if (!described) return exit_status::ok;
        print_model(*described);
        auto const found = find_words(words);
        print_lines(*described, found);
        for (auto const& n : described->facts.notes) std::printf("note: %s\n", n.c_str());
        if (plans) print_plan(planned(file, source, *described, found, pool));
        return exit_status::ok;
    }

private:
    static void print_lines(model_description const& m, found_words const& words) {
        for (auto const& [name, line] : checkpoint_lines(m, words))
            std::fputs(text(" {:<14} {}\n", name, without_controls(line)).c_str(), stdout);
    }
    void print_types(quantized_source const& source) const {
        text_table table(
            {{"type", true}, {"tensors", false}, {"elements", false}, {"bytes", false}, {"bits/w", false}});
        for (auto const& [type, s] : sums_by_type(source)) {
            table.add({type, std::to_string(s.tensors), std::to_string(s.elements), bytes_text(s.bytes),
                       fixed(8.0 * static_cast<double>(s.bytes) / static_cast<double>(s.elements), 3)});
        }
        print_table(table);
    }
    void print_tensors(quantized_source const& source) const {
        text_table table({{"tensor", true}, {"type", true}, {"shape", true}, {"bytes", false}});
        for (auto const& t : source.tensors())
            table.add({t.name, t.type, shape_text(t.shape), std::to_string(t.byte_count())});
        print_table(table);
    }
    void print_model(model_description const& m) const {
        auto const& c     = m.cache;
        auto const  inner = std::ranges::find(m.matrices, tensor_role::mlp_down, &tensor_slot::role);
        std::fputs(text("{}: {}, width {}, feed-forward {}, {} of {} ({} for keys), vocabulary {}, context "
                        "{}{}{}\n",
                        m.architecture, counted(c.layers, "layers"), m.width(),
                        inner == m.matrices.end() ? 0 : inner->cols, counted(c.kv_heads * m.sharing, "heads"),
                        c.head_size, c.kv_heads, m.vocab_size, c.max_tokens, m.tied() ? ", tied head" : "",
                        m.facts.quantized_by.empty() ? "" : ", quantized by " + m.facts.quantized_by)
                       .c_str(),
                   stdout);
    }
    // What the scheme would make, from headers and the tokenizer's files.
    [[nodiscard]] model_plan planned(checkpoint const& file, quantized_source const& source,
                                     model_description const& model, found_words const& words,
                                     thread_pool& pool) const {
        auto const&                      asked = options_.plan;
        std::optional<importance_matrix> importance;
        if (!asked.imatrix.empty()) importance = read_imatrix(asked.imatrix, model.gguf_names);
        auto const* weighed = importance ? &*importance : nullptr;
        auto        spec    = parse_scheme(asked.scheme);
        if (!asked.kv.empty()) spec.kv = asked.kv;
        matrix_builder builder(scheme_plan(spec, model, tables_.formats, importance.has_value()), pool);
        auto const&    plan = builder.plan();
        model_plan     made{asked.scheme, plan.recipe(), planned_matrices(plan, model, finder_in(source), weighed)};
        made.memory = plan_memory(made.matrices, model);
        made.files =
            planned_files({file, source, model, builder, weighed, asked.imatrix, {}, [&words]() -> tokenizer const& {
                               return words.words.value();
                           }});
        made.context     = asked.ctx > 0 ? asked.ctx : model.cache.max_tokens;
        made.sequences   = asked.batch;
        made.pass_tokens = asked.batch_tokens > 0 ? asked.batch_tokens : model_options{}.batch_tokens;
        made.kv          = spec.kv;
        made.pass        = pass_bytes(model, made.pass_tokens);
        auto const kv    = cache_format(tables_.formats, spec, source, model.cache);
        made.cache       = device_type(pool).keeping(kv).cache_bytes(model.cache, made.context) *
                     static_cast<std::uint64_t>(made.sequences);
        return made;
    }
    // Of the format that is asked for, else of all that can hold the model under the scheme.
    [[nodiscard]] std::vector<planned_file> planned_files(quantization const& q) const {
        if (auto const& name = options_.plan.output_format; !name.empty()) {
            auto const format = output_named(name);
            return {{format.name, format.plan(q)->account().file_bytes}};
        }
        std::vector<planned_file> files;
        for (auto const& format : all_outputs()) {
            try {
                files.push_back({format.name, format.plan(q)->account().file_bytes});
            } catch (usage_error const&) { // a container that cannot hold it
            }
        }
        return files;
    }
    static void print_plan(model_plan const& plan) {
        std::printf("%s: %s\n", plan.scheme.c_str(), plan.recipe.c_str());
        print_table(plan_table(plan));
        for (auto const& line : plan_lines(plan)) std::printf(" %s\n", line.c_str());
    }
};

template <>
struct work_of<inspect_options> : work_by<inspect_command> {};

} // namespace qeval::cli
