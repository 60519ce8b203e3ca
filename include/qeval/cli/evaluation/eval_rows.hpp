// The rows of an evaluation that a command line asks for: its schemes, and what belongs beside them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/model/engines.hpp>
#include <qeval/report/attribution_table.hpp>
#include <qeval/scheme/attribution.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/spec.hpp>

namespace qeval::cli {

struct eval_rows {
    std::vector<std::string>           schemes;    // in the table's order, without the reference
    std::map<std::string, scheme_spec> specs;      // of those that are the local model's, the reference's included
    std::vector<attributed_scheme>     attributed; // whose steps are among the rows

    // Refuses every name that is none, before any work.
    [[nodiscard]] static eval_rows of(eval_options const& options, format_table const& formats) {
        eval_rows rows;
        for (auto const& s : options.schemes) rows.read(s);
        rows.read(options.reference);
        for (auto const& s : options.schemes) {
            if (options.attribute && rows.specs.contains(s)) rows.add_steps(s, formats);
            rows.schemes.push_back(s); // behind its steps; the evaluation leaves out what it has
        }
        if (options.noise_floor) {
            // What differs without any quantization: the reference's weights in other compute types.
            for (std::string const name : {"source@bf16", "source@f16"}) {
                rows.read(name);
                rows.schemes.insert(rows.schemes.begin(), name);
            }
        }
        return rows;
    }

private:
    void read(std::string const& scheme) {
        if (builtin_engines::is<local_rows>(scheme)) specs.emplace(scheme, parse_scheme(scheme));
    }
    // The steps between the reference and a scheme become rows of their own.
    void add_steps(std::string const& scheme, format_table const& formats) {
        attributed.push_back({scheme, {}});
        auto const format = formats.find(specs.at(scheme).weights);
        for (auto const& step : attribution_steps(specs.at(scheme), format != nullptr && format->has_outliers())) {
            attributed.back().parts.emplace_back(step.part, step.spec.name);
            specs.emplace(step.spec.name, step.spec);
            schemes.push_back(step.spec.name);
        }
    }
};

} // namespace qeval::cli
