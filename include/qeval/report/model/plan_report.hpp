// What a scheme would make of a checkpoint: a table and lines for people, JSON for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/statistics/verdict.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>
#include <qeval/scheme/memory_plan.hpp>
#include <qeval/scheme/planned_matrices.hpp>

namespace qeval {

struct planned_file { // by --output-format
    std::string_view format;
    std::uint64_t    bytes = 0; // of all files that it makes, headers, metadata and tokenizer included
};
struct model_plan {
    std::string                 scheme, recipe;
    std::vector<planned_matrix> matrices;
    memory_plan                 memory  = {};
    std::vector<planned_file>   files   = {}; // by every output format that can hold it
    std::uint64_t               cache   = 0;  // of keys and values
    std::uint64_t               pass    = 0;  // of a forward pass, at most
    std::string                 kv      = {};
    index                       context = 0, sequences = 1, pass_tokens = 0;
};

namespace detail {
[[nodiscard]] inline std::string plan_note(planned_matrix const& m) {
    return m.choice.note + (m.choice.note.empty() || m.unweighed.empty() ? "" : "; ") + m.unweighed;
}
} // namespace detail

// Matrices in a type that this program does not know are left out.
[[nodiscard]] inline text_table plan_table(model_plan const& p) {
    text_table table({{"tensor", true}, {"stored", true}, {"planned", true}, {"bytes", false}, {"note", true}});
    for (auto const& m : p.matrices) {
        if (m.choice.format == nullptr) continue;
        table.add({m.slot.name, m.stored, m.choice.name, std::to_string(m.bytes()), detail::plan_note(m)});
    }
    return table;
}
[[nodiscard]] inline std::vector<std::string> plan_lines(model_plan const& p) {
    auto const& m      = p.memory;
    auto const  scales = m.scales ? text(", {} of them scales and the like", bytes_text(*m.scales)) : std::string();
    auto const  mapped = m.mapped > 0 ? text(", and the {} that stay in the file", bytes_text(m.mapped)) : "";
    std::vector<std::string> lines{text("matrices: {}{}", bytes_text(m.made + m.mapped), scales)};
    for (auto const& f : p.files)
        lines.push_back(text("--output-format {}: {} bytes ({})", f.format,
                             with_commas(static_cast<std::int64_t>(f.bytes)), bytes_text(f.bytes)));
    lines.push_back(text("memory: {} for weights, {} more while the largest is made{}; a cache of {} for {} tokens{}{}",
                         bytes_text(m.made + m.vectors), bytes_text(m.largest), mapped, bytes_text(p.cache), p.context,
                         p.sequences > 1 ? text(" in each of {} sequences", p.sequences) : "",
                         p.kv.empty() ? "" : " in " + p.kv));
    lines.push_back(text("scratch: {} at most for a pass over {} tokens", bytes_text(p.pass), p.pass_tokens));
    return lines;
}
[[nodiscard]] inline json plan_json(model_plan const& p) {
    json matrices = json::array(), files = json::object();
    for (auto const& m : p.matrices) {
        json one{{"name", m.slot.name}, {"stored", m.stored}, {"planned", m.choice.name}};
        one["bytes"] = m.choice.format == nullptr ? json(nullptr) : json(m.bytes());
        if (auto note = detail::plan_note(m); !note.empty()) one["note"] = std::move(note);
        matrices.push_back(std::move(one));
    }
    for (auto const& f : p.files) files[std::string(f.format)] = f.bytes;
    auto const& m = p.memory;
    return {{"scheme", p.scheme},
            {"recipe", p.recipe},
            {"file_bytes", std::move(files)},
            {"matrices", std::move(matrices)},
            {"memory",
             {{"made", m.made},
              {"largest", m.largest},
              {"mapped", m.mapped},
              {"vectors", m.vectors},
              {"scales", m.scales ? json(*m.scales) : json(nullptr)},
              {"cache", p.cache},
              {"context", p.context},
              {"sequences", p.sequences},
              {"scratch", p.pass},
              {"pass_tokens", p.pass_tokens}}}};
}

} // namespace qeval
