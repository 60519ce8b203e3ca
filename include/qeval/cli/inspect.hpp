// qeval inspect: what a checkpoint is, from its headers and its tokenizer; with --plan SCHEME what a scheme would make
// of it, to the byte.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <qeval/cli/base/device.hpp>
#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/base/options.hpp>
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
#include <qeval/model/slot_tensor.hpp>
#include <qeval/report/model/checkpoint_facts.hpp>
#include <qeval/report/text/display_text.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>
#include <qeval/scheme/matrix_builder.hpp>
#include <qeval/scheme/memory_plan.hpp>
#include <qeval/scheme/method/quantized_source.hpp>
#include <qeval/scheme/plan.hpp>
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
        print_lines(*described, find_words(words));
        for (auto const& n : described->facts.notes) std::printf("note: %s\n", n.c_str());
        if (!options_.plan.empty()) print_plan(*described, source);
        return exit_status::ok;
    }

private:
    static void print_lines(model_description const& m, found_words const& words) {
        for (auto const& [name, line] : checkpoint_lines(m, words))
            std::fputs(text(" {:<14} {}\n", name, without_controls(line)).c_str(), stdout);
    }
    void print(text_table const& table) const {
        std::fputs(table.terminal(is_terminal(1) && std::getenv("NO_COLOR") == nullptr).c_str(), stdout);
    }
    void print_types(quantized_source const& source) const {
        text_table table(
            {{"type", true}, {"tensors", false}, {"elements", false}, {"bytes", false}, {"bits/w", false}});
        for (auto const& [type, s] : sums_by_type(source)) {
            table.add({type, std::to_string(s.tensors), std::to_string(s.elements), bytes_text(s.bytes),
                       fixed(8.0 * static_cast<double>(s.bytes) / static_cast<double>(s.elements), 3)});
        }
        print(table);
    }
    void print_tensors(quantized_source const& source) const {
        text_table table({{"tensor", true}, {"type", true}, {"shape", true}, {"bytes", false}});
        for (auto const& t : source.tensors())
            table.add({t.name, t.type, shape_text(t.shape), std::to_string(t.byte_count())});
        print(table);
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
    void print_plan(model_description const& model, quantized_source const& source) const {
        std::optional<importance_matrix> importance;
        if (!options_.imatrix.empty()) importance = read_imatrix(options_.imatrix, model.gguf_names);
        scheme_plan const plan(parse_scheme(options_.plan), model, tables_.formats, importance.has_value());
        text_table table({{"tensor", true}, {"stored", true}, {"planned", true}, {"bytes", false}, {"note", true}});
        auto const find   = finder_in(source);
        auto const memory = plan_memory(plan, model, find);
        for (auto const& slot : model.matrices) {
            tensor_view const stored = described_tensor(find, slot);
            auto const        choice = plan.choose(slot, stored);
            auto const&       format = choice.format;
            if (format == nullptr) continue; // stored in a type that this program does not know; listed above
            auto const bytes = static_cast<std::uint64_t>(format->bytes(stored.shape[0], stored.shape[1]));
            auto       note  = choice.note;
            if (importance && !same_name(stored.type, format->name())) {
                auto const missing = missing_importance(*importance, slot, *format);
                note += (note.empty() || missing.empty() ? "" : "; ") + missing;
            }
            table.add({stored.name, stored.type, choice.name, std::to_string(bytes), note});
        }
        std::printf("%s: %s\n", options_.plan.c_str(), plan.recipe().c_str());
        print(table);
        std::printf(" matrices: %s\n", bytes_text(memory.made + memory.mapped).c_str());
        print_memory(memory, model, cache_format(tables_.formats, plan.spec(), source, model.cache));
    }
    void print_memory(memory_plan const& m, model_description const& model, kv_format const* kv) const {
        thread_pool pool(1);
        auto const  all    = device(pool).keeping(kv).cache_bytes(model.cache, model.cache.max_tokens);
        std::string mapped = m.mapped > 0 ? text(", and the {} that stay in the file", bytes_text(m.mapped)) : "";
        std::fputs(text(" memory: {} for weights, {} more while the largest is made{}; a cache of {} for {} tokens\n",
                        bytes_text(m.made + m.vectors), bytes_text(m.largest), mapped, bytes_text(all),
                        model.cache.max_tokens)
                       .c_str(),
                   stdout);
    }
};

template <>
struct work_of<inspect_options> : work_by<inspect_command> {};

} // namespace qeval::cli
