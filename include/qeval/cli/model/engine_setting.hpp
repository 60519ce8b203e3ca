// What a command's engines are made from, whatever their kind.
#pragma once

#include <map>
#include <string>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/program_tables.hpp>
#include <qeval/scheme/spec.hpp>

namespace qeval::cli {

struct engine_setting {
    program_tables                     tables;
    model_options                      model;
    std::map<std::string, scheme_spec> specs{}; // of schemes that their names do not describe: steps of attribution
    std::string                        reference{};
    bool                               layer_errors = false; // the error of each matrix's weights, but the reference's
};

} // namespace qeval::cli
