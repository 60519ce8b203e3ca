// The rows of the evaluation that a command line asks for: its schemes, and the rows that options add.
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
    std::map<std::string, scheme_spec> specs;      // of the schemes of the local model, also of the reference
    std::vector<attributed_scheme>     attributed; // whose steps are among the rows

    // Reads the names of all schemes, before any work. A name that is no scheme is refused.
    [[nodiscard]] static eval_rows of(eval_options const& options, format_table const& formats) {
        eval_rows rows;
        for (auto const& s : options.schemes) rows.read(s);
        rows.read(options.reference);
        for (auto const& s : options.schemes) {
            if (options.attribute && rows.specs.contains(s)) rows.add_steps(s, formats);
            rows.schemes.push_back(s); // behind its steps; the evaluation leaves out schemes that it already has
        }
        if (options.noise_floor) {
            // Shows how much scores change without any quantization: the reference's weights under other compute types.
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
    // Adds the steps between the reference and a scheme as rows.
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
