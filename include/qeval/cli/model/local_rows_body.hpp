// The functions of local_rows.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/model/local_rows.hpp>
#include <qeval/cli/model/memory_check.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/scheme/published_columns.hpp>
#include <qeval/scheme/weight_errors.hpp>

namespace qeval::cli {

QEVAL_DRIVER_ONCE local_rows::local_rows(std::vector<std::string> const& schemes, engine_setting const& setting)
    : setting_(setting), specs_(specs_of(schemes, setting)), model_(setting.tables, setting.model) {
    for (auto const& [scheme, spec] : specs_) {
        refuse_too_large(model_, spec, model_.plan(spec), usable_memory());
        (void)setting.tables.formats.kv(spec.kv);
    }
}
QEVAL_DRIVER_ONCE std::unique_ptr<any_engine> local_rows::open(std::string const& scheme) {
    reset_peak_memory();
    built_model& built = built_[scheme] = model_.build(spec(scheme));
    return model_.engine(std::move(built.model));
}
QEVAL_DRIVER_ONCE void local_rows::describe(scheme_scores& scores, scheme_run& run) {
    scheme_spec const&    spec    = specs_.at(scores.scheme);
    built_model const&    built   = built_.at(scores.scheme);
    scheme_account const& account = built.account;
    scores.bits_per_weight        = account.bits_per_weight();
    scores.weight_bytes           = account.weight_bytes;
    scores.notes                  = account.notes;
    auto const columns            = published_columns_of(spec, setting_.tables.formats);
    scores.origin                 = {{"recipe", built.recipe},
                                     {"quant type", columns.type},
                                     {"compute dtype", columns.compute},
                                     {"double quant", columns.double_quantized},
                                     {"group size", columns.group}};
    if (setting_.layer_errors && scores.scheme != setting_.reference) add_layer_errors(scores, spec);
    for (auto const& k : account.kernels) run.kernel += (run.kernel.empty() ? "" : ", ") + k;
}
QEVAL_DRIVER_ONCE scheme_process local_rows::taken(std::string const&) {
    scheme_process p;
    p.peak_bytes = peak_memory();
    p.threads    = model_.pool().size();
    return p;
}
QEVAL_DRIVER_ONCE provenance local_rows::origin() {
    provenance origin = {{"architecture", model_.description().architecture},
                         {"weights sha256", model_.weights_hash()},
                         {"tokenizer sha256", model_.words().hash()}};
    if (auto const* const importance = model_.importance()) {
        origin.push_back({"importance matrix sha256", importance->sha256()});
        std::string names;
        for (auto const& set : importance->datasets()) names.append(names.empty() ? "" : ", ").append(set);
        if (!names.empty()) origin.push_back({"importance matrix made from", std::move(names)});
    }
    if (setting_.model.context > 0) origin.push_back({"context", std::to_string(setting_.model.context)});
    for (auto const& fact : build_facts()) origin.push_back(fact);
    return origin;
}
QEVAL_DRIVER_ONCE std::map<std::string, scheme_spec> local_rows::specs_of(std::vector<std::string> const& schemes,
                                                                          engine_setting const&           setting) {
    std::map<std::string, scheme_spec> specs;
    for (auto const& s : schemes) {
        auto const known = setting.specs.find(s);
        specs.emplace(s, known != setting.specs.end() ? known->second : parse_scheme(s));
    }
    return specs;
}
QEVAL_DRIVER_ONCE void local_rows::add_layer_errors(scheme_scores& scores, scheme_spec const& spec) {
    for (auto& e : weight_errors(model_.plan(spec), model_.description(), finder_in(model_.source()), model_.pool(),
                                 model_.encoding()))
        scores.tensors.push_back({std::move(e.name), std::move(e.format), e.relative_rmse, e.layer});
}

} // namespace qeval::cli
